package batcher_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// TestAWholeSessionInTime is 10,000 people: loaded and triggered within what the rate limit allows and a little more.
func TestAWholeSessionInTime(t *testing.T) {
	for _, c := range []struct {
		rateLimit int
		share     float64
		within    time.Duration
	}{
		{60, okta.DefaultRateShare, 75 * time.Second},
		{60, 1, 75 * time.Second},
		{15, okta.DefaultRateShare, 5 * time.Minute},
		{15, 1, 4 * time.Minute},
	} {
		t.Run(fmt.Sprintf("%d calls a minute, share %v", c.rateLimit, c.share), func(t *testing.T) {
			inBubble(t, c.rateLimit, c.share, nil, func(b *bubble) {
				b.changed(10_000)
				if took := b.load(10_000); took > c.within {
					b.Errorf("10,000 people took %v, want at most %v", took, c.within)
				} else {
					b.Logf("10,000 people took %v in %v", took, b.org.Calls())
				}
				for _, s := range b.org.Sessions() {
					if s.Status != oktasim.StatusTriggered || len(s.People) != 10_000 {
						b.Errorf("session %s is %s with %d people", s.ID, s.Status, len(s.People))
					}
				}
			})
		})
	}
}

// TestTheTriggerHasItsTimeBeforeTheDeadline lets the rate limit take most of what an invocation has: whatever its length, the
// flush ends before the deadline, has triggered what was accepted, and given back the others.
func TestTheTriggerHasItsTimeBeforeTheDeadline(t *testing.T) {
	for seconds := 150; seconds <= 300; seconds += 10 {
		inBubble(t, 5, 1, nil, func(b *bubble) {
			b.changed(4000)
			began := time.Now()
			deadline := time.Duration(seconds) * time.Second
			ctx, cancel := context.WithTimeout(b.Context(), deadline)
			defer cancel()
			report, err := b.flusher.Flush(ctx)
			if err != nil || report.Outcome != batcher.Triggered || report.Upserted == 0 || report.Upserted+report.Returned != 4000 {
				b.Errorf("with %v the flush ended %q (%v): %d told, %d given back", deadline, report.Outcome, err, report.Upserted, report.Returned)
			}
			if took := time.Since(began); took > deadline-10*time.Second {
				b.Errorf("with %v the flush took %v", deadline, took)
			}
		})
	}
}

// TestAShrinkingLimitIsNoticed has the org take half of the limit back in the middle of a session.
func TestAShrinkingLimitIsNoticed(t *testing.T) {
	inBubble(t, 30, 1, nil, func(b *bubble) {
		watch := &limitWatch{RoundTripper: b.org.Transport(), limit: "15"}
		client, err := okta.New(okta.Config{
			OrgURL: "https://example.okta.com", IdentitySourceID: "0oa1", Authorizer: okta.SSWS("sim-token"), Transport: watch, RateShare: 1,
		})
		must(b.T, err)
		b.flusher.Okta = client
		b.changed(10_000)
		time.AfterFunc(20*time.Second, func() {
			if err := b.org.Reconfigure(func(o *oktasim.Config) { o.RateLimit = 15 }); err != nil {
				b.Error(err)
			}
		})
		began := time.Now()
		report, err := b.flusher.Flush(b.Context())
		if err != nil || report.Upserted != 10_000 {
			b.Fatalf("flush ended %q (%v): %+v", report.Outcome, err, report)
		}
		if watch.late > 0 {
			b.Errorf("%d calls were answered with 429 that were sent after a response had told of the limit", watch.late)
		}
		b.Logf("took %v, %d answers of 429", time.Since(began), b.org.Throttled())
	})
}

// limitWatch counts the calls that were refused though a response before they were sent had told of a limit. It has the
// most that were under way at once, too.
type limitWatch struct {
	http.RoundTripper
	limit string

	mu           sync.Mutex
	told         time.Time
	late         int
	atWork, most int
}

func (w *limitWatch) RoundTrip(req *http.Request) (*http.Response, error) {
	sent := time.Now()
	w.mu.Lock()
	w.atWork++
	w.most = max(w.most, w.atWork)
	w.mu.Unlock()
	resp, err := w.RoundTripper.RoundTrip(req)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.atWork--
	if err != nil {
		return nil, err
	}
	if resp.StatusCode == http.StatusTooManyRequests && !w.told.IsZero() && sent.After(w.told) {
		w.late++
	}
	if w.told.IsZero() && resp.Header.Get("X-Rate-Limit-Limit") == w.limit {
		w.told = time.Now()
	}
	return resp, nil
}

// TestAtMostFourUploadsAtOnce, and that many where the limit allows it.
func TestAtMostFourUploadsAtOnce(t *testing.T) {
	inBubble(t, 600, 1, nil, func(b *bubble) {
		watch := &limitWatch{RoundTripper: b.org.Transport()}
		client, err := okta.New(okta.Config{
			OrgURL: "https://example.okta.com", IdentitySourceID: "0oa1", Authorizer: okta.SSWS("sim-token"), Transport: watch, RateShare: 1,
		})
		must(b.T, err)
		b.flusher.Okta = client
		b.changed(10_000)
		b.load(10_000)
		if watch.most != 4 {
			b.Errorf("%d calls at once, want 4", watch.most)
		}
	})
}
