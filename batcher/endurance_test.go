package batcher_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/internal/sim"
	"rollcall/okta/oktasim"
)

// TestMessagesInWorkStayHidden loads for several times as long as the queue hides a message, while somebody else receives.
func TestMessagesInWorkStayHidden(t *testing.T) {
	inBubble(t, 0, 1, nil, func(b *bubble) {
		const hidden = 5 * time.Second
		b.queue = sim.NewQueue(hidden)
		b.flusher.Queue, b.flusher.Timing.Visibility, b.flusher.Timing.Renew = b.queue, hidden, time.Second
		b.changed(1)
		must(b.T, b.org.Fault(oktasim.Fault{Op: oktasim.OpBulkUpsert, Delay: oktasim.Duration(4 * hidden)}))
		ctx, cancel := context.WithCancel(b.Context())
		seen := make(chan int)
		go func() {
			n := 0
			for ctx.Err() == nil {
				// Only once the flusher has it: the call that it makes is not there to be taken from it.
				if b.org.Calls()[oktasim.OpCreate] > 0 {
					if got, err := b.queue.Receive(ctx, 0); err == nil {
						n += len(got)
					}
				}
				time.Sleep(100 * time.Millisecond)
			}
			seen <- n
		}()
		if took := b.load(1); took < 4*hidden {
			b.Errorf("the load took %v", took)
		}
		cancel()
		if n := <-seen; n > 0 {
			b.Errorf("a message in work was handed out %d times", n)
		}
	})
}

// TestARunThatIsToldToEndHoldsNobodyUp: it says nothing of Okta, so that the next may try at once.
func TestARunThatIsToldToEndHoldsNobodyUp(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	h.faults(hang(oktasim.OpList))
	ctx, cancel := context.WithCancel(t.Context())
	h.flusher.Observe = func(r batcher.Report) {
		if r.Outcome != batcher.Interrupted {
			t.Errorf("outcome %q", r.Outcome)
		}
	}
	go func() {
		for h.org.Calls()[oktasim.OpList] == 0 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := h.flusher.Flush(ctx); err == nil {
		t.Error("a run that was told to end says nothing")
	}
	state, err := h.control.State(t.Context())
	must(t, err)
	if state.Failures != 0 || !state.NextTry.IsZero() || state.Owner != "" {
		t.Errorf("%d failures, next try %v, lease of %q", state.Failures, state.NextTry, state.Owner)
	}
	h.flusher.Observe = nil
	h.wants(batcher.Triggered)
}

// TestAWatchOfAwkwardNames: a character that JSON may escape does not make a watch outgrow an entry of the control table.
func TestAWatchOfAwkwardNames(t *testing.T) {
	h := newHouse(t)
	all := make([][]byte, 200)
	for i := range all {
		all[i] = personItem(fmt.Sprintf("%s%03d", strings.Repeat("&", 500), i), map[string]any{"email": s(fmt.Sprintf("p%d@example.com", i))})
	}
	must(t, h.table.PutMany(t.Context(), all))
	h.deliver()
	r := h.wants(batcher.Triggered)
	if r.Upserted != 200 {
		t.Fatalf("%d people", r.Upserted)
	}
	watches, err := h.control.Watches(t.Context())
	must(t, err)
	if len(watches) != 1 || len(watches[0].Intents) != 200 {
		t.Errorf("watches %d", len(watches))
	}
}

// TestALeaverWhomOktaRefusesStopsNobody: people of the same run whom Okta took prove that the setup is not at fault.
func TestALeaverWhomOktaRefusesStopsNobody(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	h.drain()
	h.remove("ann")
	h.putMany(12, func(i int) string { return fmt.Sprintf("p%02d", i) })
	h.deliver()
	h.faults(oktasim.Fault{Op: oktasim.OpBulkDelete, Count: -1, Status: 400})
	r := h.wants(batcher.Triggered)
	if r.Upserted != 12 || r.Rejected != 1 {
		t.Errorf("%d upserted, %d rejected, want 12 and the one", r.Upserted, r.Rejected)
	}
	if reason := h.rejects()["ann"]; !strings.Contains(reason, "refused by Okta") {
		t.Errorf("ann is rejected for %q", reason)
	}
}
