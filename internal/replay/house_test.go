package replay_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/embedded"
	"rollcall/internal/items"
	"rollcall/internal/replay"
	"rollcall/internal/sync"
	"rollcall/mapping"
	"rollcall/okta"
	"rollcall/okta/oktasim"
	streamhandler "rollcall/stream-handler"
)

// house is a table, its stream, queue and flusher on one file, and the simulated org in process. Nothing moves by itself.
type house struct {
	*testing.T

	table   *embedded.Table
	queue   *embedded.Queue
	control *batcher.Control
	mapping *mapping.Mapping
	flusher *batcher.Flusher
	client  *okta.Client
	org     *oktasim.Server
}

func newHouse(t *testing.T, guard batcher.GuardLimits) *house {
	t.Helper()
	org := oktasim.DefaultConfig()
	org.Cooldown, org.RateLimit, org.AdminRateLimit, org.ImportTime, org.PersonTime = 0, 0, 0, 0, 0
	h := &house{T: t}
	db, err := embedded.Open(t.TempDir())
	h.must(err)
	t.Cleanup(func() { h.must(db.Close()) })
	h.table, err = db.Table(t.Context(), embedded.TableOptions{Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}}})
	h.must(err)
	h.queue = db.Queue("intents", embedded.QueueOptions{Visibility: time.Minute})
	h.control = batcher.NewControl(db.Store())
	h.mapping, err = config.Default().CompileMapping()
	h.must(err)
	h.org, err = oktasim.New(org)
	h.must(err)
	t.Cleanup(func() { h.must(h.org.Close()) })
	h.client, err = okta.New(okta.Config{
		OrgURL: "https://example.okta.com", IdentitySourceID: org.IdentitySourceID, Authorizer: okta.SSWS(okta.Secret(org.Token)),
		Transport: h.org.Transport(), RateShare: 1,
	})
	h.must(err)
	log := logrus.New()
	log.SetOutput(io.Discard)
	timing := batcher.DefaultTiming()
	timing.Poll, timing.Quiet, timing.Gather = 20*time.Millisecond, 10*time.Millisecond, 200*time.Millisecond
	timing.Busy, timing.MinBackoff, timing.MaxBackoff = 50*time.Millisecond, 50*time.Millisecond, 100*time.Millisecond
	timing.Visibility, timing.Again, timing.Recheck = time.Minute, 100*time.Millisecond, 10*time.Millisecond
	h.flusher = &batcher.Flusher{
		Queue: h.queue, Table: h.table, Control: h.control, Okta: h.client, Mapping: h.mapping, Guard: guard, Timing: timing,
		Log: logrus.NewEntry(log),
	}
	h.must(h.flusher.Validate())
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func item(id, title string, active bool) []byte {
	return fmt.Appendf(nil, `{"id":{"S":%q},"active":{"BOOL":%t},"email":{"S":"%[1]s@example.com"},"first_name":{"S":"A"},"last_name":{"S":"B"},"title":{"S":%[3]q}}`,
		id, active, title)
}

func key(id string) intent.Key { return intent.Key(fmt.Sprintf(`{"id":{"S":%q}}`, id)) }

func (h *house) put(all ...[]byte) {
	h.Helper()
	h.must(h.table.PutMany(h.Context(), all))
}

func (h *house) remove(id string) {
	h.Helper()
	_, err := h.table.DeleteItem(h.Context(), key(id))
	h.must(err)
}

// records are the change records that were not delivered yet, as payloads; they are delivered by that.
func (h *house) records() (payloads [][]byte) {
	h.Helper()
	h.dispatch(func(_ context.Context, payload []byte) (events.DynamoDBEventResponse, error) {
		payloads = append(payloads, payload)
		return events.DynamoDBEventResponse{}, nil
	})
	return payloads
}

// deliver hands the change records to the stream-handler.
func (h *house) deliver() {
	h.Helper()
	h.dispatch((&streamhandler.Handler{Mapping: h.mapping, Queue: h.queue}).Handle)
}

// dispatch delivers till nothing is pending.
func (h *house) dispatch(handle embedded.Handler) {
	h.Helper()
	ctx, cancel := context.WithCancel(h.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- h.table.Dispatch(ctx, embedded.Mapping{}, handle) }()
	for {
		pending, err := h.table.Pending(h.Context())
		h.must(err)
		if pending == 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	h.must(<-done)
}

// drain flushes till nothing is left in the queue and nothing is watched.
func (h *house) drain() {
	h.Helper()
	for end := time.Now().Add(time.Minute); ; {
		_, err := h.flusher.Flush(h.Context())
		visible, hidden, _, depthErr := h.queue.Depth(h.Context())
		h.must(depthErr)
		watches, watchErr := h.control.Watches(h.Context())
		h.must(watchErr)
		if visible+hidden == 0 && len(watches) == 0 {
			return
		}
		if time.Now().After(end) {
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

// sync enqueues whom the table has.
func (h *house) sync() sync.Report {
	h.Helper()
	report, err := sync.Sync(h.Context(), h.table, h.mapping, h.queue, sync.Options{Partition: "id"})
	h.must(err)
	return report
}

func (h *house) options() replay.Options {
	return replay.Options{Mapping: h.mapping, Partition: "id", Queue: h.queue}
}

// active counts the people whom the org has as active.
func (h *house) active() (n int) {
	for _, u := range h.org.Users() {
		if u.Status == oktasim.Active {
			n++
		}
	}
	return n
}
