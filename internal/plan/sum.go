package plan

import (
	"maps"
	"slices"

	"rollcall/batcher"
)

// missing enters those whom Okta has and the table does not, and counts the others who are Unchanged.
func (m *maker) missing() {
	for id, u := range m.roster.users {
		if u.seen {
			if m.people[id] == nil {
				m.totals.Unchanged++
			}
			continue
		}
		if d := m.leaver(id, u, false, whyMissing); d != nil {
			m.people[id] = d
		}
	}
}

// plan sums up.
func (m *maker) plan(guard batcher.GuardState) Plan {
	p := Plan{People: make([]Person, 0, len(m.people)+len(m.nobody)), Totals: m.totals}
	p.Guard = Guard{Deactivated: len(guard.Deactivated), Limit: guard.Limit}
	t := &p.Totals
	t.Users = m.roster.listed
	fresh := 0
	var upserts, deletes packing
	for _, id := range slices.Sorted(maps.Keys(m.people)) {
		d := m.people[id]
		if d.change == Unchanged {
			t.Unchanged++
			continue
		}
		p.People = append(p.People, Person{Person: m.Name(id), Change: d.change, Why: d.why, Attributes: d.attributes})
		switch d.change {
		case Create:
			t.Create++
			upserts.add(d.size)
		case Update:
			t.Update++
			upserts.add(d.size)
		case Reactivate:
			t.Reactivate++
			upserts.add(d.size)
		case Deactivate:
			t.Deactivate++
			deletes.add(d.size)
			if d.why == whyMissing {
				t.Missing++
			}
			if !guard.Deactivated[id] && !guard.Approved[id] {
				fresh++
			}
		case Rejected:
			t.Rejected++
		}
	}
	p.People = append(p.People, m.nobody...)
	t.Rejected += len(m.nobody)
	if t.Deactivate > 0 {
		p.Guard.Holds = guard.Reason(fresh)
	}
	p.Cost = costOf(upserts.loads + deletes.loads)
	return p
}
