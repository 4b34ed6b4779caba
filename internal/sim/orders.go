package sim

import (
	"encoding/json"
	"strings"
	"time"

	"rollcall/batcher"
	"rollcall/okta/oktasim"
)

// The invariants about what an operator orders and about the lease: who may do anything at all.

// heedsWithin is how long after a flush has lost its lease, or can go on after a pause or a fault, it may take to know:
// the lease is renewed so often.
var heedsWithin = batcher.DefaultTiming().Renew + time.Second

// controlState is the control item.
func controlState(e batcher.Entry) (s batcher.State, is bool) {
	if e.Kind != "control" || e.ID != "state" || json.Unmarshal(e.Value, &s) != nil {
		return batcher.State{}, false
	}
	return s, true
}

// swapped is told of every change of the control item: a new owner is a new flush.
func (c *checks) swapped(a *actor, e batcher.Entry) {
	s, is := controlState(e)
	if !is || a.run == nil {
		return
	}
	c.countsFailures(s)
	switch {
	case s.Owner == "":
		a.run.released = true
		c.holder = nil
	case s.Owner != a.run.owner:
		c.that(!s.Paused, "nothing begins while paused", "%s", a.name)
		if c.holder != nil {
			if c.holder.lost = time.Now(); c.holder.actor != a && !c.holder.actor.dead.Load() {
				c.counts["whoever loses the lease stops"]++ // from now on
			}
		}
		troubled := a.run.troubled // a lease that took long to take may be over as soon
		a.run = newRunView()
		a.run.actor, a.run.owner, a.run.observes, a.run.troubled = a, s.Owner, s.ObserveOnly, troubled
		c.holder = a.run
	}
}

// ended is told of the end of an invocation: it cannot lose a lease any more.
func (c *checks) ended(a *actor) {
	if c.holder == a.run {
		c.holder = nil
	}
}

// working checks that a flusher that receives or calls has a lease, which is taken only while nobody has paused.
func (c *checks) working(a *actor, what string) {
	c.that(a.run.owner != "" && !a.run.released, "nothing is received and nobody called without a lease", "%s: %s", a.name, what)
}

// telling checks what a flusher calls, an attempt of a call that it first made at a time.
func (c *checks) telling(a *actor, t attempt) {
	c.working(a, t.op)
	switch t.op {
	case oktasim.OpList, oktasim.OpGet:
		return
	case oktasim.OpLogs, oktasim.OpCancel:
	default:
		c.leased(a, t.op, c.firstMade(a, t))
	}
	c.that(!a.run.observes, "observe-only tells Okta nothing", "%s: %s", a.name, t.op)
}

// firstMade is when a flush began to try a call: a retry is in flight since then.
func (c *checks) firstMade(a *actor, t attempt) time.Time {
	if t.op != oktasim.OpStartImport {
		return t.made
	}
	if at, before := a.run.starting[t.session]; before {
		return at
	}
	a.run.starting[t.session] = t.made
	return t.made
}

// leased checks that a flusher does what only the one with the lease may do, while it has it: made says since when this
// one was in flight. One that was paused or met a fault has the time of a renewal to find out that it lost the lease, but
// an import is started only after a look at it.
func (c *checks) leased(a *actor, what string, made time.Time) {
	r := a.run
	if r.owner == "" || r.released {
		return
	}
	since := r.lost
	for _, at := range []time.Time{a.pausedUntil, r.troubled} {
		if at.After(since) {
			since = at
		}
	}
	late := time.Since(since) > heedsWithin
	if !r.lost.IsZero() {
		c.that(made.Before(r.lost) || what != oktasim.OpStartImport && !late, "whoever loses the lease stops", "%s: %s, lost at %v", a.name, what, r.lost)
		return
	}
	s, _ := controlState(c.house.store.at("control", "state"))
	c.that(!time.Now().After(s.Until) || !late, "a lease is renewed while its flush works", "%s: %s, till %v", a.name, what, s.Until)
}

// faulted is told of each fault that hits an effect of an actor, before it does, with the time that it takes.
func (c *checks) faulted(a *actor, label string, v verdict) {
	if a.run == nil {
		return
	}
	a.run.hit = true
	if strings.HasSuffix(label, "(keeper)") || strings.Contains(label, "store.") && strings.Contains(label, "control/state") {
		if until := time.Now().Add(v.wait); until.After(a.run.troubled) {
			a.run.troubled = until
		}
	}
}

// outage tells whether the table cannot be read, which meets whoever tries.
func (c *checks) outage(a *actor) bool {
	if c.house.tableDown && a.run != nil {
		a.run.hit = true
	}
	return c.house.tableDown
}
