package batcher_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// TestPollReturnsAFailureThatLasts: whoever invokes the flusher learns of it, also when the last thing it did was to wait
// for the next try, and no longer once a flush went well.
func TestPollReturnsAFailureThatLasts(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	token := ""
	must(t, h.org.Reconfigure(func(o *oktasim.Config) { token, o.Token = o.Token, "another" }))
	h.flusher.Timing.MinBackoff, h.flusher.Timing.MaxBackoff = time.Hour, time.Hour
	var logged bytes.Buffer
	h.flusher.Log.Logger.SetOutput(&logged)
	err := h.flusher.Poll(t.Context(), 200*time.Millisecond)
	if okta.Classify(err) != okta.Misconfigured || strings.Contains(err.Error(), "401") || strings.Count(logged.String(), "401") != 1 {
		t.Errorf("with a token that Okta refuses: %v; want its error logged, and not told once more\n%s", err, logged.String())
	}
	if err := h.flusher.Poll(t.Context(), 50*time.Millisecond); err != nil {
		t.Errorf("an invocation that only waited: %v", err)
	}
	must(t, h.org.Reconfigure(func(o *oktasim.Config) { o.Token = token }))
	must(t, batcher.Operator{Control: h.control, Queue: h.queue}.Resume(t.Context()))
	h.flusher.Queue = tripQueue{h.queue, &trip{at: 1}}
	h.flusher.Timing.MinBackoff, h.flusher.Timing.MaxBackoff = time.Millisecond, time.Millisecond
	if err := h.flusher.Poll(t.Context(), 500*time.Millisecond); err != nil {
		t.Errorf("after a failure that did not last: %v", err)
	}
}

// TestARunThatFindsOktaBusyTellsWhatWaits, so that the age of what waits is known in an outage.
func TestARunThatFindsOktaBusyTellsWhatWaits(t *testing.T) {
	h := newHouse(t, func(_ *config.Config, o *oktasim.Config) { o.ImportTime = time.Hour })
	h.put("ann", nil)
	h.deliver()
	h.wants(batcher.Triggered)
	h.put("bob", nil)
	h.deliver()
	r := h.wants(batcher.Busy)
	if r.Messages != 1 || r.Intents != 1 || len(r.Trace) != 1 || r.WatchAge <= 0 {
		t.Errorf("%d messages, %d intents, traces %v, an import of %v s", r.Messages, r.Intents, r.Trace, r.WatchAge)
	}
}
