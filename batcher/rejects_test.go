package batcher_test

import (
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// rejectsOf returns the rejects by their reasons.
func rejectsOf(b *bubble) map[string]batcher.Reject {
	b.Helper()
	all, err := b.flusher.Control.Rejects(b.Context())
	must(b.T, err)
	byReason := map[string]batcher.Reject{}
	for _, r := range all {
		byReason[r.Reason] = r
	}
	return byReason
}

func flushed(b *bubble, want batcher.Outcome) {
	b.Helper()
	time.Sleep(2 * time.Minute)
	if r, err := b.flusher.Flush(b.Context()); err != nil || r.Outcome != want {
		b.Fatalf("flush ended %q (%v), want %q", r.Outcome, err, want)
	}
}

// TestARejectInAMessageIsEnteredOnce, though the people in it go back again and again: what an operator discards meanwhile
// stays discarded.
func TestARejectInAMessageIsEnteredOnce(t *testing.T) {
	inBubble(t, 0, 1, nil, func(b *bubble) {
		must(t, b.org.Reconfigure(func(o *oktasim.Config) { o.Cooldown = 0 }))
		b.put(personItem("ann", nil))
		const reason = "record has no keys"
		bodies, err := intent.Pack(intent.Message{
			Trace: "mixed", Group: "alone",
			Intents: []intent.Intent{{ExternalID: "ann", Keys: []intent.Key{keyOf("ann")}, Approved: true}},
			Rejects: []intent.Reject{{Record: "r1", Reason: reason, At: time.Now()}},
		})
		must(t, err)
		_, err = b.queue.Send(t.Context(), bodies, 0)
		must(t, err)
		operator := batcher.Operator{Control: b.flusher.Control, Queue: b.queue, Who: "test"}
		must(t, operator.Observe(t.Context()))
		flushed(b, batcher.Observed)
		if len(rejectsOf(b)) != 1 {
			t.Fatalf("rejects %v, want that of the record", rejectsOf(b))
		}
		if b.queue.Len() != 1 {
			t.Errorf("%d messages, want ann's without the reject", b.queue.Len())
		}
		must(t, operator.DiscardRejects(t.Context(), []batcher.Reject{rejectsOf(b)[reason]}))
		for range 3 {
			flushed(b, batcher.Observed)
		}
		if rejects := rejectsOf(b); len(rejects) > 0 {
			t.Errorf("rejects %v are back after they were discarded", rejects)
		}
		must(t, operator.Resume(t.Context()))
		flushed(b, batcher.Triggered)
		if b.queue.Len() != 0 {
			t.Errorf("%d messages are left", b.queue.Len())
		}
	})
}

// TestARejectKeepsItsTimeWhileItsCauseIsTheSame: since when somebody waits for it to be mended.
func TestARejectKeepsItsTimeWhileItsCauseIsTheSame(t *testing.T) {
	inBubble(t, 0, 1, nil, func(b *bubble) {
		b.put(personItem("ann", map[string]any{"email": nil}))
		say := func() {
			bodies, err := intent.Pack(intent.Message{Intents: []intent.Intent{{ExternalID: "ann", Keys: []intent.Key{keyOf("ann")}}}})
			must(t, err)
			_, err = b.queue.Send(t.Context(), bodies, 0)
			must(t, err)
			flushed(b, batcher.Nothing)
		}
		one := func() batcher.Reject {
			rejects := rejectsOf(b)
			if len(rejects) != 1 {
				t.Fatalf("rejects %v, want ann's", rejects)
			}
			for _, r := range rejects {
				return r
			}
			return batcher.Reject{}
		}
		say()
		first := one()
		say()
		if again := one(); !again.At.Equal(first.At) {
			t.Errorf("rejected at %v, and when found once more at %v", first.At, again.At)
		}
		b.put(personItem("ann", map[string]any{"first_name": s(strings.Repeat("x", 51))}))
		say()
		if other := one(); !other.At.After(first.At) || other.Reason == first.Reason {
			t.Errorf("rejected for %q at %v, then for %q at %v", first.Reason, first.At, other.Reason, other.At)
		}
	})
}
