package batcher_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/okta/oktasim"
)

// What commands foresee must be what a flush then does.
func TestForeseenIsDone(t *testing.T) {
	h := newHouse(t, func(c *config.Config, _ *oktasim.Config) {
		c.Guard.Min, c.Guard.Percent, c.Guard.Protect = 2, 0, []string{"ceo"}
	})
	intents := []intent.Intent{{ExternalID: "ceo", Kind: intent.Deactivate}, {ExternalID: "bad"}, {ExternalID: "jane"}, {ExternalID: "nobody"}}
	h.put("jane", nil)
	h.put("bad", map[string]any{"email": nil})
	for i := range 3 {
		intents = append(intents, intent.Intent{ExternalID: fmt.Sprintf("gone%d", i), Kind: intent.Deactivate})
	}
	approved := intent.Intent{ExternalID: "approved", Kind: intent.Deactivate, Approved: true}
	intents = append(intents, approved)

	decisions, err := h.flusher.Resolver().Resolve(t.Context(), intents)
	must(t, err)
	guard, err := h.flusher.GuardState(t.Context())
	must(t, err)
	reason := guard.Apply(decisions)
	if want := "3 deactivations in 24 h exceed the guard's 2"; reason != want || guard.Reason(3) != want || guard.Reason(2) != "" {
		t.Errorf("guard holds for %q, want %q", reason, want)
	}
	got := map[string]batcher.Action{}
	for _, d := range decisions {
		got[d.Intent.ExternalID] = d.Action
	}
	want := map[string]batcher.Action{
		"ceo": batcher.DoReject, "bad": batcher.DoReject, "jane": batcher.DoUpsert, "nobody": batcher.DoNothing,
		"gone0": batcher.DoHold, "gone1": batcher.DoHold, "gone2": batcher.DoHold, "approved": batcher.DoDeactivate,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	bodies, err := intent.Pack(intent.Message{Intents: intents})
	must(t, err)
	_, err = h.queue.Send(t.Context(), bodies, 0)
	must(t, err)
	report := h.wants(batcher.Triggered)
	if report.Rejected != 2 || report.Upserted != 1 || report.Nothings != 1 || report.Held != 3 || report.Deactivated != 1 {
		t.Errorf("the flush did otherwise: %+v", report)
	}
	if guard, err = h.flusher.GuardState(t.Context()); err != nil || !guard.AnybodyHeld || guard.Reason(1) != "other deactivations are held" {
		t.Errorf("got %+v, %v", guard, err)
	}
}
