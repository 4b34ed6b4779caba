package sim

import (
	"time"

	"rollcall/intent"
)

// The invariant that nobody waits for ever while others still change.

// ages tell how long people have waited to be told to Okta. Time counts only while nothing stands in the way: no fault, no
// outage, nobody who paused, no night.
type ages struct {
	// minutes are those that counted so far, since those at which each person began to wait.
	minutes int
	since   map[string]int
}

// asked notes that somebody is to be told.
func (g *ages) asked(in intent.Intent) {
	if _, waits := g.since[in.ExternalID]; !waits {
		g.since[in.ExternalID] = g.minutes
	}
}

// told notes that people are in an import that began. Those of whom there is more to say wait from now on.
func (g *ages) told(ids []string) {
	for _, id := range ids {
		if _, waits := g.since[id]; waits {
			g.since[id] = g.minutes
		}
	}
}

// grow is told of every minute in which a flusher is invoked.
func (c *checks) grow() {
	g, h := &c.ages, c.house
	if !h.inTheWay() {
		g.minutes++
	}
	queued := map[string]bool{}
	for _, m := range h.queue.messages {
		for _, in := range m.view.message.Intents {
			queued[in.ExternalID] = true
		}
	}
	for id, since := range g.since {
		if !queued[id] { // told, held, rejected or nothing to tell
			delete(g.since, id)
			continue
		}
		age := g.minutes - since
		c.that(time.Duration(age)*time.Minute <= h.toldWithin(), "nobody waits for ever while others change", "%s for %d minutes", id, age)
	}
}

// inTheWay tells whether there is something in the way of everybody.
func (h *house) inTheWay() bool {
	s, _ := controlState(h.store.at("control", "state"))
	return h.faults.on || h.tableDown || h.tokenDown || s.Paused || s.ObserveOnly
}
