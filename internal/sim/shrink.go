package sim

import (
	"maps"
	"slices"
	"testing"
	"time"
)

// shrink drops operations and faults from a plan that fails for as long as the same invariant breaks, and returns the last
// play that failed. It stops when nothing can be dropped or the time is over.
func shrink(t *testing.T, failed outcome, limit time.Duration) outcome {
	s := shrinker{t: t, best: failed, end: time.Now().Add(limit)}
	for size := -1; size != s.size() && time.Now().Before(s.end); {
		size = s.size()
		s.drop(func() int { return len(s.best.plan.ops) }, func(p *plan, from, to int) {
			p.ops = slices.Concat(p.ops[:from], p.beginning(from, to), p.ops[to:])
		})
		s.drop(func() int { return len(s.best.made) }, func(p *plan, from, to int) {
			p.banned = maps.Clone(p.banned)
			if p.banned == nil {
				p.banned = map[string]bool{}
			}
			for _, name := range s.best.made[from:to] {
				p.banned[name] = true
			}
		})
	}
	return run(t, s.best.plan, true)
}

// beginning are those of some ops that a play cannot do without: an org that begins empty is to be told of everybody.
func (p *plan) beginning(from, to int) []op {
	first := slices.IndexFunc(p.ops, func(o op) bool { return o.kind == opSync })
	if p.flavor.empty && from <= first && first < to {
		return p.ops[first : first+1]
	}
	return nil
}

type shrinker struct {
	t    *testing.T
	best outcome
	end  time.Time
}

func (s *shrinker) size() int { return len(s.best.plan.ops) + len(s.best.made) }

// drop tries to do without each part of some things, the large parts first. A part that is gone makes the rest move up.
func (s *shrinker) drop(count func() int, without func(p *plan, from, to int)) {
	for part := count(); part > 0; part /= 2 {
		for from := 0; from+part <= count() && time.Now().Before(s.end); {
			p, before := s.best.plan, count()
			without(&p, from, from+part)
			if o := run(s.t, p, false); s.same(o) {
				s.best = o
			}
			if count() >= before {
				from += part
			}
		}
	}
}

func (s *shrinker) same(o outcome) bool {
	if s.best.broken != nil {
		return o.broken != nil
	}
	return len(o.failures) > 0 && o.failures[0].invariant == s.best.failures[0].invariant
}
