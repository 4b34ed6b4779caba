package sim

import (
	"math/rand/v2"
	"slices"
	"time"
)

// flood makes of a play one in which an empty org is to have more people than a load and a message hold.
func flood(r *rand.Rand, p *plan) {
	vast(r, p)
	p.flavor.rows = 560 + r.IntN(200)
}

// heavy makes of a play one in which an empty org is to have people so large that two or three fill a load, and more of
// them than the loads of a session hold.
func heavy(r *rand.Rand, p *plan) {
	vast(r, p)
	f := &p.flavor
	f.rows, f.fat, f.deadline = 170+r.IntN(20), true, 15*time.Minute
	if f.org.RateLimit > 0 {
		f.org.RateLimit = 15
	}
}

func vast(r *rand.Rand, p *plan) {
	f := &p.flavor
	f.empty, f.fat, f.night, f.trickle, f.urgent, f.twins, f.protected = true, false, false, false, false, false, ""
	f.guardMin, f.poison, f.org.Poison, f.org.ImportErrorRate = 1000, nil, nil, pick(r, 0, 0, 0.3)
	f.org.PersonTime = time.Millisecond
	f.span = min(f.span, 20*time.Minute)
	if f.calm = r.IntN(2) == 0; f.calm {
		f.rates, f.org.ImportErrorRate = rates{}, 0
	}
	kept := min(12, len(p.ops))
	p.ops = slices.DeleteFunc(p.ops[:kept], func(o op) bool { return o.kind == opVanish || o.at > f.span })
	for range 30 {
		p.add(r, time.Duration(r.Int64N(int64(f.span))), pick(r, opChange, opLeave, opDelete, opPut), r.IntN(f.rows))
	}
	p.ordered()
}
