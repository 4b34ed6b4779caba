package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// checks are the invariants. They hold at every effect, or at the end.
type checks struct {
	house *house
	// failures are the invariants broken, by name, with what broke them first.
	failures []failure
	counts   map[string]int

	sessions map[string]*sessionView
	// approved are the people whose deactivation an operator allowed, with the step at which that was; approving those whose
	// intents an operator is about to send; forgiven those of whom an operator said to leave them as they are.
	approved  map[string]int
	approving map[*actor]map[string]bool
	forgiven  map[string]forgiveness
	// dismissed are those whom an operator deactivated by name, of whose items nobody tells.
	dismissed map[string]bool
	// wereAt are those who were at the items that rejects name.
	wereAt map[intent.Key]map[string]bool
	// late are those about whom a flush entered something when it had lost its lease.
	late map[string]bool
	// holder is the flush that has the lease, nil if none does.
	holder *runView
	// hidden is why a message that was received once cannot be received.
	hidden map[*message]hiding
	ages   ages
	// out are the deactivations triggered without approval, for the guard.
	out map[string]time.Time
	// throttled is how often the org itself, not a fault, answered 429.
	throttled int
	// leavers are those who wait to be deactivated since their intent was sent, with the number of imports begun since.
	leavers map[string]int
	// heldAt is when somebody was last held.
	heldAt time.Time
}

type failure struct{ invariant, what string }

func newChecks(h *house) *checks {
	return &checks{
		house: h, counts: map[string]int{}, sessions: map[string]*sessionView{},
		approved: map[string]int{}, approving: map[*actor]map[string]bool{}, forgiven: map[string]forgiveness{},
		late: map[string]bool{}, dismissed: map[string]bool{}, wereAt: map[intent.Key]map[string]bool{}, hidden: map[*message]hiding{}, ages: ages{since: map[string]int{}},
		out: map[string]time.Time{}, leavers: map[string]int{},
	}
}

func (c *checks) failed() bool { return len(c.failures) > 0 }

// that checks one invariant once.
func (c *checks) that(holds bool, invariant, format string, args ...any) {
	if c.counts[invariant]++; !slices.Contains(invariants, invariant) {
		c.house.must(fmt.Errorf("no invariant is called %q", invariant))
	}
	if !holds {
		c.fail(invariant, format, args...)
	}
}

func (c *checks) fail(invariant, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	c.failures = append(c.failures, failure{invariant, what})
	c.house.trace.note("BROKEN: %s: %s", invariant, what)
}

// sent is told of every message.
func (c *checks) sent(a *actor, q *queue, m *message) {
	view := m.view
	c.that(len(m.body) <= intent.MaxBytes && len(view.message.Intents) <= intent.MaxIntents, "messages are within their limits",
		"%d bytes, %d intents", len(m.body), len(view.message.Intents))
	if q != c.house.queue {
		return
	}
	for _, in := range view.message.Intents {
		c.passedOn(a, in)
		c.keepsApart(a, view.message, in)
		c.unforgive(in)
		c.waits(in)
		c.ages.asked(in)
	}
}

// received is told of what a flusher takes.
func (c *checks) received(a *actor, q *queue, received []batcher.Received) {
	if a.run == nil {
		return
	}
	c.working(a, "receive")
	a.run.lastTake = time.Now()
	for _, r := range received {
		m := q.receipts[r.Receipt]
		c.took(a, m)
		if q == c.house.queue {
			a.run.arrived(m)
		}
		for _, in := range m.view.message.Intents {
			a.run.received[in.ExternalID] = append(a.run.received[in.ExternalID], in)
			c.found(a, in.ExternalID, in.Keys)
		}
	}
}

// entered is told of what is written to the control table.
func (c *checks) entered(a *actor, entries []batcher.Entry) {
	if a.run == nil {
		return
	}
	for _, e := range entries {
		switch e.Kind {
		case "watch":
			for _, in := range messageIn(e).Intents {
				c.passedOn(a, in)
				a.run.watched[in.ExternalID] = true
				a.run.approvedWatch[in.ExternalID] = a.run.approvedWatch[in.ExternalID] || in.Approved
			}
		case "deactivated":
			c.overtaken(a, e.ID)
		case "held":
			c.overtaken(a, e.ID)
			delete(c.leavers, e.ID) // who waits for an operator; once released they wait anew
			c.heldUnapproved(a, e)
			c.heldForCause(a, e)
		case "reject":
			m, _ := intent.Decode(string(e.Value))
			for _, r := range m.Rejects {
				c.rejected(a, r)
			}
		}
	}
}

