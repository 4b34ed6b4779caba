package batcher_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// lane is a bubble with the urgent lane on, the durations of production and an org with the limits of a real one.
type lane struct {
	*bubble
	queue   *memoryQueue
	urgent  *memoryQueue
	table   memoryTable
	mu      sync.Mutex // of reports
	reports []batcher.Report
	// deletes are the calls that take somebody out, by when they were made.
	deletes []time.Time
}

func inLane(t *testing.T, test func(*lane)) {
	t.Helper()
	inBubble(t, 15, okta.DefaultRateShare, nil, func(b *bubble) {
		l := &lane{bubble: b, queue: &memoryQueue{}, urgent: &memoryQueue{}, table: memoryTable{}}
		b.flusher.Queue, b.flusher.Table = l.queue, l.table
		must(t, b.org.Reconfigure(func(o *oktasim.Config) { o.Latency = 200 * time.Millisecond }))
		b.flusher.Urgent = &batcher.UrgentLane{Queue: l.urgent, PerMinute: 5}
		b.flusher.Guard = batcher.GuardLimits{Min: 1000}
		b.flusher.Observe = func(r batcher.Report) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.reports = append(l.reports, r)
		}
		l.dial(okta.DefaultRateShare)
		test(l)
	})
}

// reported returns the reports of the runs up to now.
func (l *lane) reported() []batcher.Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.reports)
}

// dial makes the flusher a client whose calls are noted.
func (l *lane) dial(share float64) {
	l.Helper()
	client, err := okta.New(okta.Config{
		OrgURL: "https://example.okta.com", IdentitySourceID: "0oa1", Authorizer: okta.SSWS("sim-token"),
		Transport: l.org.Transport(), RateShare: share, Jitter: func() float64 { return 0 },
		Observe: func(c okta.Call) {
			if c.Op == "delete user" {
				l.deletes = append(l.deletes, time.Now())
			}
		},
	})
	must(l.T, err)
	l.flusher.Okta = client
}

// there puts people into the table and into Okta.
func (l *lane) there(ids ...string) {
	for _, id := range ids {
		l.table[keyOf(id)] = personItem(id, nil)
		l.org.Put(oktasim.User{ExternalID: id, Profile: map[string]string{"userName": id + "@example.com", "email": id + "@example.com"}})
	}
}

// leave has people leave, each in a message of its own on both queues, as the stream-handler does.
func (l *lane) leave(ids ...string) {
	l.Helper()
	for _, id := range ids {
		l.table[keyOf(id)] = personItem(id, inactive)
		l.say(id, intent.Deactivate, l.queue, l.urgent)
	}
}

func (l *lane) say(id string, kind intent.Kind, queues ...*memoryQueue) {
	l.Helper()
	in := intent.Intent{ExternalID: id, Kind: kind, Keys: []intent.Key{keyOf(id)}, Changed: time.Now()}
	for _, q := range queues {
		bodies, err := intent.Pack(intent.Message{Trace: "lane", Intents: []intent.Intent{in}})
		must(l.T, err)
		_, err = q.Send(l.Context(), bodies, 0)
		must(l.T, err)
	}
}

// inFlight has a session in flight that is not over before the test is.
func (l *lane) inFlight() {
	l.Helper()
	must(l.T, l.org.Reconfigure(func(o *oktasim.Config) { o.ImportTime = 24 * time.Hour }))
	l.table[keyOf("flight")] = personItem("flight", nil)
	l.say("flight", intent.Upsert, l.queue)
	if r, err := l.flusher.Flush(l.Context()); r.Outcome != batcher.Triggered {
		l.Fatalf("no session in flight: %+v, %v", r, err)
	}
	time.Sleep(2 * time.Minute) // and the window is a new one
}

// use has the flusher's client make so many calls, and another client the others.
func (l *lane) use(ours, others int) {
	l.Helper()
	for range ours {
		_, err := l.flusher.Okta.ListSessions(l.Context())
		must(l.T, err)
	}
	client, err := okta.New(okta.Config{
		OrgURL: "https://example.okta.com", IdentitySourceID: "0oa1", Authorizer: okta.SSWS("sim-token"), Transport: l.org.Transport(), RateShare: 1,
	})
	must(l.T, err)
	for range others {
		_, err := client.ListSessions(l.Context())
		must(l.T, err)
	}
}

// poll runs the flusher for a while.
func (l *lane) poll(d time.Duration) {
	l.Helper()
	ctx, stop := context.WithTimeout(l.Context(), d)
	defer stop()
	_ = l.flusher.PollUntil(l.Context(), ctx)
	synctest.Wait()
}

// outWithin polls and checks who is out after d.
func (l *lane) outWithin(d time.Duration, ids ...string) {
	l.Helper()
	done := make(chan struct{})
	go func() { defer close(done); l.poll(d + time.Minute) }()
	time.Sleep(d)
	for _, id := range ids {
		if got := l.status(id); got != oktasim.Deprovisioned {
			l.Errorf("%s is %s after %v: %v", id, got, d, l.outcomes())
		}
	}
	<-done
}

func (l *lane) status(id string) string {
	u, there := l.org.User(id)
	if !there {
		return "none"
	}
	return u.Status
}

func (l *lane) outcomes() (all []batcher.Outcome) {
	for _, r := range l.reported() {
		all = append(all, r.Outcome)
	}
	return all
}

