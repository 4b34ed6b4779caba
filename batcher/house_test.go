package batcher_test

import (
	"context"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/internal/embedded"
	"rollcall/internal/items"
	"rollcall/mapping"
	"rollcall/okta"
	"rollcall/okta/oktasim"
	streamhandler "rollcall/stream-handler"
)

// house is the pipeline of a test: embedded edges, the real handler, flusher and client, and the simulated org in
// process.
type house struct {
	*testing.T
	table *embedded.Table
	queue *countingQueue
	// urgentQueue is only in use where a test turns the lane on.
	urgentQueue *embedded.Queue
	store       embedded.Store
	control     *batcher.Control
	org         *oktasim.Server
	flusher     *batcher.Flusher
	handler     *streamhandler.Handler
	mapping     *mapping.Mapping
}

// setting changes what a house is made of.
type setting func(*config.Config, *oktasim.Config)

func newHouse(t *testing.T, settings ...setting) *house {
	t.Helper()
	c, o := config.Default(), oktasim.DefaultConfig()
	o.Cooldown, o.RateLimit, o.AdminRateLimit, o.ImportTime, o.PersonTime = 0, 0, 0, 0, 0
	for _, set := range settings {
		set(&c, &o)
	}
	db, err := embedded.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	index := ""
	if c.ExternalIDIndex != "" {
		index = c.Mapping.ExternalID
	}
	table, err := db.Table(t.Context(), embedded.TableOptions{
		Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: c.Key.Partition}}, ExternalIDIndex: index,
	})
	must(t, err)
	compiled, err := c.CompileMapping()
	must(t, err)
	h := &house{T: t, table: table, store: db.Store(), mapping: compiled}
	h.queue = &countingQueue{Queue: db.Queue("intents", embedded.QueueOptions{Visibility: time.Minute})}
	h.urgentQueue = db.Queue("urgent", embedded.QueueOptions{Visibility: time.Minute})
	h.control = batcher.NewControl(h.store)
	h.org, err = oktasim.New(o)
	must(t, err)
	t.Cleanup(func() { must(t, h.org.Close()) })
	client, err := okta.New(okta.Config{
		OrgURL: "https://example.okta.com", IdentitySourceID: o.IdentitySourceID, Authorizer: okta.SSWS(okta.Secret(o.Token)),
		Transport: h.org.Transport(), RateShare: 1, Jitter: func() float64 { return 0 },
	})
	must(t, err)
	log := logrus.New()
	log.SetOutput(io.Discard)
	h.handler = &streamhandler.Handler{Mapping: compiled, Queue: h.queue, Log: log}
	h.flusher = &batcher.Flusher{
		Queue: h.queue, Table: table, Control: h.control, Okta: client, Mapping: compiled, Indexed: index != "",
		Guard:     batcher.GuardLimits{Min: c.Guard.Min, Percent: c.Guard.Percent, People: int64(c.Guard.People)},
		Protected: c.ProtectedIDs(), Timing: quickTiming(), Log: logrus.NewEntry(log),
	}
	must(t, h.flusher.Validate())
	return h
}

// quickTiming is production's in small.
func quickTiming() batcher.Timing {
	return batcher.Timing{
		Lease: 2 * time.Second, Renew: 200 * time.Millisecond,
		Poll: 20 * time.Millisecond, Quiet: 10 * time.Millisecond, Gather: 200 * time.Millisecond,
		Busy: 50 * time.Millisecond, MinBackoff: 50 * time.Millisecond, MaxBackoff: 100 * time.Millisecond,
		Visibility: time.Minute, Again: 100 * time.Millisecond, Recheck: 10 * time.Millisecond,
		Reserve: time.Second, Cleanup: 5 * time.Second, Overdue: time.Hour,
	}
}

func (h *house) put(id string, changes map[string]any) {
	h.Helper()
	must(h.T, h.table.PutItem(h.Context(), personItem(id, changes)))
}

func (h *house) putMany(n int, name func(int) string) {
	h.Helper()
	all := make([][]byte, n)
	for i := range all {
		all[i] = personItem(name(i), nil)
	}
	must(h.T, h.table.PutMany(h.Context(), all))
}

func (h *house) remove(id string) {
	h.Helper()
	_, err := h.table.DeleteItem(h.Context(), keyOf(id))
	must(h.T, err)
}

// patience is how long a house may take for what it does by itself.
const patience = 30 * time.Second

// deliver hands the pending change records to the handler and returns in how many runs.
func (h *house) deliver() (runs int) {
	h.Helper()
	ctx, cancel := context.WithTimeout(h.Context(), patience)
	defer cancel()
	done := make(chan error, 1)
	var calls atomic.Int64
	go func() {
		done <- h.table.Dispatch(ctx, embedded.Mapping{}, func(ctx context.Context, payload []byte) (events.DynamoDBEventResponse, error) {
			calls.Add(1)
			return h.handler.Handle(ctx, payload)
		})
	}()
	for {
		pending, err := h.table.Pending(h.Context())
		must(h.T, err)
		if pending == 0 {
			break
		}
		if ctx.Err() != nil {
			h.Fatalf("%d records are not delivered after %v", pending, patience)
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	must(h.T, <-done)
	return int(calls.Load())
}

// flush flushes once, waiting till an earlier run's next try has come.
func (h *house) flush() (batcher.Report, error) {
	h.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		report, err := h.flusher.Flush(h.Context())
		if report.Outcome != batcher.Waiting {
			return report, err
		}
		if time.Now().After(deadline) {
			h.Fatalf("the next try has not come after %v", patience)
		}
	}
}

// wants flushes and checks the outcome.
func (h *house) wants(outcome batcher.Outcome) batcher.Report {
	h.Helper()
	report, err := h.flush()
	if report.Outcome != outcome || (err != nil) != (outcome == batcher.Failed) {
		h.Fatalf("flush ended %q (%v), want %q: %+v", report.Outcome, err, outcome, report)
	}
	return report
}

// drain flushes till nothing is left in the queue and nothing is watched.
func (h *house) drain() {
	h.Helper()
	deadline := time.Now().Add(patience)
	for {
		_, err := h.flush()
		visible, hidden, _, depthErr := h.queue.Queue.(*embedded.Queue).Depth(h.Context())
		must(h.T, depthErr)
		watches, watchErr := h.control.Watches(h.Context())
		must(h.T, watchErr)
		if visible+hidden == 0 && len(watches) == 0 {
			return
		}
		if time.Now().After(deadline) {
			h.Fatalf("not drained: %d messages, %d watches, last error %v", visible+hidden, len(watches), err)
		}
	}
}

func (h *house) status(id string) string {
	user, there := h.org.User(id)
	if !there {
		return "none"
	}
	return user.Status
}

func (h *house) wantStatus(want map[string]string) {
	h.Helper()
	for id, status := range want {
		if got := h.status(id); got != status {
			h.Errorf("%s is %s in Okta, want %s", id, got, status)
		}
	}
}

func (h *house) depth() int64 {
	h.Helper()
	visible, hidden, _, err := h.queue.Queue.(*embedded.Queue).Depth(h.Context())
	must(h.T, err)
	return visible + hidden
}

func (h *house) oktaCalls() (n int) {
	for _, c := range h.org.Calls() {
		n += c
	}
	return n
}

func (h *house) rejects() map[string]string {
	h.Helper()
	all, err := h.control.Rejects(h.Context())
	must(h.T, err)
	reasons := map[string]string{}
	for _, r := range all {
		name := r.ExternalID
		if name == "" {
			name = string(r.Key) + r.Record
		}
		reasons[name] = r.Reason
	}
	return reasons
}
