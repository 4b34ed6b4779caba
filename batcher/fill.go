package batcher

import (
	"rollcall/okta"
)

// load is one bulk upload: indexes of people, all of them upserts or all of them deactivations.
type load struct {
	deactivate bool
	people     []int
}

// limits of a load; okta's, but for tests.
type loadLimits struct {
	people, bytes, loads int
}

var oktaLimits = loadLimits{people: okta.MaxLoadPeople, bytes: okta.MaxLoadBytes, loads: okta.MaxLoads}

// fill puts the people who are to be told to Okta into loads: deactivations before upserts, so that leavers are never
// those who do not fit; people under suspicion in smaller loads of their own, the smaller the more often they were in a
// refused one. It keeps the order of the people otherwise. Rest holds those who did not fit into the session; a person
// too large for any load becomes a reject.
func fill(people []person, limits loadLimits) (loads []load, rest []int) {
	for _, deactivate := range []bool{true, false} {
		open := map[int]int{} // suspicion → index of the load being filled
		size := map[int]int{}
		for i := range people {
			p := &people[i]
			if p.action != actUpsert && p.action != actDeactivate || (p.action == actDeactivate) != deactivate {
				continue
			}
			n := entrySize(p)
			if n+okta.LoadEnvelope > limits.bytes {
				p.action, p.reason = actReject, "profile: larger than one load may be"
				continue
			}
			level := p.intent.Suspect
			at, filling := open[level]
			if !filling || len(loads[at].people) >= loadSize(level, limits.people) || size[level]+n > limits.bytes {
				if len(loads) == limits.loads {
					rest = append(rest, i)
					continue
				}
				at = len(loads)
				loads = append(loads, load{deactivate: deactivate})
				open[level], size[level] = at, okta.LoadEnvelope
			}
			loads[at].people = append(loads[at].people, i)
			size[level] += n
		}
	}
	return loads, rest
}

// loadSize is how many people a load of that suspicion holds: a quarter with each refused load, at least one.
func loadSize(suspect, most int) int {
	return max(1, most>>min(2*suspect, 30))
}

func entrySize(p *person) int {
	if p.action == actDeactivate {
		return okta.DeleteSize(p.intent.ExternalID)
	}
	return okta.UpsertSize(p.intent.ExternalID, len(p.profile))
}
