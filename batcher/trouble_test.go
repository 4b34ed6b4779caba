package batcher_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// TestAnswersThatAreNone has one call of each operation answered with something that is no answer, after its effect.
func TestAnswersThatAreNone(t *testing.T) {
	for name, fault := range map[string]oktasim.Fault{
		"closed in the middle of the body": {Drop: "middle"},
		"a page":                           {Body: "<html><body>Please sign in</body></html>"},
		"half an object":                   {Body: `{"id":"iss1","sta`},
		"too late":                         {Drop: "late", Delay: oktasim.Duration(100 * time.Millisecond)},
	} {
		for _, op := range []string{
			oktasim.OpList, oktasim.OpCreate, oktasim.OpBulkUpsert, oktasim.OpBulkDelete, oktasim.OpStartImport, oktasim.OpGet,
		} {
			t.Run(op+" answered by "+name, func(t *testing.T) {
				h := newHouse(t)
				h.flusher.Timing.Lease, h.flusher.Timing.Renew = 300*time.Millisecond, 50*time.Millisecond
				h.put("old", nil)
				h.deliver()
				h.drain()
				h.remove("old")
				h.put("ann", nil)
				h.deliver()
				fault.Op = op
				h.faults(fault)
				_, _ = h.flush() // it may fail or not, by the fault
				h.drain()
				h.wantStatus(map[string]string{"ann": oktasim.Active, "old": oktasim.Deprovisioned})
				if v := h.org.Violations(); len(v) > 0 {
					t.Errorf("violations: %v", v)
				}
				if rejects := h.rejects(); len(rejects) > 0 {
					t.Errorf("rejects %v: nobody is at fault", rejects)
				}
			})
		}
	}
}

// TestOktaThatHangs lets every call wait for an hour: the flush ends by the client's timeouts and gives everything back.
func TestOktaThatHangs(t *testing.T) {
	for _, op := range []string{"*", oktasim.OpBulkUpsert, oktasim.OpStartImport} {
		t.Run(op, func(t *testing.T) {
			inBubble(t, 0, 1, nil, func(b *bubble) {
				b.changed(3)
				must(b.T, b.org.Fault(oktasim.Fault{Op: op, Count: -1, Delay: oktasim.Duration(time.Hour)}))
				began := time.Now()
				if report, err := b.flusher.Flush(b.Context()); err == nil {
					b.Errorf("flush ended %s without an error", report.Outcome)
				}
				if took := time.Since(began); took > 5*time.Minute {
					b.Errorf("the flush took %v to give up", took)
				}
				state, err := b.flusher.Control.State(b.Context())
				must(b.T, err)
				if state.Owner != "" || b.queue.Len() != 1 {
					b.Errorf("lease of %q and %d messages left, want none and the one", state.Owner, b.queue.Len())
				}
				b.org.ClearFaults()
				b.drain()
				b.wantActive("person00000", "person00001", "person00002")
			})
		})
	}
}

// TestAThrottledCallWaitsForTheWindow answers one call of each operation with 429, as if others had used up the window.
func TestAThrottledCallWaitsForTheWindow(t *testing.T) {
	for _, op := range []string{oktasim.OpList, oktasim.OpCreate, oktasim.OpBulkUpsert, oktasim.OpStartImport} {
		t.Run(op, func(t *testing.T) {
			inBubble(t, 15, 1, nil, func(b *bubble) {
				b.changed(3)
				must(b.T, b.org.Fault(oktasim.Fault{Op: op, Status: http.StatusTooManyRequests}))
				began := time.Now()
				report, err := b.flusher.Flush(b.Context())
				if err != nil || report.Outcome != batcher.Triggered || report.Upserted != 3 {
					b.Errorf("flush ended %q (%v): %+v", report.Outcome, err, report)
				}
				if took := time.Since(began); took < 40*time.Second || took > 90*time.Second {
					b.Errorf("it took %v, want the next window waited for", took)
				}
				if n := b.org.Calls()[op]; op != oktasim.OpList && n != 2 {
					b.Errorf("%d calls of %s, want one more", n, op)
				}
			})
		})
	}
}

// drain flushes till the queue is empty and nothing is watched.
func (b *bubble) drain() {
	b.Helper()
	for end := time.Now().Add(6 * time.Hour); time.Now().Before(end); time.Sleep(10 * time.Second) {
		_, _ = b.flusher.Flush(b.Context())
		watches, err := b.flusher.Control.Watches(b.Context())
		must(b.T, err)
		if b.queue.Len() == 0 && len(watches) == 0 {
			return
		}
	}
	b.Fatalf("not drained: %d messages", b.queue.Len())
}

func (b *bubble) wantActive(ids ...string) {
	b.Helper()
	for _, id := range ids {
		if user, _ := b.org.User(id); user.Status != oktasim.Active {
			b.Errorf("%s is %q in Okta", id, user.Status)
		}
	}
}

// trip makes one call of the edges fail, before or after its effect.
type trip struct {
	mu        sync.Mutex
	at, calls int
	after     bool
}

var errTripped = errors.New("edge does not work")

