package sim

import (
	"slices"
	"strings"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// The invariants about who travels with whom, about sessions of others, and about what is entered and cleared when.

// groupFrom is the attempt from which intents travel in groups of their own.
const groupFrom = 3

// arrived notes the oldest message that a flush received before it had a session. One with rejects is sent on without them.
func (r *runView) arrived(m *message) {
	if len(m.view.message.Intents) > 0 && len(m.view.message.Rejects) == 0 && !r.opened && (r.oldest == nil || m.sent.Before(r.oldest.sent)) {
		r.oldest = m
	}
}

// travels checks that those whom a flush loads are of the group that its oldest message is of, so that no group starves.
func (c *checks) travels(a *actor) {
	for _, m := range a.run.hand {
		oldest := a.run.oldest
		c.that(oldest == nil || len(m.view.message.Intents) == 0 || len(m.view.message.Rejects) > 0 || m.view.message.Group == oldest.view.message.Group, "the oldest message decides who travels",
			"message %d of group %q, the oldest is %d", m.number, m.view.message.Group, oldest.numberOf())
	}
}

func (m *message) numberOf() int {
	if m == nil {
		return 0
	}
	return m.number
}

// keepsApart checks that a flusher sends nobody back into the crowd whose sessions failed so often.
func (c *checks) keepsApart(a *actor, m intent.Message, in intent.Intent) {
	c.that(a.run == nil || in.Attempt < groupFrom || m.Group != "", "whoever travels apart goes on apart", "%s, attempt %d", in.ExternalID, in.Attempt)
}

// sawBeside notes whether the list that a flush reads when it has a session shows another that is open.
func (c *checks) sawBeside(a *actor) {
	a.run.beside = ""
	for _, s := range c.house.org.Sessions() {
		own := c.sessions[s.ID]
		active := slices.Contains([]oktasim.Status{oktasim.StatusCreated, oktasim.StatusInProgress, oktasim.StatusTriggered}, s.Status)
		if active && own == nil {
			a.run.hit = true // a stranger's, which nobody of us could know of
		}
		if active && a.run.opened && (own == nil || own.owner != a.run.owner) {
			a.run.beside = s.ID
		}
	}
}

// alone checks that a flush that has seen another open session beside its own does not load it.
func (c *checks) alone(a *actor) {
	c.that(a.run.beside == "", "no session is loaded beside another open one", "beside %s", a.run.beside)
}

// dateTells is how far off a clock may be by the Date of an answer, which is in seconds, and the time the answer takes.
const dateTells = 2 * time.Second

// cancelling checks that the session of somebody else is cancelled only when it is older than a lease, by Okta's clock.
func (c *checks) cancelling(a *actor, session string) {
	for _, s := range c.house.org.Sessions() {
		if own := c.sessions[session]; s.ID != session || own != nil && own.owner == a.run.owner {
			continue
		}
		age := time.Now().Add(c.house.plan.flavor.skew).Sub(s.Created)
		c.that(age > batcher.DefaultTiming().Lease-dateTells, "only a stale session of others is cancelled", "%s of %v", session, age)
	}
}

// countsFailures checks that failures in a row are those since a run went well, which sets no next try.
func (c *checks) countsFailures(s batcher.State) {
	c.that(!s.NextTry.IsZero() || s.Failures == 0, "a run that went well ends a row of failures", "%d failures", s.Failures)
}

// clears checks that a flush clears no other rejects and held people than those that it saw when it began to load, and
// nobody's by an intent that came to nothing.
func (c *checks) clears(a *actor, e batcher.Entry) {
	if e.Kind == "reject" || e.Kind == "held" {
		seen := a.run.versions[storeKey{e.Kind, e.ID}]
		c.that(e.Version != 0 && e.Version == seen, "nothing newer than what a flush knows is cleared", "%s %s, version %d, seen %d", e.Kind, e.ID, e.Version, seen)
		id, _ := strings.CutPrefix(e.ID, personReject)
		c.that(!a.run.resolvedToNothing(intent.Intent{ExternalID: id}), "an intent that comes to nothing clears nothing", "%s %s", e.Kind, e.ID)
	}
}

// enteredBefore checks that somebody is entered for the guard before Okta is told.
func (c *checks) enteredBefore(id string) {
	c.that(c.house.store.at("deactivated", id).Version > 0 || c.house.store.at("approved", id).Version > 0,
		"whoever is deactivated is entered for the guard before", "%s", id)
}

// personReject begins the ID of the entry of somebody who is rejected.
const personReject = "person:"

// cleared checks that the rejects of those whom a flush has loaded are cleared before their messages go.
func (c *checks) cleared(a *actor, m *message) {
	for _, s := range c.sessions {
		if s.owner != a.run.owner || s.triggered == 0 {
			continue
		}
		for _, in := range m.view.message.Intents {
			key := storeKey{"reject", personReject + in.ExternalID}
			if !slices.Contains(s.everyone, in.ExternalID) && !slices.Contains(s.leavers, in.ExternalID) {
				continue
			}
			seen := a.run.versions[key]
			c.that(seen == 0 || c.house.store.at(key.kind, key.id).Version != seen, "rejects are cleared before the messages go", "%s", in.ExternalID)
		}
	}
}
