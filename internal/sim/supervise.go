package sim

import (
	"context"
	"fmt"
	"time"

	"rollcall/okta/oktasim"
)

const checkEvery = time.Minute

// supervise stops the faults when the time has come and looks whether the house drains. Then an operator lets out whoever
// is held and has the rejected looked at again while all old records come again, and the house must drain once more.
func (h *house) supervise(ctx context.Context) {
	a := &actor{house: h, name: "supervisor"}
	operator := &actor{house: h, name: "operator2"}
	if sleep(ctx, h.plan.flavor.span+time.Duration(137)) != nil {
		return
	}
	_ = a.perform(ctx, effect{op: "stop faults", do: func() error { h.stopFaults(); return nil }})
	h.operate(ctx, operator, op{kind: opResume})
	if !h.drain(ctx, a) {
		return
	}
	_ = a.perform(ctx, effect{op: "replay all", do: func() error { h.stream.replay(0, len(h.stream.records)); return nil }})
	h.released = map[string]bool{}
	h.operate(ctx, operator, op{kind: opRelease})
	if f := h.plan.flavor; !f.org.RefuseNullCustom && len(f.poison) == 0 { // they would take their hours again
		h.operate(ctx, operator, op{kind: opRetry})
	}
	if h.drain(ctx, a) {
		_ = a.perform(ctx, effect{op: "over", do: func() error { h.over = true; return nil }})
	}
}

// drain waits till nothing moves any more, and checks what has come of it. It returns false if that takes too long.
func (h *house) drain(ctx context.Context, a *actor) (drained bool) {
	since := time.Now()
	for !drained {
		if sleep(ctx, checkEvery) != nil {
			return false
		}
		_ = a.perform(ctx, effect{op: "check", do: func() error {
			if !h.lived {
				since = time.Now()
				return nil
			}
			switch why := h.unsettled(); {
			case why == "":
				h.checks.final()
				drained = true
			case time.Since(since) > h.drainsWithin():
				h.checks.fail("the house drains", "after %v %s", time.Since(since), why)
			}
			return nil
		}})
	}
	return drained
}

// toldWithin is how long anybody may wait to be told to Okta, with nothing in the way: a deactivation that is said once
// more and two of the longest waits after failures take a quarter of an hour each; then there is the import in flight, a
// session that takes others along, and as much again where two sorts of people take turns. Where Okta refuses people, the
// flusher takes it for a bad setup seven times before it looks for the person, and that for two halves of them.
func (h *house) toldWithin() time.Duration {
	f := h.plan.flavor
	within := 45*time.Minute + 4*(f.org.ImportTime+f.org.Cooldown)
	if len(f.poison) > 0 { // whoever travelled with it takes turns with its group
		within += 30 * time.Minute
	}
	if f.org.RefuseNullCustom || f.undeletable != "" {
		within += 2 * 7 * 15 * time.Minute
	}
	return within
}

// drainsWithin is how long a house may take to drain after the last change and the last fault: of those who were said last
// some may be said again. Each poison takes twenty sessions, and its neighbours in groups take turns with it.
func (h *house) drainsWithin() time.Duration {
	f := h.plan.flavor
	within := 45*time.Minute + h.toldWithin()
	for range f.poison {
		within += 2 * 20 * (f.org.ImportTime + f.org.Cooldown + 3*time.Minute)
	}
	if f.night {
		within += nightLasts
	}
	return within
}

func (h *house) stopFaults() {
	h.faults.on = false
	h.tableDown = false
	h.setToken(true)
	h.must(h.org.Reconfigure(func(c *oktasim.Config) { c.ImportErrorRate, c.ErrorRate = 0, 0 }))
}

// unsettled says what still moves, empty if nothing does.
func (h *house) unsettled() string {
	if !h.stream.drained() {
		return "records are not handled"
	}
	if n := len(h.queue.messages); n > 0 {
		return fmt.Sprintf("%d messages are in the queue", n)
	}
	for key := range h.store.entries {
		if key.kind == "watch" {
			return "session " + key.id + " is watched"
		}
	}
	for _, s := range h.org.Sessions() {
		// One that a dead run left open may stay till somebody needs another.
		if s.Status == oktasim.StatusTriggered {
			return fmt.Sprintf("session %s is %s", s.ID, s.Status)
		}
	}
	return ""
}
