package sample

import (
	"math/rand/v2"
	"strings"
)

// dice are thrown by a generator whose algorithm is fixed, so that a seed means the same people with every release of Go.
type dice struct{ source *rand.PCG }

func newDice(seed uint64) *dice { return &dice{source: rand.NewPCG(seed, 0)} }

// below returns a number from 0 to n-1. The slight favour for small ones does not matter here.
func (d *dice) below(n int) int { return int(d.source.Uint64() % uint64(n)) }

// digits replaces each # of a pattern by a digit.
func (d *dice) digits(pattern string) string {
	return strings.Map(func(r rune) rune {
		if r == '#' {
			return rune('0' + d.below(10))
		}
		return r
	}, pattern)
}

func pick[T any](d *dice, from []T) T { return from[d.below(len(from))] }
