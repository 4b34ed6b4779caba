package batcher_test

import (
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/sim"
	"rollcall/okta/oktasim"
)

// few is a house with one person, ann, whom Okta refuses till she has a title.
type few struct {
	*bubble
	operator batcher.Operator
}

// refusals is how many runs in a row must refuse everybody before the few are rejected.
const refusals = 6

func withFew(t *testing.T, test func(*few)) {
	t.Helper()
	inBubble(t, 0, 1, nil, func(b *bubble) {
		must(t, b.org.Reconfigure(func(o *oktasim.Config) { o.RefuseNullCustom, o.Cooldown, o.ImportTime = true, 0, 0 }))
		f := &few{b, batcher.Operator{Control: b.flusher.Control, Queue: b.queue, Who: "test"}}
		b.put(personItem("ann", untitled))
		f.say(b.queue, "ann")
		test(f)
	})
}

func (f *few) say(queue *sim.Queue, id string) {
	f.Helper()
	bodies, err := intent.Pack(intent.Message{Intents: []intent.Intent{{ExternalID: id, Keys: []intent.Key{keyOf(id)}}}})
	must(f.T, err)
	_, err = queue.Send(f.Context(), bodies, 0)
	must(f.T, err)
}

// run flushes once the next try has come and ann's message is there again.
func (f *few) run(want batcher.Outcome) {
	f.Helper()
	time.Sleep(16 * time.Minute)
	if r, err := f.flusher.Flush(f.Context()); r.Outcome != want {
		f.Fatalf("flush ended %q (%v), want %q", r.Outcome, err, want)
	}
}

// other has the flusher do one flush of another queue, on which somebody may be.
func (f *few) other(want batcher.Outcome, ids ...string) {
	f.Helper()
	queue := sim.NewQueue(f.flusher.Timing.Visibility)
	for _, id := range ids {
		f.put(personItem(id, nil))
		f.say(queue, id)
	}
	own := f.flusher.Queue
	f.flusher.Queue = queue
	f.run(want)
	f.flusher.Queue = own
}

func (f *few) rejected() int {
	f.Helper()
	rejects, err := f.flusher.Control.Rejects(f.Context())
	must(f.T, err)
	return len(rejects)
}

// wantRejectedAfter wants ann rejected by so many more runs, and not before.
func (f *few) wantRejectedAfter(runs int) {
	f.Helper()
	for i := range runs {
		if n := f.rejected(); n > 0 {
			f.Fatalf("rejected after %d refusals, want %d", i, runs)
		}
		want := batcher.Failed
		if i == runs-1 {
			want = batcher.Nothing
		}
		f.run(want)
	}
	if f.rejected() != 1 || f.queue.Len() != 0 {
		f.Errorf("%d rejects and %d messages after %d refusals, want ann rejected", f.rejected(), f.queue.Len(), runs)
	}
}

// TestWhoHasWaitedLongIsNotRejectedAtTheFirstRefusal: a message is received also while nothing can be loaded, in
// observe-only and while a session is in flight.
func TestWhoHasWaitedLongIsNotRejectedAtTheFirstRefusal(t *testing.T) {
	withFew(t, func(f *few) {
		must(t, f.operator.Observe(t.Context()))
		for range 10 {
			f.run(batcher.Observed)
		}
		must(t, f.operator.Resume(t.Context()))
		f.wantRejectedAfter(refusals)
	})
}

// TestRunsWithoutAnybodyDoNotEndTheRow: else few people whom Okta refuses would come back for ever.
func TestRunsWithoutAnybodyDoNotEndTheRow(t *testing.T) {
	withFew(t, func(f *few) {
		for range refusals - 1 {
			f.run(batcher.Failed)
			f.other(batcher.Idle)
		}
		must(t, f.operator.Resume(t.Context()))
		f.wantRejectedAfter(1)
	})
}

// TestOneWhomOktaTakesEndsTheRow: then it was not the setup, or it is mended.
func TestOneWhomOktaTakesEndsTheRow(t *testing.T) {
	withFew(t, func(f *few) {
		for range refusals - 1 {
			f.run(batcher.Failed)
		}
		f.other(batcher.Triggered, "bea")
		f.wantRejectedAfter(refusals)
	})
}

// TestALeaverDoesNotEndTheRow, since one says nothing of the attributes that are mapped.
func TestALeaverDoesNotEndTheRow(t *testing.T) {
	withFew(t, func(f *few) {
		f.flusher.Guard.Min = 10
		f.other(batcher.Triggered, "bea")
		for range refusals - 1 {
			f.run(batcher.Failed)
		}
		must(t, f.table.DeleteItem(keyOf("bea")))
		queue := sim.NewQueue(f.flusher.Timing.Visibility)
		bodies, err := intent.Pack(intent.Message{Intents: []intent.Intent{{ExternalID: "bea", Kind: intent.Deactivate, Keys: []intent.Key{keyOf("bea")}}}})
		must(t, err)
		_, err = queue.Send(t.Context(), bodies, 0)
		must(t, err)
		own := f.flusher.Queue
		f.flusher.Queue = queue
		f.run(batcher.Triggered)
		f.flusher.Queue = own
		f.wantRejectedAfter(1)
	})
}
