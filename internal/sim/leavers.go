package sim

import (
	"maps"
	"slices"

	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// The invariant that no leaver waits for long: how many imports begin without them.

// hiding is why a message cannot be received.
type hiding struct {
	// by is the flush that received it last.
	by *runView
	// backed says that it was given back, else it is in work; apart that this was for people of another group.
	backed, apart bool
}

// took is told of each message that a flusher receives.
func (c *checks) took(a *actor, m *message) {
	a.run.hand[m.receipt] = m
	c.hidden[m] = hiding{by: a.run}
}

// postponed is told of the messages that a flusher gives back, or keeps for longer.
func (c *checks) postponed(a *actor, q *queue, receipts []string, keeps bool) {
	if a.run == nil || keeps {
		return
	}
	for _, receipt := range receipts {
		delete(a.run.hand, receipt)
	}
	if a.pausedUntil.After(a.run.began) {
		a.run.hit = true
	}
	for _, receipt := range receipts {
		m := q.receipts[receipt]
		if m == nil {
			continue
		}
		h := hiding{by: a.run, backed: true}
		for _, o := range a.run.hand {
			h.apart = h.apart || o.view.message.Group != m.view.message.Group
		}
		c.hidden[m] = h
	}
}

// waits notes somebody who is to be deactivated.
func (c *checks) waits(in intent.Intent) {
	if _, waits := c.leavers[in.ExternalID]; in.Kind == intent.Deactivate && !waits {
		c.leavers[in.ExternalID] = 0
	}
}

// passed counts an import for those who were not in it and wait to be deactivated.
func (c *checks) passed(a *actor) {
	h := c.house
	c.startedLate()
	for id := range c.leavers {
		u, _ := h.org.User(id)
		s, _, bad := h.people.state(id)
		back := s == stateActive || bad || u.Status != oktasim.Active
		if back || h.store.held(id) || c.excused(id) || id == h.plan.flavor.protected || h.people.ever[id].chief ||
			isRejected(h.store.rejects(), intent.Intent{ExternalID: id}) {
			delete(c.leavers, id) // does not wait, or for an operator
			continue
		}
		// Groups of people whose sessions failed have their turns as well, so that others miss more than two.
		if !h.plan.orderly() && (len(h.plan.flavor.poison) > 0 || !c.couldTravel(a, id)) {
			continue
		}
		c.leavers[id]++
		c.notLong(id)
	}
}

func (c *checks) notLong(id string) {
	c.that(c.leavers[id] < 2, "no leaver waits longer than two imports", "%s waits for the third", id)
}

// left is told of who is in an import that begins.
func (c *checks) left(ids []string) {
	for _, id := range ids {
		if _, waits := c.leavers[id]; waits {
			c.notLong(id)
			delete(c.leavers, id)
		}
	}
}

// startedLate takes those who are in an import that began without the flush knowing from those who wait.
func (c *checks) startedLate() {
	for _, o := range c.house.org.Sessions() {
		s := c.sessions[o.ID]
		if s == nil || s.triggered > 0 || !slices.Contains([]oktasim.Status{oktasim.StatusTriggered, oktasim.StatusCompleted, oktasim.StatusError}, o.Status) {
			continue
		}
		for _, id := range slices.Concat(s.leavers, s.approved) {
			delete(c.leavers, id)
		}
	}
}

// couldTravel tells whether a leaver could have been in the import that a flush begins: one of their messages was there
// when it last received, and was neither kept away by a flush that met a fault, that only observed or that took a group
// along, nor in work elsewhere. A load that Okta refuses puts off whom it holds.
func (c *checks) couldTravel(a *actor, id string) bool {
	r := a.run
	if slices.ContainsFunc(slices.Collect(maps.Values(r.hand)), grouped) {
		return false
	}
	return slices.ContainsFunc(c.house.queue.messages, func(m *message) bool {
		if !saysLeaver(m, id) || grouped(m) || !m.sent.Before(r.lastTake) {
			return false
		}
		if r.hand[m.receipt] == m {
			return !r.refused
		}
		hidden, was := c.hidden[m]
		if !was {
			return !m.visible.After(r.lastTake) // else it is delayed
		}
		return hidden.backed && !hidden.apart && !hidden.by.hit && !hidden.by.observes
	})
}

func grouped(m *message) bool { return m.view.message.Group != "" }

func saysLeaver(m *message, id string) bool {
	return slices.ContainsFunc(m.view.message.Intents, func(in intent.Intent) bool {
		return in.ExternalID == id && in.Kind == intent.Deactivate
	})
}
