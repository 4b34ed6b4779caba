package batcher_test

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/items"
	"rollcall/internal/sim"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// bubble is the real flusher and client in a bubble of time, production's durations included, over edges in memory and an
// org as slow as Okta was measured.
type bubble struct {
	*testing.T
	queue   *sim.Queue
	table   *sim.Table
	store   *sim.Store
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
		timing := batcher.DefaultTiming()
		b := &bubble{
			T: t, queue: sim.NewQueue(timing.Visibility), store: sim.NewStore(), org: org,
			table: sim.NewTable(items.Schema{Partition: items.Attribute{Name: "id"}}, ""),
		}
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
			Okta: client, Mapping: compiled, Timing: timing, Log: logrus.NewEntry(log),
		}
		must(t, b.flusher.Validate())
		test(b)
	})
}

// changed puts n people into the table and says so in the queue, 200 a message.
func (b *bubble) changed(n int) {
	b.Helper()
	m := intent.Message{Trace: "pacing"}
	people := make([][]byte, n)
	for i := range n {
		id := fmt.Sprintf("person%05d", i)
		people[i] = personItem(id, nil)
		m.Intents = append(m.Intents, intent.Intent{ExternalID: id, Keys: []intent.Key{keyOf(id)}, Changed: time.Now()})
	}
	b.put(people...)
	bodies, err := intent.Pack(m)
	must(b.T, err)
	_, err = b.queue.Send(b.Context(), bodies, 0)
	must(b.T, err)
}

// put writes items.
func (b *bubble) put(items ...[]byte) {
	b.Helper()
	for _, item := range items {
		must(b.T, b.table.PutItem(item))
	}
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
	if left := b.queue.Len(); left != 0 {
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
