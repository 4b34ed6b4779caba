package sim

import (
	"math/rand/v2"
	"slices"
	"time"
)

// ward makes of a play one in which the guard holds people over and over, an operator lets some of them out and leaves
// others, sessions with them fail, some come back and leave again, and one who is protected leaves for good while old
// records of them still come.
func ward(r *rand.Rand, p *plan) {
	f := &p.flavor
	f.rows, f.fat, f.empty, f.night, f.urgent = max(f.rows, 12), false, false, false, false
	f.guardMin, f.guardPercent = 1+r.IntN(4), 0
	f.poison, f.org.Poison = nil, nil
	f.org.Cooldown = pick(r, 0, 20*time.Second)
	f.org.ImportTime = pick(r, time.Second, 10*time.Second, 2*time.Minute)
	if f.calm = r.IntN(3) == 0; f.calm {
		f.rates, f.org.ImportErrorRate = rates{}, 0
	} else {
		f.org.ImportErrorRate = pick(r, 0, 0.3, 0.5)
		f.rates.operator, f.rates.kill = pick(r, 0.2, 0.4), pick(r, 0, 0.01, 0.02)
		f.rates.fail = pick(r, f.rates.fail, 0.08, 0.15)
	}
	protected := r.IntN(f.rows)
	if f.protected = ""; r.IntN(4) > 0 {
		f.protected = personName(protected)
	}
	p.ops = slices.DeleteFunc(p.ops, func(o op) bool { // no outage goes on, and nobody is back of whom nothing tells
		return o.kind == opVanish || slices.Contains(everyday, o.kind) && (o.row == protected || o.row < f.rows/3 || r.IntN(2) == 0)
	})
	for at := time.Minute; at < f.span; at += time.Duration(4+r.IntN(8)) * time.Minute {
		leaving := r.Perm(f.rows)[:4+r.IntN(6)]
		for _, row := range leaving {
			if row == protected || row < f.rows/3 {
				continue
			}
			p.add(r, at, opMend, row)
			p.add(r, at+time.Duration(30+r.IntN(60))*time.Second, pick(r, opLeave, opLeave, opDelete), row)
			p.add(r, at+pick(r, 90*time.Second, 4*time.Minute), pick(r, opDeactivate, opReplay, opReturn, opSay), row)
		}
		p.add(r, at+time.Duration(60+r.IntN(120))*time.Second, pick(r, opRelease, opRelease, opDiscard, opRetry), 0)
	}
	p.add(r, time.Minute, opPut, protected)
	gone := f.span - time.Duration(1+r.IntN(6))*time.Minute
	p.add(r, gone, opDelete, protected)
	for range 4 {
		p.add(r, gone+time.Duration(60+r.IntN(900))*time.Second, opSay, protected)
	}
	for row := range f.rows / 3 { // rejected, and mended for good
		if row == protected {
			continue
		}
		at := time.Duration(1+r.IntN(int(f.span/time.Minute))) * time.Minute
		p.add(r, at, opSpoil, row)
		p.add(r, at+time.Duration(2+r.IntN(4))*time.Minute, opMend, row)
	}
	p.ordered()
}

// slow makes of a play one whose imports take more than an hour, while flushers are killed at short deadlines.
func slow(r *rand.Rand, p *plan) {
	f := &p.flavor
	f.org.ImportTime, f.org.ImportErrorRate = time.Duration(61+r.IntN(30))*time.Minute, 0
	f.poison, f.org.Poison, f.night, f.trickle = nil, nil, false, false
	f.deadline, f.deadly = pick(r, 3*time.Minute, 4*time.Minute), !f.calm
	p.ops = slices.DeleteFunc(p.ops, func(o op) bool { return o.kind == opStranger || o.kind == opClose })
	for at := f.span / 2; at < f.span+90*time.Minute; at += time.Duration(5+r.IntN(40)) * time.Minute {
		p.add(r, at, pick(r, opChange, opPut, opLeave, opReturn), r.IntN(f.rows))
	}
	p.ordered()
}
