package sim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// ordered puts what was added to a play in its place.
func (p *plan) ordered() {
	slices.SortStableFunc(p.ops, func(a, b op) int { return cmp.Compare(a.at, b.at) })
}

// add adds an op within the second after a time.
func (p *plan) add(r *rand.Rand, at time.Duration, kind opKind, row int) {
	p.ops = append(p.ops, op{at: at + time.Duration(r.IntN(1e9)), kind: kind, row: row, n: r.IntN(1 << 20)})
}

// crowd makes of a play one in which many people change at once, with poison among them: sessions fail till those at fault
// travel alone, and nobody else may come to harm by it.
func crowd(r *rand.Rand, p *plan) {
	f := &p.flavor
	f.rows, f.fat, f.empty, f.night, f.trickle, f.urgent = 16+r.IntN(8), false, r.IntN(3) == 0, false, false, false
	f.org.ImportErrorRate, f.org.Cooldown = 0, pick(r, 0, 20*time.Second)
	f.org.ImportTime = pick(r, time.Second, 10*time.Second)
	f.guardMin, f.protected = 1000, ""
	if r.IntN(2) == 0 { // so that a session gets no second load
		f.deadline = 3 * time.Minute
	}
	if r.IntN(2) == 0 {
		f.rates = rates{}
	}
	f.poison = nil
	for _, row := range r.Perm(f.rows)[:1+r.IntN(3)] {
		f.poison = append(f.poison, personName(row))
	}
	f.org.Poison = f.poison
	p.ops = slices.DeleteFunc(p.ops, func(o op) bool { return o.at > 5*time.Minute || o.row >= f.rows || o.kind == opVanish })
	for at := time.Minute; at < f.span; at += time.Duration(4+r.IntN(10)) * time.Minute {
		for row := range f.rows {
			p.add(r, at, pick(r, opChange, opChange, opMend), row)
			switch r.IntN(6) {
			case 0:
				p.add(r, at+5*time.Second, opLeave, row)
				p.add(r, at+time.Duration(10+r.IntN(200))*time.Second, opReturn, row)
			case 1:
				p.add(r, at+5*time.Second, opDelete, row)
				p.add(r, at+time.Duration(10+r.IntN(200))*time.Second, opPut, row)
			}
		}
	}
	p.ordered()
}

// twoAtOnce makes of a play one in which two flushers always have something to do, their sessions take their time, and
// their processes stand still in between.
func twoAtOnce(r *rand.Rand, p *plan) {
	f := &p.flavor
	f.twins, f.calm, f.night, f.empty, f.urgent, f.protected = true, false, false, false, false, ""
	f.poison, f.org.Poison, f.guardMin = nil, nil, 1000
	f.fat, f.rows = true, 12
	f.rates.pause, f.rates.kill = pick(r, 0, 0.004, 0.01), pick(r, 0, 0.003, 0.01)
	f.org.RateLimit = pick(r, 0, 10, 15)
	if f.uploads = 4; f.org.RateLimit > 0 {
		f.uploads = 1
	}
	f.org.Cooldown, f.org.ImportTime = 0, pick(r, time.Second, 10*time.Second)
	f.org.CreateWhileLoading = r.IntN(3) > 0
	f.span = min(f.span, 25*time.Minute)
	for range 2 + r.IntN(5) {
		p.add(r, time.Duration(r.Int64N(int64(f.span))), opSquat, 0)
	}
	p.ops = slices.DeleteFunc(p.ops, func(o op) bool { return o.row >= f.rows || o.at > f.span || o.kind == opVanish })
	for at := time.Minute; at < f.span; at += time.Duration(20+r.IntN(100)) * time.Second {
		for row := range f.rows {
			if r.IntN(3) > 0 {
				p.add(r, at+time.Duration(r.IntN(20))*time.Second, pick(r, opChange, opChange, opChange, opLeave, opReturn, opMend), row)
			}
		}
	}
	p.ordered()
}

// relay makes of a play one in which two flushers take the work from each other while few people are spoiled and mended
// over and over.
func relay(r *rand.Rand, p *plan) {
	twoAtOnce(r, p)
	f := &p.flavor
	f.fat, f.rows, f.indexed, f.indexLag = false, 6, false, 0
	f.rates.pause, f.rates.fail = 0.03, pick(r, 0, 0.03)
	f.org.ImportErrorRate, f.org.ImportTime = 0, time.Second
	f.skew = pick(r, f.skew, -25*time.Second)
	p.ops = nil
	for range 5 {
		p.add(r, time.Duration(r.Int64N(int64(f.span))), opSquat, 0)
	}
	for row := range f.rows {
		for at := time.Duration(r.IntN(60)) * time.Second; at < f.span; {
			p.add(r, at, opSpoil, row)
			at += time.Duration(40+r.IntN(100)) * time.Second
			p.add(r, at, opMend, row)
			at += time.Duration(20+r.IntN(60)) * time.Second
		}
		p.add(r, f.span, opSpoil, row)
	}
	p.ordered()
}
