package batcher_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// bubble is the real flusher and client in a bubble of time, production's durations included, over edges in memory and
// an org as slow as Okta was measured.
type bubble struct {
	*testing.T
	queue   *memoryQueue
	table   memoryTable
	store   *memoryStore
	org     *oktasim.Server
	flusher *batcher.Flusher
}

// inBubble runs a test whose org takes 1.9 s a call. With no authorizer the client has the org's token.
func inBubble(t *testing.T, rateLimit int, share float64, login func(*bubble) okta.Authorizer, test func(*bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := oktasim.DefaultConfig()
		o.RateLimit, o.Latency = rateLimit, 1900*time.Millisecond
		org, err := oktasim.New(o)
		must(t, err)
		b := &bubble{T: t, queue: &memoryQueue{}, table: memoryTable{}, store: &memoryStore{entries: map[string]batcher.Entry{}}, org: org}
		authorizer := okta.SSWS(okta.Secret(o.Token))
		if login != nil {
			authorizer = login(b)
		}
		client, err := okta.New(okta.Config{
			OrgURL: "https://example.okta.com", IdentitySourceID: o.IdentitySourceID, Authorizer: authorizer,
			Transport: org.Transport(), RateShare: share,
		})
		must(t, err)
		compiled, err := config.Default().CompileMapping()
		must(t, err)
		log := logrus.New()
		log.SetOutput(io.Discard)
		b.flusher = &batcher.Flusher{
			Queue: b.queue, Table: b.table, Control: batcher.NewControl(b.store),
			Okta: client, Mapping: compiled, Timing: batcher.DefaultTiming(), Log: logrus.NewEntry(log),
		}
		must(t, b.flusher.Validate())
		test(b)
	})
}

// changed puts n people into the table and says so in the queue, 200 a message.
func (b *bubble) changed(n int) {
	b.Helper()
	m := intent.Message{Trace: "pacing"}
	for i := range n {
		id := fmt.Sprintf("person%05d", i)
		b.table[keyOf(id)] = personItem(id, nil)
		m.Intents = append(m.Intents, intent.Intent{ExternalID: id, Keys: []intent.Key{keyOf(id)}, Changed: time.Now()})
	}
	bodies, err := intent.Pack(m)
	must(b.T, err)
	_, err = b.queue.Send(b.Context(), bodies, 0)
	must(b.T, err)
}

// load flushes once, wants all of the n people in Okta's session, and returns how long that took.
func (b *bubble) load(n int) time.Duration {
	b.Helper()
	began := time.Now()
	report, err := b.flusher.Flush(b.Context())
	took := time.Since(began)
	if err != nil || report.Outcome != batcher.Triggered || report.Upserted != n || report.Returned != 0 {
		b.Fatalf("flush ended %q (%v): %+v", report.Outcome, err, report)
	}
	if left := b.queue.len(); left != 0 {
		b.Errorf("%d messages are left", left)
	}
	if throttled := b.org.Throttled(); throttled != 0 {
		b.Errorf("%d calls were answered with 429", throttled)
	}
	if bad := b.org.Violations(); len(bad) > 0 {
		b.Errorf("the org saw %v", bad)
	}
	return took
}

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
		// The calls that were under way when the limit shrank may have met it: no more than those.
		if throttled := b.org.Throttled(); throttled > 4 {
			b.Errorf("%d calls were answered with 429", throttled)
		}
		b.Logf("took %v, %d answers of 429", time.Since(began), b.org.Throttled())
	})
}
