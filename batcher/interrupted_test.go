package batcher_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/internal/embedded"
	"rollcall/okta/oktasim"
)

// hang lets one call of an operation take longer than any test.
func hang(op string) oktasim.Fault { return oktasim.Fault{Op: op, Delay: oktasim.Duration(time.Hour)} }

// during flushes with a context that ends, or whatever the function does, once Okta has got a call of op.
func (h *house) during(op string, do func(cancel context.CancelFunc)) (took time.Duration, err error) {
	h.Helper()
	ctx, cancel := context.WithCancel(h.Context())
	defer cancel()
	before := h.org.Calls()[op]
	began := make(chan time.Time, 1)
	go func() {
		for h.org.Calls()[op] == before {
			time.Sleep(time.Millisecond)
		}
		began <- time.Now()
		do(cancel)
	}()
	_, err = h.flusher.Flush(ctx)
	return time.Since(<-began), err
}

// wantNothingLeft checks that a run left no session, no lease and no message in its hands.
func (h *house) wantNothingLeft(messages int64) {
	h.Helper()
	for _, s := range h.org.Sessions() {
		if s.Status == oktasim.StatusCreated || s.Status == oktasim.StatusInProgress {
			h.Errorf("session %s is left in %s", s.ID, s.Status)
		}
	}
	state, err := h.control.State(h.Context())
	must(h.T, err)
	if state.Owner != "" {
		h.Error("the lease is not given back")
	}
	h.wantVisible(messages)
}

// wantVisible waits till so many messages can be received, no longer than a failure's backoff.
func (h *house) wantVisible(messages int64) {
	h.Helper()
	var visible int64
	for end := time.Now().Add(time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var err error
		visible, _, _, err = h.queue.Queue.(*embedded.Queue).Depth(h.Context())
		must(h.T, err)
		if visible == messages {
			return
		}
	}
	h.Errorf("%d messages can be received, want %d given back", visible, messages)
}

func TestARunThatIsToldToEndLeavesNothing(t *testing.T) {
	for _, op := range []string{oktasim.OpList, oktasim.OpBulkUpsert, oktasim.OpStartImport} {
		t.Run("in "+op, func(t *testing.T) {
			h := newHouse(t)
			h.put("ann", nil)
			h.deliver()
			h.faults(hang(op))
			took, err := h.during(op, func(cancel context.CancelFunc) { cancel() })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want that of the context", err)
			}
			if took > h.flusher.Timing.Cleanup {
				t.Errorf("the run took %v to end, want at most %v", took, h.flusher.Timing.Cleanup)
			}
			h.wantNothingLeft(1)
			h.drain()
			h.wantStatus(map[string]string{"ann": oktasim.Active})
		})
	}
}

// TestACancelThatHangsKeepsNeitherMessagesNorLease has an Okta that takes nothing any more.
func TestACancelThatHangsKeepsNeitherMessagesNorLease(t *testing.T) {
	inBubble(t, 0, 1, nil, func(b *bubble) {
		b.changed(1)
		for _, op := range []string{oktasim.OpBulkUpsert, oktasim.OpCancel} {
			must(b.T, b.org.Fault(hang(op)))
		}
		ctx, cancel := context.WithCancel(b.Context())
		const told = 40 * time.Second // during the upload
		time.AfterFunc(told, cancel)
		began := time.Now()
		if _, err := b.flusher.Flush(ctx); err == nil || b.org.Calls()[oktasim.OpBulkUpsert] == 0 {
			b.Errorf("error %v, want one in the upload", err)
		}
		if took := time.Since(began) - told; took < 0 || took > b.flusher.Timing.Cleanup {
			b.Errorf("the run took %v to end, want at most %v", took, b.flusher.Timing.Cleanup)
		}
		state, err := b.flusher.Control.State(b.Context())
		must(b.T, err)
		if state.Owner != "" {
			b.Error("the lease is not given back")
		}
		for _, m := range b.queue.Messages() {
			if hidden := time.Until(m.Visible); hidden > b.flusher.Timing.MinBackoff {
				b.Errorf("a message is hidden for %v", hidden)
			}
		}
		b.org.ClearFaults()
		time.Sleep(b.flusher.Timing.Lease) // what is left is stale then
		b.load(1)
	})
}

