package oktasim

import (
	"encoding/binary"
	"hash/fnv"
)

// draw is a number that seed, kind and the parts alone decide, so that chance needs no state and survives a restart.
func draw(seed uint64, kind string, parts ...uint64) uint64 {
	h := fnv.New64a()
	var word [8]byte
	binary.LittleEndian.PutUint64(word[:], seed)
	h.Write(word[:])
	h.Write([]byte(kind))
	for _, part := range parts {
		binary.LittleEndian.PutUint64(word[:], part)
		h.Write(word[:])
	}
	return mix(h.Sum64())
}

// mix is the finaliser of splitmix64: without it neighbouring numbers give neighbouring draws.
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// hash makes a part of a text.
func hash(text string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return h.Sum64()
}

// chance says whether a draw falls into a share of 0 to 1.
func chance(share float64, drawn uint64) bool {
	return float64(drawn>>11)/(1<<53) < share
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// newID is an id in Okta's form: 20 characters, the first three of them saying of what.
func newID(seed uint64, kind string, n uint64) string {
	id := []byte(kind)
	x := draw(seed, kind, n)
	for len(id) < 13 {
		id = append(id, digits[x%62])
		x /= 62
	}
	// The number itself, in the last seven characters, keeps ids of one kind apart.
	tail := make([]byte, 20-len(id))
	for i := len(tail) - 1; i >= 0; i-- {
		tail[i] = digits[n%62]
		n /= 62
	}
	return string(append(id, tail...))
}
