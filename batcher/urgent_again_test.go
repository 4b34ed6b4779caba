package batcher_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/items"
	"rollcall/internal/sim"
	"rollcall/okta/oktasim"
)

// TestOrdinaryLeaversLeaveNoCopyBehind: a flusher that finds nothing to do forgets the copies of what it has done.
func TestOrdinaryLeaversLeaveNoCopyBehind(t *testing.T) {
	inLane(t, func(l *lane) {
		l.there("ann")
		l.leave("ann", "nobody")
		l.poll(3 * time.Minute)
		if l.urgent.Len() != 0 || len(l.deletes) != 0 {
			t.Errorf("%d copies are left after %d calls: %v", l.urgent.Len(), len(l.deletes), l.outcomes())
		}
		// One that came after the flush began is not forgotten: the intents queue still has it.
		must(t, l.org.Reconfigure(func(o *oktasim.Config) { o.ImportTime = 24 * time.Hour }))
		l.there("bob")
		time.AfterFunc(10*time.Second, func() { l.say("bob", intent.Deactivate, l.urgent) })
		if r, err := l.flusher.Flush(l.Context()); r.Outcome != batcher.Idle || l.urgent.Len() != 1 {
			t.Errorf("%d copies after %s (%v)", l.urgent.Len(), r.Outcome, err)
		}
	})
}

// TestLeaversWithoutATurnGrowOld: they go back as they are, so that what is an hour old is forgotten.
func TestLeaversWithoutATurnGrowOld(t *testing.T) {
	inLane(t, func(l *lane) {
		ids := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		l.there(ids...)
		l.inFlight()
		l.leave(ids...)
		sent := l.urgent.Sent()
		l.poll(30 * time.Second)
		if len(l.deletes) != 5 || l.urgent.Len() != 3 || l.urgent.Sent() != sent {
			t.Errorf("%d calls, %d copies left, %d sent anew", len(l.deletes), l.urgent.Len(), l.urgent.Sent()-sent)
		}
		l.poll(time.Minute)
		for _, id := range ids {
			if l.status(id) != oktasim.Deprovisioned {
				t.Errorf("%s is %s", id, l.status(id))
			}
		}
	})
}

// TestTheUrgentBudgetCountsCalls, repetitions included, over any minute.
func TestTheUrgentBudgetCountsCalls(t *testing.T) {
	inLane(t, func(l *lane) {
		ids := []string{"a", "b", "c", "d", "e", "f"}
		l.there(ids...)
		l.inFlight()
		must(t, l.org.Fault(oktasim.Fault{Op: oktasim.OpUserDelete, Count: 12, Status: 503}))
		l.leave(ids...)
		l.poll(6 * time.Minute)
		for i := range l.deletes {
			if i >= 5 && l.deletes[i].Sub(l.deletes[i-5]) < time.Minute {
				t.Errorf("calls %d to %d are %v apart", i-5, i, l.deletes[i].Sub(l.deletes[i-5]))
			}
		}
		for _, id := range ids {
			if l.status(id) != oktasim.Deprovisioned {
				t.Errorf("%s is %s after %d calls", id, l.status(id), len(l.deletes))
			}
		}
	})
}

// TestOneWhomOktaRefusesStopsNobodyElse, and becomes a reject, once it is plain that others may be taken out.
func TestOneWhomOktaRefusesStopsNobodyElse(t *testing.T) {
	inLane(t, func(l *lane) {
		l.there("ann", "bob", "cid")
		must(t, l.org.Reconfigure(func(o *oktasim.Config) { o.Undeletable = []string{"ann"} }))
		l.inFlight()
		l.leave("ann")
		l.poll(30 * time.Second)
		if len(l.rejects()) > 0 || len(l.deletes) != 1 || l.urgent.Len() != 1 {
			t.Errorf("before anybody was taken out: rejects %v, %d calls, %d copies", l.rejects(), len(l.deletes), l.urgent.Len())
		}
		l.leave("bob", "cid")
		l.outWithin(5*time.Second, "bob", "cid")
		if rejects := l.rejects(); len(rejects) != 1 || !strings.HasPrefix(rejects["ann"], "refused by Okta: 403 E0000006") {
			t.Errorf("rejects %v, want ann", rejects)
		}
		if l.status("ann") != oktasim.Active {
			t.Error("ann is out")
		}
		calls := len(l.deletes)
		l.poll(5 * time.Minute)
		if len(l.deletes) != calls || l.urgent.Len() != 0 {
			t.Errorf("%d further calls for the reject, %d copies", len(l.deletes)-calls, l.urgent.Len())
		}
	})
}

// TestWithRefusedCredentialsTheLaneRests: one call tells it, and nobody is rejected for it.
func TestWithRefusedCredentialsTheLaneRests(t *testing.T) {
	inLane(t, func(l *lane) {
		l.there("ann", "bob", "cid")
		l.inFlight()
		must(t, l.org.Fault(oktasim.Fault{Op: oktasim.OpUserDelete, Count: 1, Status: 401}))
		l.leave("ann", "bob", "cid")
		l.poll(10 * time.Second)
		if len(l.deletes) != 1 || len(l.rejects()) > 0 || l.urgent.Len() != 3 {
			t.Errorf("%d calls, rejects %v, %d copies", len(l.deletes), l.rejects(), l.urgent.Len())
		}
		l.outWithin(time.Minute, "ann", "bob", "cid")
	})
}