func TestAFlushThatIsLateStopsEarlyAndTriggers(t *testing.T) {
	h := newHouse(t)
	h.flusher.Uploads = 1
	h.putMany(600, func(i int) string { return fmt.Sprintf("p%03d", i) })
	h.deliver()
	h.faults(oktasim.Fault{Op: oktasim.OpBulkUpsert, Count: -1, Delay: oktasim.Duration(800 * time.Millisecond)})
	// A load is begun while there are 35 s more than the reserve: the first, perhaps the second, and not the third.
	ctx, cancel := context.WithTimeout(t.Context(), h.flusher.Timing.Reserve+35*time.Second+1200*time.Millisecond)
	defer cancel()
	report, err := h.flusher.Flush(ctx)
	if err != nil || report.Outcome != batcher.Triggered {
		t.Fatalf("flush ended %q (%v), want what was accepted triggered", report.Outcome, err)
	}
	if report.Upserted == 0 || report.Returned < 200 || report.Upserted+report.Returned != 600 {
		t.Errorf("report %+v, want some told and at least the last load given back", report)
	}
	h.org.ClearFaults()
	h.drain()
	for _, id := range []string{"p000", "p299", "p599"} {
		h.wantStatus(map[string]string{id: oktasim.Active})
	}
	if v := h.org.Violations(); len(v) > 0 {
		t.Errorf("violations: %v", v)
	}
}

func TestAnotherRunsLeaseIsLeftAlone(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	h.lend("another", time.Minute)
	if report := h.wants(batcher.Leased); report.LeaseWaits != 1 || h.queue.receives.Load() != 0 || h.oktaCalls() != 0 {
		t.Errorf("report %+v, %s, %d calls: want nothing touched", report, h.queue, h.oktaCalls())
	}
	h.lend("another", -time.Second) // it died
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active})
}

// lend makes the lease somebody else's.
func (h *house) lend(owner string, d time.Duration) {
	_, err := h.control.Change(h.Context(), func(s *batcher.State) bool {
		s.Owner, s.Until = owner, time.Now().Add(d)
		return true
	})
	must(h.T, err)
}

func TestARunThatLosesItsLeaseTriggersAndEntersNothing(t *testing.T) {
	for name, changes := range map[string]func(*house){
		"a reject, of whom the other run may know to be well": func(h *house) { h.put("nomail", map[string]any{"email": nil}) },
		"a leaver, who may be one too many by now":            func(h *house) { h.remove("lee") },
	} {
		for _, op := range []string{oktasim.OpCreate, oktasim.OpBulkUpsert} {
			t.Run(name+" in "+op, func(t *testing.T) {
				h := newHouse(t)
				h.put("lee", nil)
				h.deliver()
				h.drain()
				h.flusher.Timing.Renew = time.Second // the run itself has to look
				h.put("ann", nil)
				changes(h)
				h.deliver()
				before := h.org.Calls()[oktasim.OpStartImport]
				h.faults(oktasim.Fault{Op: op, Delay: oktasim.Duration(30 * time.Millisecond)})
				_, err := h.during(op, func(context.CancelFunc) { h.lend("another", time.Minute) })
				if err == nil || !strings.Contains(err.Error(), "lease lost") {
					t.Errorf("error %v, want the lease lost", err)
				}
				if n := h.org.Calls()[oktasim.OpStartImport] - before; n != 0 {
					t.Errorf("%d imports started without the lease", n)
				}
				state, err := h.control.State(t.Context())
				must(t, err)
				if state.Owner != "another" {
					t.Errorf("the lease is %q's, want it left with the other run", state.Owner)
				}
				if rejects := h.rejects(); len(rejects) > 0 {
					t.Errorf("rejects %v entered without the lease", rejects)
				}
				leavers, err := h.store.List(t.Context(), "deactivated")
				must(t, err)
				if len(leavers) > 0 {
					t.Errorf("%s counted as deactivated without the lease", leavers[0].ID)
				}
				h.wantVisible(1)
			})
		}
	}
}

// brokenStore is a control table that nobody can reach while broken is set.
type brokenStore struct {
	batcher.Store
	broken atomic.Bool
	gets   atomic.Int64
}

func (b *brokenStore) Get(ctx context.Context, kind, id string) (batcher.Entry, error) {
	b.gets.Add(1)
	if b.broken.Load() {
		return batcher.Entry{}, errors.New("access denied")
	}
	return b.Store.Get(ctx, kind, id)
}

func TestPollingDoesNotRushWhereNothingCanBeDone(t *testing.T) {
	h := newHouse(t)
	store := &brokenStore{Store: h.store}
	h.flusher.Control = batcher.NewControl(store)
	h.flusher.Timing.Quiet = 0
	operator := batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}
	for name, stop := range map[string]func(){
		"no control table": func() { store.broken.Store(true) },
		"paused":           func() { store.broken.Store(false); must(t, operator.Pause(t.Context())) },
	} {
		t.Run(name, func(t *testing.T) {
			stop()
			store.gets.Store(0)
			_ = h.flusher.Poll(t.Context(), 500*time.Millisecond)
			if n := store.gets.Load(); n == 0 || n > 20 {
				t.Errorf("the control item was read %d times in half a second", n)
			}
		})
	}
}
