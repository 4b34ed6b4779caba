package batcher_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/okta/oktasim"
)

// urgent turns the urgent lane of a house on and lets no further session be opened: one is in flight for long.
func urgent(t *testing.T, perMinute int, people ...string) *house {
	t.Helper()
	h := newHouse(t)
	lane := &countingQueue{Queue: h.urgentQueue}
	h.handler.Urgent = lane
	h.flusher.Urgent = &batcher.UrgentLane{Queue: lane, PerMinute: perMinute}
	h.flusher.Timing.Busy = 3 * time.Second
	h.flusher.Timing.Again = time.Second
	for _, id := range people {
		h.put(id, nil)
	}
	h.deliver()
	h.drain()
	must(t, h.org.Reconfigure(func(o *oktasim.Config) { o.ImportTime = time.Hour }))
	h.put("in flight", map[string]any{"email": s("flight@example.com")})
	h.deliver()
	h.wants(batcher.Triggered)
	return h
}

// poll runs the flusher until a condition holds, for 5 s at most, and returns how long it took.
func (h *house) poll(holds func() bool) time.Duration {
	h.Helper()
	ctx, stop := context.WithTimeout(h.Context(), 5*time.Second)
	done := make(chan error, 1)
	began := time.Now()
	go func() { done <- h.flusher.PollUntil(h.Context(), ctx) }()
	for !holds() && ctx.Err() == nil {
		time.Sleep(5 * time.Millisecond)
	}
	took := time.Since(began)
	stop()
	must(h.T, <-done)
	return took
}

func TestALeaverIsOutWhileNoSessionCanBeOpened(t *testing.T) {
	h := urgent(t, 5, "ann", "bob")
	h.remove("ann")
	h.put("bob", inactive)
	h.deliver()
	took := h.poll(func() bool {
		return h.status("ann") == oktasim.Deprovisioned && h.status("bob") == oktasim.Deprovisioned
	})
	h.wantStatus(map[string]string{"ann": oktasim.Deprovisioned, "bob": oktasim.Deprovisioned})
	t.Logf("out after %v", took)
	if n := h.org.Calls()[oktasim.OpUserDelete]; n != 2 {
		t.Errorf("%d calls took out two people", n)
	}
	if h.depth() < 2 {
		t.Errorf("%d messages, want the leavers also said again", h.depth())
	}
}

func TestAStateThatTheUrgentLaneLeftWrongIsMended(t *testing.T) {
	h := urgent(t, 5, "ann")
	h.remove("ann")
	h.deliver()
	// The call is dropped at once and has its effect later, when the person has come back.
	h.faults(oktasim.Fault{Op: oktasim.OpUserDelete, Drop: "late", Delay: oktasim.Duration(500 * time.Millisecond)})
	h.poll(func() bool { return h.org.Calls()[oktasim.OpUserDelete] > 0 })
	h.put("ann", nil)
	h.deliver()
	must(t, h.org.Reconfigure(func(o *oktasim.Config) { o.ImportTime = 0 }))
	time.Sleep(600 * time.Millisecond)
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active})
}

func TestTheUrgentLaneIsGuardedAndHasABudget(t *testing.T) {
	var people []string
	for i := range 30 {
		people = append(people, fmt.Sprintf("p%02d", i))
	}
	t.Run("guard", func(t *testing.T) {
		h := urgent(t, 100, people...)
		for _, id := range people {
			h.remove(id)
		}
		h.deliver()
		h.poll(func() bool { return h.org.Calls()[oktasim.OpUserDelete] > 0 })
		if n := h.org.Calls()[oktasim.OpUserDelete]; n != 0 {
			t.Errorf("%d people taken out past the guard", n)
		}
	})
	t.Run("budget", func(t *testing.T) {
		h := urgent(t, 3, people...)
		for _, id := range people[:6] {
			h.remove(id)
		}
		h.deliver()
		h.poll(func() bool { return h.org.Calls()[oktasim.OpUserDelete] > 3 })
		if n := h.org.Calls()[oktasim.OpUserDelete]; n != 3 {
			t.Errorf("%d calls in a minute, want 3", n)
		}
		visible, hidden, _, err := h.urgentQueue.Depth(t.Context())
		must(t, err)
		if visible+hidden == 0 {
			t.Error("the others have lost their turn")
		}
	})
}

func TestPeopleWhomAnImportDidNotApplyBecomeRejects(t *testing.T) {
	h := newHouse(t, func(_ *config.Config, o *oktasim.Config) { o.SameUserName = oktasim.SameUserNameClash })
	h.put("ann", nil)
	h.deliver()
	h.drain()
	h.put("double", map[string]any{"email": s("ann@example.com")})
	h.deliver()
	h.wants(batcher.Triggered)
	if report := h.wants(batcher.Looked); report.ImportFailures != 1 {
		t.Errorf("report %+v, want one person whom the import did not apply", report)
	}
	if reason := h.rejects()["double"]; reason == "" {
		t.Errorf("rejects %v, want the one that Okta names", h.rejects())
	}
	h.put("double", nil)
	h.deliver()
	h.drain()
	if rejects := h.rejects(); len(rejects) > 0 {
		t.Errorf("rejects %v after the person was loaded", rejects)
	}
}
