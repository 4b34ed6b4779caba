package batcher_test

import (
	"fmt"
	"testing"

	"rollcall/batcher"
	"rollcall/okta/oktasim"
)

func TestFlushTellsOktaWhatTheTableSays(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.put("bob", nil)
	h.put("cem", inactive)
	h.deliver()
	h.wants(batcher.Triggered)
	h.wants(batcher.Looked)
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": oktasim.Active, "cem": "none"})

	h.put("ann", map[string]any{"title": s("Director"), "phone": nil})
	h.put("bob", inactive)
	h.deliver()
	h.wants(batcher.Triggered)
	h.wants(batcher.Looked)
	h.wantStatus(map[string]string{"bob": oktasim.Deprovisioned})
	user, _ := h.org.User("ann")
	if phone, there := user.Profile["primaryPhone"]; there || user.Profile["title"] != "Director" {
		t.Errorf("ann is %q with phone %q, want a Director without one", user.Profile["title"], phone)
	}
	if n := h.depth(); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	if v := h.org.Violations(); len(v) > 0 {
		t.Errorf("violations: %v", v)
	}
}

func TestIdleFlushDoesNotCallOkta(t *testing.T) {
	h := newHouse(t)
	h.wants(batcher.Idle)
	if n := h.oktaCalls(); n != 0 {
		t.Errorf("%d calls to Okta with nothing to do", n)
	}
}

func TestTheTableDecidesNotTheRecord(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.remove("ann")
	h.put("ann", map[string]any{"title": s("Back")})
	h.deliver()
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active})

	h.remove("ann")
	h.deliver()
	h.put("ann", nil) // undone before the flush
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active})
}

func TestUpsertOfAMissingItemDoesNothing(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	h.drain()
	before := h.org.Calls()[oktasim.OpBulkDelete]
	h.put("ann", map[string]any{"title": s("New")})
	h.deliver() // upsert
	h.remove("ann")
	if report := h.wants(batcher.Nothing); report.Nothings != 1 {
		t.Errorf("report %+v, want one person with nothing to do", report)
	}
	h.wantStatus(map[string]string{"ann": oktasim.Active})
	if h.org.Calls()[oktasim.OpBulkDelete] != before || h.depth() != 0 {
		t.Errorf("an upsert intent of a missing item was more than dropped")
	}
	h.deliver() // its own REMOVE
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Deprovisioned})
}

func TestUnknownLeaversAreSaidOnceMore(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.remove("ann")
	h.deliver()
	report := h.wants(batcher.Nothing)
	if report.Deactivated != 1 || h.depth() != 1 {
		t.Fatalf("report %+v with %d messages, want the deactivation queued again", report, h.depth())
	}
	if started := h.org.Calls()[oktasim.OpStartImport]; started != 0 {
		t.Errorf("%d imports of nobody", started)
	}
	h.drain()
	deletes := h.org.Calls()[oktasim.OpBulkDelete]
	if deletes != 2 {
		t.Errorf("the deactivation was uploaded %d times, want twice", deletes)
	}
	for _, s := range h.org.Sessions() {
		if s.Status != oktasim.StatusClosed {
			t.Errorf("session in %s, want it cancelled", s.Status)
		}
	}
}

func TestGuardHoldsAndAnOperatorReleases(t *testing.T) {
	h := newHouse(t)
	name := func(i int) string { return fmt.Sprintf("p%03d", i) }
	h.putMany(100, name)
	h.deliver()
	h.drain()
	for i := range 30 {
		h.remove(name(i))
	}
	h.put("joiner", nil)
	h.deliver()
	if report := h.wants(batcher.Triggered); report.Held != 30 || report.Upserted != 1 || report.HoldReason == "" {
		t.Errorf("report %+v, want 30 held and the joiner told", report)
	}
	h.drain()
	h.wantStatus(map[string]string{name(0): oktasim.Active, "joiner": oktasim.Active})

	h.put(name(50), inactive) // joins those held, though it is only one
	h.put(name(0), nil)       // restored
	h.deliver()
	h.drain()
	h.wantStatus(map[string]string{name(50): oktasim.Active})
	held, err := h.control.Held(t.Context())
	must(t, err)
	if len(held) != 30 {
		t.Fatalf("%d held, want 29 of before and one more", len(held))
	}
	must(t, batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}.Release(t.Context(), held))
	h.drain()
	h.wantStatus(map[string]string{
		name(0): oktasim.Active, name(1): oktasim.Deprovisioned, name(29): oktasim.Deprovisioned, name(50): oktasim.Deprovisioned,
	})
}

func TestPauseAndObserve(t *testing.T) {
	h := newHouse(t)
	operator := batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}
	h.put("ann", nil)
	h.deliver()
	must(t, operator.Pause(t.Context()))
	h.wants(batcher.Paused)
	must(t, operator.Observe(t.Context()))
	if report := h.wants(batcher.Observed); report.Upserted != 1 {
		t.Errorf("report %+v, want one person who would be told", report)
	}
	if n := h.oktaCalls(); n != 0 || h.depth() != 1 {
		t.Errorf("%d calls to Okta and %d messages after observing, want none and the one", n, h.depth())
	}
	must(t, operator.Resume(t.Context()))
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active})
}
