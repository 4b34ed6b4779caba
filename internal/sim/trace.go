package sim

import (
	"encoding/binary"
	"fmt"
	"hash"
	"hash/fnv"
	"time"
)

// trace is what happened, step by step. Its hash tells whether two plays were the same.
type trace struct {
	start time.Time
	steps int
	hash  hash.Hash64
	// lines are kept where somebody will read them.
	keep  bool
	lines []string
}

func newTrace(keep bool) *trace {
	return &trace{start: time.Now(), hash: fnv.New64a(), keep: keep}
}

// step notes an effect and what was done to it.
func (t *trace) step(label string, v verdict) {
	t.steps++
	var word [17]byte
	binary.LittleEndian.PutUint64(word[:], uint64(time.Since(t.start)))
	binary.LittleEndian.PutUint64(word[8:], uint64(v.wait))
	word[16] = byte(v.fault)
	t.hash.Write(word[:])
	t.hash.Write([]byte(label))
	if !t.keep {
		return
	}
	line := label
	if v.fault != faultNone {
		line += "  ← " + v.fault.String()
		if v.wait > 0 {
			line += " " + v.wait.Round(time.Millisecond).String()
		}
	}
	t.note("%s", line)
}

// note adds a line about what is no effect of its own.
func (t *trace) note(format string, args ...any) {
	if !t.keep {
		return
	}
	at := time.Since(t.start).Round(time.Millisecond)
	t.lines = append(t.lines, fmt.Sprintf("%12s  ", at)+fmt.Sprintf(format, args...))
}