func (t *trip) call(do func() error) error {
	t.mu.Lock()
	t.calls++
	hit := t.calls == t.at
	t.mu.Unlock()
	if !hit {
		return do()
	}
	if t.after {
		_ = do()
	}
	return errTripped
}

type tripQueue struct {
	batcher.Queue
	*trip
}

func (q tripQueue) Receive(ctx context.Context, wait time.Duration) (got []batcher.Received, err error) {
	err = q.call(func() error { got, err = q.Queue.Receive(ctx, wait); return err })
	if err != nil {
		return nil, err // the messages are lost to the receiver
	}
	return got, nil
}

func (q tripQueue) Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error) {
	err = q.call(func() error { failed, err = q.Queue.Send(ctx, bodies, delay); return err })
	if err != nil && len(failed) == 0 {
		for i := range bodies {
			failed = append(failed, i)
		}
	}
	return failed, err
}

func (q tripQueue) Delete(ctx context.Context, receipts []string) error {
	return q.call(func() error { return q.Queue.Delete(ctx, receipts) })
}

func (q tripQueue) Postpone(ctx context.Context, receipts []string, d time.Duration) error {
	return q.call(func() error { return q.Queue.Postpone(ctx, receipts, d) })
}

type tripTable struct {
	batcher.Table
	*trip
}

func (t tripTable) Get(ctx context.Context, keys []intent.Key) (found map[intent.Key][]byte, bad map[intent.Key]error, err error) {
	err = t.call(func() error { found, bad, err = t.Table.Get(ctx, keys); return err })
	if err != nil {
		return nil, nil, err
	}
	return found, bad, nil
}

func (t tripTable) Count(ctx context.Context) (n int64, err error) {
	err = t.call(func() error { n, err = t.Table.Count(ctx); return err })
	return n, err
}

type tripStore struct {
	batcher.Store
	*trip
}

func (s tripStore) Get(ctx context.Context, kind, id string) (e batcher.Entry, err error) {
	err = s.call(func() error { e, err = s.Store.Get(ctx, kind, id); return err })
	return e, err
}

func (s tripStore) List(ctx context.Context, kind string) (all []batcher.Entry, err error) {
	err = s.call(func() error { all, err = s.Store.List(ctx, kind); return err })
	return all, err
}

func (s tripStore) Put(ctx context.Context, entries []batcher.Entry) error {
	return s.call(func() error { return s.Store.Put(ctx, entries) })
}

func (s tripStore) Swap(ctx context.Context, e batcher.Entry) error {
	return s.call(func() error { return s.Store.Swap(ctx, e) })
}

func (s tripStore) Delete(ctx context.Context, entries []batcher.Entry) error {
	return s.call(func() error { return s.Store.Delete(ctx, entries) })
}

// TestEveryCallOfAnEdgeMayFail fails the first, the second, … call of queue, table and control table, before and after its
// effect, while one person joins, one leaves and one cannot be told: whatever fails, all come to their end.
func TestEveryCallOfAnEdgeMayFail(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			reached := false
			t.Run(fmt.Sprintf("call %d, after its effect %v", at, after), func(t *testing.T) {
				inBubble(t, 0, 1, nil, func(b *bubble) { reached = b.survive(&trip{at: at, after: after}) })
			})
			if !reached {
				break
			}
		}
	}
}

// survive returns whether the call that was to fail was made.
func (b *bubble) survive(trip *trip) bool {
	b.Helper()
	b.flusher.Guard.Min = 5
	b.changed(2)
	b.drain()
	b.put(personItem("person00000", inactive), personItem("person00001", map[string]any{"email": nil}), personItem("joiner", nil))
	bodies, err := intent.Pack(intent.Message{Trace: "trip", Intents: []intent.Intent{
		{ExternalID: "person00000", Kind: intent.Deactivate, Keys: []intent.Key{keyOf("person00000")}},
		{ExternalID: "person00001", Keys: []intent.Key{keyOf("person00001")}},
		{ExternalID: "joiner", Keys: []intent.Key{keyOf("joiner")}},
	}})
	must(b.T, err)
	_, err = b.queue.Send(b.Context(), bodies, 0)
	must(b.T, err)

	b.flusher.Queue, b.flusher.Table = tripQueue{b.queue, trip}, tripTable{b.table, trip}
	b.flusher.Control = batcher.NewControl(tripStore{b.store, trip})
	for range 4 {
		_, _ = b.flusher.Flush(b.Context())
		time.Sleep(20 * time.Minute)
	}
	b.flusher.Queue, b.flusher.Table, b.flusher.Control = b.queue, b.table, batcher.NewControl(b.store)
	b.drain()
	b.wantActive("joiner", "person00001")
	if user, _ := b.org.User("person00000"); user.Status != oktasim.Deprovisioned {
		b.Errorf("the leaver is %q in Okta", user.Status)
	}
	rejects, err := b.flusher.Control.Rejects(b.Context())
	must(b.T, err)
	if len(rejects) != 1 || rejects[0].ExternalID != "person00001" {
		b.Errorf("rejects %+v, want the one without an e-mail address", rejects)
	}
	if bad := b.org.Violations(); len(bad) > 0 {
		b.Errorf("the org saw %v", bad)
	}
	return trip.calls >= trip.at
}
