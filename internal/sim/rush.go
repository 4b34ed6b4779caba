package sim

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// rush makes of a play with the urgent lane one in which it has much to do: while imports are in flight people leave, many
// of them come back at once or are moved, calls that take somebody out land late, and one person whom no call takes out is
// among them. Half of these plays have nothing else in the way, so that the bounds on waiting hold as they stand.
func rush(r *rand.Rand, p *plan) {
	f := &p.flavor
	refused := r.IntN(f.rows)
	if r.IntN(2) == 0 {
		f.undeletable = personName(refused)
		f.org.Undeletable = []string{f.undeletable}
	}
	f.guardMin, f.empty, f.night = pick(r, 1000, 1000, f.guardMin), false, false
	until := f.span
	if f.calm = r.IntN(2) == 0; f.calm {
		f.rates, f.poison, f.trickle, f.twins = rates{}, nil, false, false
		if f.org.RateLimit = pick(r, 0, f.org.RateLimit); f.org.RateLimit == 0 {
			f.uploads = 4
		}
		if r.IntN(2) == 0 { // after a while little happens any more
			f.span, until = 40*time.Minute, 20*time.Minute
			f.org.ImportTime = pick(r, time.Second, 10*time.Second)
		} else {
			f.org.ImportTime = pick(r, 2*time.Minute, 8*time.Minute)
		}
		f.org.Poison, f.org.ImportErrorRate = nil, 0
		p.ops = slices.DeleteFunc(p.ops, func(o op) bool { return !slices.Contains(everyday, o.kind) })
	} else {
		f.rates.late = pick(r, 0.5, 0.9)
		f.org.Cooldown, f.org.ImportTime = 0, pick(r, f.org.ImportTime, 10*time.Second, time.Minute)
	}
	add := func(at time.Duration, kind opKind, row int) {
		p.ops = append(p.ops, op{at: at + time.Duration(r.IntN(1e9)), kind: kind, row: row, n: r.IntN(1 << 20)})
	}
	rows := r.Perm(f.rows) // in turn, so that what becomes of one is not soon mended by another change
	for at := time.Minute; at < until; at += time.Duration(60+r.IntN(400)) * time.Second {
		add(at, opChange, r.IntN(f.rows)) // this has an import in flight soon
		add(at+time.Second, opPut, r.IntN(f.rows))
		leaves := at + time.Duration(15+r.IntN(60))*time.Second
		if f.undeletable != "" {
			add(at, opMend, refused)
			add(leaves, opLeave, refused)
		}
		for range 1 + r.IntN(8) {
			row := rows[0]
			rows = append(rows[1:], row)
			switch kind := pick(r, opLeave, opLeave, opDelete, opMove); {
			case kind == opMove && f.indexed:
				add(leaves, opMove, row)
			default:
				add(leaves, pick(r, opLeave, opLeave, opDelete), row)
				if r.IntN(2) == 0 {
					add(leaves+time.Duration(2+r.IntN(70))*time.Second, pick(r, opReturn, opMend, opPut), row)
				}
			}
			leaves += pick(r, 0, time.Second, 10*time.Second)
		}
	}
	add(until+time.Minute, opLeave, r.IntN(f.rows))
	slices.SortStableFunc(p.ops, func(a, b op) int { return cmp.Compare(a.at, b.at) })
}

// refusal makes of a play with the urgent lane one in which somebody whom no call takes out leaves together with others,
// time and again, while long imports are in flight and nothing else is in the way.
func refusal(r *rand.Rand, p *plan) {
	f := &p.flavor
	p.quiet()
	f.urgent, f.indexed, f.indexLag, f.org.ImportTime = true, false, 0, 8*time.Minute
	rows := r.Perm(f.rows)
	f.undeletable = personName(rows[0])
	f.org.Undeletable = []string{f.undeletable}
	for at := time.Minute; at < f.span; at += time.Duration(10+r.IntN(4)) * time.Minute {
		others := 1 + r.IntN(3)
		leaves := at + 112*time.Second // between two invocations, so that one round has them all
		for _, row := range rows[:1+others] {
			p.add(r, at, opMend, row)
			p.add(r, leaves+time.Duration(r.IntN(4))*time.Second, opLeave, row)
		}
		rows = append(append(rows[:1:1], rows[1+others:]...), rows[1:1+others]...)
	}
	p.ordered()
}

// lateCalls makes of a play with the urgent lane one in which every call lands late, after those whom it takes out have come
// back for good.
func lateCalls(r *rand.Rand, p *plan) {
	f := &p.flavor
	p.quiet()
	f.urgent, f.indexed, f.indexLag, f.org.ImportTime = true, false, 0, 2*time.Minute
	f.calm, f.rates.late = false, 0.9
	for _, row := range r.Perm(f.rows) {
		at := time.Minute + time.Duration(r.Int64N(int64(f.span-2*time.Minute)))
		p.add(r, at, opChange, (row+1)%f.rows)
		at += time.Duration(20+r.IntN(60)) * time.Second
		p.add(r, at, pick(r, opLeave, opDelete), row)
		p.add(r, at+time.Duration(8+r.IntN(60))*time.Second, pick(r, opReturn, opPut), row)
	}
	p.ordered()
}

// quiet takes out of a play all that is in the way of anybody.
func (p *plan) quiet() {
	f := &p.flavor
	f.calm, f.rates, f.poison, f.trickle, f.twins, f.night, f.empty, f.fat, f.deadly = true, rates{}, nil, false, false, false, false, false, false
	f.org.Poison, f.org.ImportErrorRate, f.org.Cooldown, f.org.RateLimit, f.uploads = nil, 0, 0, 0, 4
	f.guardMin, f.protected, f.deadline, f.span = 1000, "", 15*time.Minute, max(f.span, 30*time.Minute)
	p.ops = nil
}
