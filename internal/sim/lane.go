package sim

import (
	"slices"
	"time"

	"rollcall/okta/oktasim"
)

// The invariants about the urgent lane.

const (
	// outWithin is how long a leaver waits for the lane at most once there is an invocation, with an import in flight all
	// the time and nothing in the way: for the rest of a burst, for the index, and some calls.
	outWithin = 25 * time.Second
	// copiesLast is how long a copy lies in the urgent queue at most: people who are out must raise no alarm.
	copiesLast = 10 * time.Minute
)

// takingOut is told of each call that takes somebody out, before its effect.
func (c *checks) takingOut(p *process, id string) {
	n := len(p.deletes)
	c.that(n <= urgentPerMinute || p.deletes[n-1].Sub(p.deletes[n-1-urgentPerMinute]) >= time.Minute,
		"the urgent lane keeps its budget", "%v", p.deletes)
	since, active := c.house.people.activeSince[id]
	for _, m := range c.house.urgent.inHand(id) {
		if c.house.people.moved[id].After(m.sent) {
			continue // which the index may not know yet, and which says itself
		}
		c.that(!active || since.After(m.sent), "no call takes out who has been active since before it was said", "%s, active since %v, said %v", id, since, m.sent)
	}
	if !c.mayCall(p) || id == c.house.plan.flavor.undeletable || !c.clear(outWithin) {
		return
	}
	for _, m := range c.house.urgent.inHand(id) {
		said := m.sent
		if said.Before(p.began) {
			said = p.began
		}
		if c.blockedSince(said) {
			c.that(time.Since(said) <= outWithin, "a leaver is out within seconds while an import is in flight", "%s waited %v", id, time.Since(said))
		}
	}
}

// mayCall tells whether the lane of a process surely had a call left all the time that a leaver may wait: of its budget,
// and of the share of the rate limit that is left to others.
func (c *checks) mayCall(p *process) bool {
	spent := 0
	for _, at := range p.deletes {
		if time.Since(at) < time.Minute+outWithin {
			spent++
		}
	}
	f := c.house.plan.flavor
	return !f.twins && (spent <= 2 || spent < urgentPerMinute && f.org.RateLimit == 0)
}

// blockedSince tells whether an import has been in flight all the time since then.
func (c *checks) blockedSince(at time.Time) bool {
	at = at.Add(c.house.plan.flavor.skew)
	return slices.ContainsFunc(c.house.org.Sessions(), func(s oktasim.Session) bool {
		return s.Status == oktasim.StatusTriggered && s.Triggered.Before(at)
	})
}

// clear tells whether nothing but imports has been in the lane's way for a while: no fault, and nobody who is held.
func (c *checks) clear(last time.Duration) bool {
	for key := range c.house.store.entries {
		if key.kind == "held" {
			c.heldAt = time.Now()
		}
	}
	return c.house.plan.orderly() && time.Since(c.heldAt) > last
}

// copies checks that nobody's copy lies in the urgent queue for long. Of whom Okta does not let a call take out only the
// import decides.
func (c *checks) copies() {
	if !c.clear(copiesLast) {
		return
	}
	for _, m := range c.house.urgent.messages {
		if slices.Contains(c.house.urgent.people(m), c.house.plan.flavor.undeletable) {
			continue
		}
		c.that(time.Since(m.sent) <= copiesLast, "no copy lies in the urgent queue for ten minutes", "message %d, of %v", m.number, c.house.urgent.people(m))
	}
}

// inHand are the messages with a person that somebody has received and not yet given back.
func (q *queue) inHand(id string) (all []*message) {
	for _, m := range q.messages {
		if m.count > 0 && time.Now().Before(m.visible) && slices.Contains(q.people(m), id) {
			all = append(all, m)
		}
	}
	return all
}

// people are those of a message.
func (q *queue) people(m *message) (ids []string) {
	for _, in := range m.view.message.Intents {
		ids = append(ids, in.ExternalID)
	}
	return ids
}
