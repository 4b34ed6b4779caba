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