// TestLeaversAreSaidAgainBeforeTheFirstCall, a quarter of an hour later: what the call does, and when, is not known.
func TestLeaversAreSaidAgainBeforeTheFirstCall(t *testing.T) {
	for _, drop := range []string{"", "before", "late"} {
		inLane(t, func(l *lane) {
			l.there("ann")
			l.inFlight()
			if drop != "" {
				must(t, l.org.Fault(oktasim.Fault{Op: oktasim.OpUserDelete, Count: 1, Drop: drop, Delay: oktasim.Duration(40 * time.Second)}))
			}
			var said []sim.Message
			l.leave("ann")
			l.poll(10 * time.Second)
			left := time.Now()
			for _, m := range l.queue.Messages() {
				if m.Sent.Before(left) && m.Visible.Sub(m.Sent) >= time.Minute && m.Count == 0 {
					said = append(said, m)
				}
			}
			if len(said) == 0 {
				t.Fatalf("drop %q: ann is not said again: %+v", drop, l.queue.Messages())
			}
			for _, m := range said {
				if wait := m.Visible.Sub(m.Sent); wait != 15*time.Minute || m.Sent.After(l.deletes[0]) && len(said) == 1 {
					t.Errorf("drop %q: said %v later, sent %v after the call", drop, wait, m.Sent.Sub(l.deletes[0]))
				}
			}
		})
	}
}

// TestTheLaneWaitsForTheIndex: somebody who was moved to another key is no leaver, though the index does not know yet.
func TestTheLaneWaitsForTheIndex(t *testing.T) {
	for _, leaves := range []bool{false, true} {
		inLane(t, func(l *lane) {
			old := intent.Key(`{"row":{"S":"1"}}`)
			at := func(row string) []byte { return personItem("ann", map[string]any{"row": s(row)}) }
			table := sim.NewLaggingTable(items.Schema{Partition: items.Attribute{Name: "row"}}, "id", 4*time.Second)
			must(t, table.PutItem(at("1")))
			l.there("ann")
			l.inFlight()
			l.flusher.Indexed, l.flusher.Table = true, table
			must(t, table.DeleteItem(old))
			if !leaves {
				must(t, table.PutItem(at("2")))
			}
			in := intent.Intent{ExternalID: "ann", Kind: intent.Deactivate, Keys: []intent.Key{old}, Changed: time.Now()}
			bodies, err := intent.Pack(intent.Message{Trace: "moved", Intents: []intent.Intent{in}})
			must(t, err)
			for _, q := range []*sim.Queue{l.queue, l.urgent} {
				_, err = q.Send(t.Context(), bodies, 0)
				must(t, err)
			}
			l.poll(20 * time.Second)
			if out := l.status("ann") == oktasim.Deprovisioned; out != leaves {
				t.Errorf("moved %v: ann is %s", !leaves, l.status("ann"))
			}
		})
	}
}

// TestAFlushThatYieldedHasLearnedNothing: the failures before it still count.
func TestAFlushThatYieldedHasLearnedNothing(t *testing.T) {
	inLane(t, func(l *lane) {
		l.use(12, 0)
		_, err := l.flusher.Control.Change(t.Context(), func(s *batcher.State) bool { s.Failures = 5; return true })
		must(t, err)
		must(t, l.table.PutItem(personItem("ann", nil)))
		l.say("ann", intent.Upsert, l.queue)
		l.poll(10 * time.Second)
		if state, err := l.flusher.Control.State(t.Context()); err != nil || state.Failures != 5 || !state.NextTry.After(time.Now()) {
			t.Errorf("%+v (%v)", state, err)
		}
	})
}

// TestTheLaneSaysNothingAboutSessions: what keeps flushes away is as it was after a round, good or bad.
func TestTheLaneSaysNothingAboutSessions(t *testing.T) {
	for _, status := range []int{0, 401} {
		inLane(t, func(l *lane) {
			l.there("ann")
			next := time.Now().Add(10 * time.Minute).UTC()
			_, err := l.flusher.Control.Change(t.Context(), func(s *batcher.State) bool { s.NextTry, s.Failures = next, 7; return true })
			must(t, err)
			if status != 0 {
				must(t, l.org.Fault(oktasim.Fault{Op: oktasim.OpUserDelete, Count: 1, Status: status}))
			}
			l.leave("ann")
			l.poll(20 * time.Second)
			if state, err := l.flusher.Control.State(t.Context()); err != nil || !state.NextTry.Equal(next) || state.Failures != 7 || len(l.deletes) == 0 {
				t.Errorf("%+v (%v) after %d calls", state, err, len(l.deletes))
			}
		})
	}
}

// TestTheLaneRestsWhileItMust: observe-only sends nothing, and with anybody held an operator has to look first.
func TestTheLaneRestsWhileItMust(t *testing.T) {
	for name, rest := range map[string]func(*lane){
		"observe-only": func(l *lane) {
			must(t, batcher.Operator{Control: l.flusher.Control, Queue: l.queue}.Observe(l.Context()))
		},
		"held": func(l *lane) {
			l.flusher.Guard = batcher.GuardLimits{Min: 0, People: 1}
			l.there("held")
			l.put(personItem("held", inactive))
			l.say("held", intent.Deactivate, l.queue)
			if r, err := l.flusher.Flush(l.Context()); r.Held != 1 {
				l.Fatalf("%+v, %v", r, err)
			}
			l.flusher.Guard = batcher.GuardLimits{Min: 1000}
		},
	} {
		inLane(t, func(l *lane) {
			l.there("ann")
			rest(l)
			_, err := l.flusher.Control.Change(t.Context(), func(s *batcher.State) bool { s.NextTry = time.Now().Add(10 * time.Minute); return true })
			must(t, err)
			l.leave("ann")
			l.poll(time.Minute)
			touched := slices.ContainsFunc(l.urgent.Messages(), func(m sim.Message) bool { return m.Count > 0 })
			if len(l.deletes) > 0 || l.urgent.Len() != 1 || touched {
				t.Errorf("%s: %d calls, %d copies, received %v", name, len(l.deletes), l.urgent.Len(), touched)
			}
		})
	}
}