func (l *lane) rejects() map[string]string {
	l.Helper()
	all, err := l.flusher.Control.Rejects(l.Context())
	must(l.T, err)
	reasons := map[string]string{}
	for _, r := range all {
		reasons[r.ExternalID+r.Record] = r.Reason
	}
	return reasons
}

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
			l.poll(2 * time.Minute) // in the next window whoever was left is loaded
			if left := l.queue.due(100); len(left) > 0 {
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
		l.table[keyOf("ann")] = personItem("ann", nil)
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
		l.table[keyOf("ann")] = personItem("ann", nil)
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
				if left := l.urgent.len(); left > 0 {
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
		l.table[keyOf("bob")] = personItem("bob", inactive)
		bodies, err := intent.Pack(intent.Message{Trace: "old", Intents: []intent.Intent{old, other}})
		must(t, err)
		_, err = l.urgent.Send(t.Context(), bodies, 0)
		must(t, err)
		l.leave("ann")
		l.outWithin(5*time.Second, "ann", "bob")
	})
}

// TestOrdinaryLeaversLeaveNoCopyBehind: a flusher that finds nothing to do forgets the copies of what it has done.
func TestOrdinaryLeaversLeaveNoCopyBehind(t *testing.T) {
	inLane(t, func(l *lane) {
		l.there("ann")
		l.leave("ann", "nobody")
		l.poll(3 * time.Minute)
		if l.urgent.len() != 0 || len(l.deletes) != 0 {
			t.Errorf("%d copies are left after %d calls: %v", l.urgent.len(), len(l.deletes), l.outcomes())
		}
		// One that came after the flush began is not forgotten: the intents queue still has it.
		must(t, l.org.Reconfigure(func(o *oktasim.Config) { o.ImportTime = 24 * time.Hour }))
		l.there("bob")
		time.AfterFunc(10*time.Second, func() { l.say("bob", intent.Deactivate, l.urgent) })
		if r, err := l.flusher.Flush(l.Context()); r.Outcome != batcher.Idle || l.urgent.len() != 1 {
			t.Errorf("%d copies after %s (%v)", l.urgent.len(), r.Outcome, err)
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
		sent := l.urgent.sent
		l.poll(30 * time.Second)
		if len(l.deletes) != 5 || l.urgent.len() != 3 || l.urgent.sent != sent {
			t.Errorf("%d calls, %d copies left, %d sent anew", len(l.deletes), l.urgent.len(), l.urgent.sent-sent)
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
		if len(l.rejects()) > 0 || len(l.deletes) != 1 || l.urgent.len() != 1 {
			t.Errorf("before anybody was taken out: rejects %v, %d calls, %d copies", l.rejects(), len(l.deletes), l.urgent.len())
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
		if len(l.deletes) != calls || l.urgent.len() != 0 {
			t.Errorf("%d further calls for the reject, %d copies", len(l.deletes)-calls, l.urgent.len())
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
		if len(l.deletes) != 1 || len(l.rejects()) > 0 || l.urgent.len() != 3 {
			t.Errorf("%d calls, rejects %v, %d copies", len(l.deletes), l.rejects(), l.urgent.len())
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
			var said []memoryMessage
			l.leave("ann")
			l.poll(10 * time.Second)
			left := time.Now()
			for _, m := range l.queue.messages {
				if m.Sent.Before(left) && m.visible.Sub(m.Sent) >= time.Minute && m.Count == 0 {
					said = append(said, m)
				}
			}
			if len(said) == 0 {
				t.Fatalf("drop %q: ann is not said again: %+v", drop, l.queue.messages)
			}
			for _, m := range said {
				if wait := m.visible.Sub(m.Sent); wait != 15*time.Minute || m.Sent.After(l.deletes[0]) && len(said) == 1 {
					t.Errorf("drop %q: said %v later, sent %v after the call", drop, wait, m.Sent.Sub(l.deletes[0]))
				}
			}
		})
	}
}

// laggingTable finds people by an index that learns of a change only after a while.
type laggingTable struct {
	memoryTable
	moved time.Time
	lag   time.Duration
	from  intent.Key
}

func (t laggingTable) Find(_ context.Context, id string) ([]intent.Key, error) {
	if time.Since(t.moved) < t.lag {
		return []intent.Key{t.from}, nil
	}
	var keys []intent.Key
	for key, item := range t.memoryTable {
		var columns struct{ ID struct{ S string } }
		if json.Unmarshal(item, &columns) == nil && columns.ID.S == id {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// TestTheLaneWaitsForTheIndex: somebody who was moved to another key is no leaver, though the index does not know yet.
func TestTheLaneWaitsForTheIndex(t *testing.T) {
	for _, leaves := range []bool{false, true} {
		inLane(t, func(l *lane) {
			old, now := intent.Key(`{"row":{"S":"1"}}`), intent.Key(`{"row":{"S":"2"}}`)
			l.there("ann")
			l.table[old] = personItem("ann", nil)
			delete(l.table, keyOf("ann"))
			l.inFlight()
			l.flusher.Indexed = true
			delete(l.table, old)
			if !leaves {
				l.table[now] = personItem("ann", nil)
			}
			l.flusher.Table = laggingTable{l.table, time.Now(), 4 * time.Second, old}
			in := intent.Intent{ExternalID: "ann", Kind: intent.Deactivate, Keys: []intent.Key{old}, Changed: time.Now()}
			bodies, err := intent.Pack(intent.Message{Trace: "moved", Intents: []intent.Intent{in}})
			must(t, err)
			for _, q := range []*memoryQueue{l.queue, l.urgent} {
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
			l.table[keyOf("held")] = personItem("held", inactive)
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
			touched := slices.ContainsFunc(l.urgent.messages, func(m memoryMessage) bool { return m.Count > 0 })
			if len(l.deletes) > 0 || l.urgent.len() != 1 || touched {
				t.Errorf("%s: %d calls, %d copies, received %v", name, len(l.deletes), l.urgent.len(), touched)
			}
		})
	}
}
