package sim

import (
	"rollcall/batcher"
	"rollcall/intent"
)

// The invariants about whom the guard holds.

// listed is told of every list of the control table: what a flush's guard goes by is what it last saw.
func (c *checks) listed(a *actor, kind string) {
	if a.run == nil {
		return
	}
	ids := map[string]bool{}
	for key := range c.house.store.entries {
		if key.kind == kind && c.house.store.at(kind, key.id).Version > 0 {
			ids[key.id] = true
			a.run.versions[storeKey{kind, key.id}] = c.house.store.at(kind, key.id).Version
			if kind == "watch" {
				a.run.watchesSeen = append(a.run.watchesSeen, messageIn(c.house.store.at(kind, key.id)))
			}
		}
	}
	a.run.seen[kind] = ids
}

// heldForCause checks that a hold was called for: others were held, or the flush's deactivations would have passed the
// guard's limit together with those of the last 24 h.
func (c *checks) heldForCause(a *actor, e batcher.Entry) {
	r := a.run
	fresh := map[string]bool{}
	for _, m := range r.hand {
		for _, in := range m.view.message.Intents {
			if c.counts24(r, in.ExternalID) {
				fresh[in.ExternalID] = true
			}
		}
	}
	past, limit := len(r.seen["deactivated"]), c.house.plan.flavor.guardLimit(r.counted)
	c.that(len(r.seen["held"]) > 0 || len(fresh) > 0 && past+len(fresh) > limit, "nobody is held without a cause",
		"%s, with %d of %d and %d more", e.ID, past, limit, len(fresh))
	state, _ := r.resolved(e.ID)
	c.that(state != stateActive, "nobody active is held", "%s", e.ID)
}

// counts24 tells whether a person of a flush is one more deactivation for its guard.
func (c *checks) counts24(r *runView, id string) bool {
	state, chief := r.resolved(id)
	return (state == stateInactive || state == stateNobody && r.told(id)) && !chief && id != c.house.plan.flavor.protected &&
		!r.holdsApproved(id) && !r.seen["deactivated"][id] && !r.seen["approved"][id]
}

// told tells whether an intent asks for a deactivation.
func (r *runView) told(id string) bool {
	for _, in := range r.received[id] {
		if in.Kind == intent.Deactivate {
			return true
		}
	}
	return false
}

// resolved is what the items that a flush read say of a person, and whether one of them protects the person.
func (r *runView) resolved(id string) (s state, chief bool) {
	for _, key := range r.keys[id] {
		one := r.read[key]
		if !one.there || one.item.id != id {
			continue
		}
		switch was := one.item.state(); {
		case s == stateActive, was == stateNobody:
		case was == stateActive, was == stateBad:
			s = was
		case s == stateNobody:
			s = was
		}
		chief = chief || one.item.state() == stateInactive && one.item.title == "chief"
	}
	return s, chief
}

// holdsApproved tells whether a message in the hand of a flush has somebody's intent as approved: one that it has given
// back since does not count.
func (r *runView) holdsApproved(id string) bool {
	for _, m := range r.hand {
		if approvedIn(m.view.message, id) {
			return true
		}
	}
	return false
}
