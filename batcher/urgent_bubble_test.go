package batcher_test

import (
	"fmt"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// TestALeaverIsOutWithTheRateLimitUsedUp: whatever was called before in the window, the flush leaves the lane its turn.
func TestALeaverIsOutWithTheRateLimitUsedUp(t *testing.T) {
	for ours := range 13 { // 12 of 15 are ours
		inLane(t, func(l *lane) {
			l.there("ann")
			l.inFlight()
			l.use(ours, 0)
			l.leave("ann")
			l.outWithin(5*time.Second, "ann")
			if l.org.Throttled() > 0 {
				l.Errorf("%d calls were answered with 429", l.org.Throttled())
			}
		})
	}
}

// TestALeaverIsOutOrLoadedWhereTheWindowHasNoRoom: no session is in flight, but the window has no room for another.
func TestALeaverIsOutOrLoadedWhereTheWindowHasNoRoom(t *testing.T) {
	for ours := range 13 {
		inLane(t, func(l *lane) {
			l.there("ann")
			l.use(ours, 0)
			l.leave("ann")
			l.outWithin(5*time.Second, "ann")
			l.poll(2 * time.Minute)                      // in the next window whoever was left is loaded
			left, err := l.queue.Receive(l.Context(), 0) // those that are said again later are hidden
			must(l.T, err)
			if len(left) > 0 {
				l.Errorf("with %d calls made before, %d messages are left: %v", ours, len(left), l.outcomes())
			}
		})
	}
}

// TestABurstDoesNotHoldALeaverUp: a flush gathers no longer than the lane can wait.
func TestABurstDoesNotHoldALeaverUp(t *testing.T) {
	inLane(t, func(l *lane) {
		l.there("ann")
		l.inFlight()
		for n := range 30 {
			time.AfterFunc(time.Duration(n)*500*time.Millisecond, func() { l.say("flight", intent.Upsert, l.queue) })
		}
		time.Sleep(100 * time.Millisecond)
		l.leave("ann")
		l.outWithin(5*time.Second, "ann")
	})
}

// TestAFlushThatYieldedWaitsTheNextTime: where others use up each window, a flush must come to its calls in the end.
func TestAFlushThatYieldedWaitsTheNextTime(t *testing.T) {
	inLane(t, func(l *lane) {
		must(t, l.org.Reconfigure(func(o *oktasim.Config) { o.Latency = 0 }))
		l.use(12, 3)
		l.put(personItem("ann", nil))
		l.say("ann", intent.Upsert, l.queue)
		done := make(chan struct{})
		go func() { defer close(done); l.poll(4 * time.Minute) }()
		for len(l.reported()) == 0 {
			time.Sleep(100 * time.Millisecond)
		}
		first := l.reported()[0]
		if first.Outcome != batcher.Busy || time.Until(first.NextTry) > time.Minute {
			l.Fatalf("first %+v", first)
		}
		time.Sleep(time.Until(first.NextTry) + 100*time.Millisecond)
		l.use(0, 15) // while the flush still gathers
		<-done
		busy := 0
		for _, o := range l.outcomes() {
			if o == batcher.Busy {
				busy++
			}
		}
		if l.status("ann") != oktasim.Active || busy != 1 {
			l.Errorf("ann is %s, outcomes %v", l.status("ann"), l.outcomes())
		}
	})
}

// TestWithoutTheLaneAFlushWaits, as one that is run by hand does.
func TestWithoutTheLaneAFlushWaits(t *testing.T) {
	inLane(t, func(l *lane) {
		l.use(12, 0)
		l.put(personItem("ann", nil))
		l.say("ann", intent.Upsert, l.queue)
		if r, err := l.flusher.Flush(l.Context()); err != nil || r.Outcome != batcher.Triggered {
			l.Errorf("%+v, %v", r, err)
		}
	})
}

// TestLeaversOfASessionCostNoCall: not those of one in flight, nor those of one that is over; and they do not keep others
// from their turn.
func TestLeaversOfASessionCostNoCall(t *testing.T) {
	var old []string
	for i := range 24 {
		old = append(old, fmt.Sprintf("old%02d", i))
	}
	for name, over := range map[string]bool{"in flight": false, "over": true} {
		t.Run(name, func(t *testing.T) {
			inLane(t, func(l *lane) {
				l.there(append(old, "ann")...)
				must(t, l.org.Reconfigure(func(o *oktasim.Config) {
					if !over {
						o.ImportTime = 24 * time.Hour
					}
				}))
				l.leave(old...)
				if r, err := l.flusher.Flush(l.Context()); r.Outcome != batcher.Triggered || r.Deactivated != len(old) {
					t.Fatalf("%+v, %v", r, err)
				}
				time.Sleep(2 * time.Minute)
				if over {
					l.inFlight()
				}
				l.leave("ann")
				l.outWithin(5*time.Second, "ann")
				if len(l.deletes) != 1 {
					t.Errorf("%d calls to take one person out", len(l.deletes))
				}
				if left := l.urgent.Len(); left > 0 {
					t.Errorf("%d copies are left", left)
				}
			})
		})
	}
}

// TestWhoLeavesAgainIsTakenOutAgain: what a session or the lane did before the change does not count.
func TestWhoLeavesAgainIsTakenOutAgain(t *testing.T) {
	inLane(t, func(l *lane) {
		l.there("ann", "bob")
		l.leave("ann")
		if r, err := l.flusher.Flush(l.Context()); r.Outcome != batcher.Triggered {
			t.Fatalf("%+v, %v", r, err)
		}
		time.Sleep(2 * time.Minute)
		l.inFlight()
		l.leave("bob")
		l.outWithin(5*time.Second, "ann", "bob")
		l.there("ann", "bob") // they are back
		l.leave("ann", "bob")
		l.outWithin(5*time.Second, "ann", "bob")
		if len(l.deletes) != 3 {
			t.Errorf("%d calls, want bob's two and ann's second", len(l.deletes))
		}
	})
}

// TestAnOldCopyDoesNotHideANewOne: of two copies of one person in a batch the newer counts.
func TestAnOldCopyDoesNotHideANewOne(t *testing.T) {
	inLane(t, func(l *lane) {
		l.there("ann", "bob")
		l.inFlight()
		l.leave("ann")
		l.outWithin(5*time.Second, "ann")
		old := intent.Intent{ExternalID: "ann", Kind: intent.Deactivate, Keys: []intent.Key{keyOf("ann")}, Changed: time.Now().Add(-time.Hour)}
		other := intent.Intent{ExternalID: "bob", Kind: intent.Deactivate, Keys: []intent.Key{keyOf("bob")}, Changed: time.Now()}
		l.there("ann")
		l.put(personItem("bob", inactive))
		bodies, err := intent.Pack(intent.Message{Trace: "old", Intents: []intent.Intent{old, other}})
		must(t, err)
		_, err = l.urgent.Send(t.Context(), bodies, 0)
		must(t, err)
		l.leave("ann")
		l.outWithin(5*time.Second, "ann", "bob")
	})
}