// dropped checks that the watch of a session that did not complete goes only when its intents are accounted for.
func (c *checks) dropped(a *actor, entries []batcher.Entry) {
	if a.run == nil {
		c.discarded(entries)
		return
	}
	for _, e := range entries {
		c.clears(a, e)
		if e.Kind != "watch" || c.house.store.at(e.Kind, e.ID).Version == 0 {
			continue
		}
		session, _, _ := strings.Cut(e.ID, "/")
		if c.completed(session) {
			continue
		}
		rejects := c.house.store.rejects()
		for _, in := range messageIn(e).Intents {
			c.that(c.saidElsewhere(nil, in) || isRejected(rejects, in), "no watch is dropped before its intents are accounted for",
				"%s %s of session %s", in.Kind, in.ExternalID, session)
			c.keptApproved(a, nil, in, rejects, "session "+session)
		}
	}
}

func (c *checks) completed(session string) bool {
	return slices.ContainsFunc(c.house.org.Sessions(), func(s oktasim.Session) bool {
		return s.ID == session && s.Status == oktasim.StatusCompleted
	})
}

// read is told of every read of the table.
func (c *checks) read(a *actor, keys []intent.Key) {
	if a.run == nil {
		return
	}
	for _, key := range keys {
		i, there := c.house.people.at(key)
		a.run.read[key] = reading{there, i}
	}
}

// found is told under which keys a person was found.
func (c *checks) found(a *actor, id string, keys []intent.Key) {
	if a.run != nil {
		a.run.keys[id] = append(a.run.keys[id], keys...)
	}
}

// deleting checks that a message goes only when each of its intents is accounted for: watched, rejected, held, in another
// message, or nothing to tell Okta.
func (c *checks) deleting(a *actor, q *queue, receipts []string) {
	if a.run == nil || q != c.house.queue { // what is lost of the urgent queue is on the other all the same
		return
	}
	c.leased(a, "acknowledge", time.Now())
	// Another run may have dealt with what this one entered before.
	watched := c.house.store.watched()
	maps.Copy(watched, a.run.watched)
	rejects := append(c.house.store.rejects(), a.run.rejects...)
	for _, receipt := range receipts {
		m := c.house.queue.receipts[receipt]
		if m == nil {
			continue
		}
		if m.view.err != nil {
			c.that(slices.ContainsFunc(rejects, func(r intent.Reject) bool { return strings.HasPrefix(r.Record, "message ") }),
				"no message is deleted before its intents are accounted for", "unreadable message %d", m.number)
			continue
		}
		// Of a message that holds rejects as well the people are sent on without them.
		sentOn := len(m.view.message.Rejects) > 0 && !slices.ContainsFunc(m.view.message.Intents, func(in intent.Intent) bool { return !c.saidElsewhere(m, in) })
		c.that(!a.run.observes || len(m.view.message.Intents) == 0 || sentOn, "observe-only deletes nobody's message", "message %d", m.number)
		c.cleared(a, m)
		for _, in := range m.view.message.Intents {
			_, forgiven := c.forgiven[in.ExternalID]
			done := watched[in.ExternalID] || c.house.store.held(in.ExternalID) || isRejected(rejects, in) ||
				forgiven || c.saidElsewhere(m, in) || a.run.resolvedToNothing(in) || in.Again && a.run.ignored[in.ExternalID]
			c.that(done, "no message is deleted before its intents are accounted for", "%s %s of message %d", in.Kind, in.ExternalID, m.number)
			c.keptApproved(a, m, in, rejects, fmt.Sprintf("message %d", m.number))
		}
		for _, r := range m.view.message.Rejects {
			c.that(slices.ContainsFunc(rejects, func(o intent.Reject) bool {
				return o.ExternalID == r.ExternalID && o.Key == r.Key && (r.ExternalID != "" || r.Key != "" || o.Record == r.Record)
			}), "no message is deleted before its intents are accounted for", "reject of record %s", r.Record)
		}
	}
}

// saidElsewhere tells whether another message says as much of the person.
func (c *checks) saidElsewhere(m *message, in intent.Intent) bool {
	for _, o := range c.house.queue.messages {
		if o == m {
			continue
		}
		for _, other := range o.view.message.Intents {
			if other.ExternalID == in.ExternalID && other.Kind >= in.Kind {
				return true
			}
		}
	}
	return false
}

// resolvedToNothing tells whether the flush read that an upsert is about nobody any more.
func (r *runView) resolvedToNothing(in intent.Intent) bool {
	for _, one := range r.received[in.ExternalID] {
		if one.Kind == intent.Deactivate {
			return false
		}
		for _, key := range one.Keys {
			reading, read := r.read[key]
			if !read || reading.there && reading.item.id == in.ExternalID && reading.item.state() != stateNobody {
				return false
			}
		}
	}
	elsewhere, _ := r.resolved(in.ExternalID) // by the index
	return len(r.received[in.ExternalID]) > 0 && elsewhere == stateNobody
}
