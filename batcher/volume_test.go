package batcher_test

import (
	"fmt"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/okta/oktasim"
)

// TestVolume is a whole session of 10,000 people in as few calls as there can be.
func TestVolume(t *testing.T) {
	h := newHouse(t, func(c *config.Config, _ *oktasim.Config) { c.Guard.People = 10_000 })
	h.flusher.Timing.Gather = time.Second
	name := func(i int) string { return fmt.Sprintf("person%05d", i) }
	h.putMany(10_000, name)
	if runs := h.deliver(); runs != 10 {
		t.Errorf("%d runs of the handler, want 10 of 1,000 records", runs)
	}
	report := h.wants(batcher.Triggered)
	if report.Upserted != 10_000 || report.Loads != 50 {
		t.Errorf("%d people in %d loads, want 10,000 in 50", report.Upserted, report.Loads)
	}
	calls := h.org.Calls()
	for op, want := range map[string]int{oktasim.OpBulkUpsert: 50, oktasim.OpCreate: 1, oktasim.OpStartImport: 1} {
		if calls[op] != want {
			t.Errorf("%d calls of %s, want %d", calls[op], op, want)
		}
	}
	if n := calls[oktasim.OpList] + calls[oktasim.OpGet]; n > 3 {
		t.Errorf("%d lists and gets, want at most 3", n)
	}
	if n := h.queue.sends.Load() + h.queue.receives.Load() + h.queue.deletes.Load(); n > 60 {
		t.Errorf("%s, want at most 60 calls together", h.queue)
	}
	t.Logf("queue: %s; Okta: %v", h.queue, calls)
}

func TestOnePersonMoreThanASession(t *testing.T) {
	h := newHouse(t)
	h.flusher.Timing.Gather = time.Second
	h.putMany(10_001, func(i int) string { return fmt.Sprintf("person%05d", i) })
	h.deliver()
	h.drain()
	active := 0
	for _, u := range h.org.Users() {
		if u.Status == oktasim.Active {
			active++
		}
	}
	if active != 10_001 {
		t.Errorf("%d people are active, want 10,001", active)
	}
	for _, s := range h.org.Sessions() {
		if len(s.People) > 10_000 || s.Loads > 50 {
			t.Errorf("a session of %d people in %d loads", len(s.People), s.Loads)
		}
	}
}
