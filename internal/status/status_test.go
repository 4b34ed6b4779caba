package status_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/internal/embedded"
	"rollcall/internal/items"
	"rollcall/internal/status"
)

type queue struct {
	oldest time.Duration
	err    error
}

func (q queue) Depth(context.Context) (visible, hidden int64, oldest time.Duration, err error) {
	return 3, 2, q.oldest, q.err
}

type stream struct {
	behind time.Duration
	err    error
}

func (s stream) Behind(context.Context) (time.Duration, error) { return s.behind, s.err }

// newSource is a quiet house.
func newSource(t *testing.T) (status.Source, embedded.Store) {
	t.Helper()
	db, err := embedded.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	table, err := db.Table(t.Context(), embedded.TableOptions{
		Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}},
	})
	must(t, err)
	log := logrus.New()
	log.SetOutput(io.Discard)
	control := batcher.NewControl(db.Store())
	return status.Source{
		Control: control,
		Flusher: &batcher.Flusher{
			Table: table, Control: control, Guard: batcher.GuardLimits{Min: 20}, Timing: batcher.DefaultTiming(), Log: logrus.NewEntry(log),
		},
		Queues: []status.NamedQueue{{Name: "intents", Queue: queue{}}},
	}, db.Store()
}

func TestHealthy(t *testing.T) {
	source, store := newSource(t)
	source.Stream = stream{behind: time.Second}
	put(t, store, "session", "s1", `{"session":"s1","status":"ERROR","ended":"2026-01-01T00:00:00Z","people":1}`)
	put(t, store, "session", "s2", `{"session":"s2","status":"COMPLETED","ended":"2026-01-02T00:00:00Z","people":2}`)
	put(t, store, "deactivated", "joe", `{"session":"s2","at":"2026-01-02T00:00:00Z"}`)
	got, err := source.Read(t.Context())
	must(t, err)
	if !got.Healthy() || got.Mode != status.Running || len(got.Unknown) > 0 {
		t.Errorf("got %+v", got)
	}
	if len(got.Sessions) != 2 || got.Sessions[0].Session != "s2" {
		t.Errorf("sessions %+v, want the newest first", got.Sessions)
	}
	if got.Deactivated != 1 || got.Limit != 20 || *got.Behind != 1 {
		t.Errorf("got %+v", got)
	}
	if q := got.Queues[0]; q.Visible != 3 || q.Hidden != 2 || *q.Oldest != 0 {
		t.Errorf("queue %+v", q)
	}
}

// Each reason is enough.
func TestUnhealthy(t *testing.T) {
	hour := time.Now().Add(-time.Hour).UTC()
	watch := `{"session":"s1","triggered":"` + hour.Add(-time.Minute).Format(time.RFC3339) + `","part":0,"message":{"v":1}}`
	for _, c := range []struct {
		name string
		make func(*testing.T, *status.Source, embedded.Store)
		want string
	}{
		{"paused", func(t *testing.T, s *status.Source, _ embedded.Store) {
			must(t, batcher.Operator{Control: s.Control, Who: "jo"}.Pause(t.Context()))
		}, "paused since "},
		{"observing", func(t *testing.T, s *status.Source, _ embedded.Store) {
			must(t, batcher.Operator{Control: s.Control, Who: "jo"}.Observe(t.Context()))
		}, "observe-only since "},
		{"failing", func(t *testing.T, s *status.Source, _ embedded.Store) {
			_, err := s.Control.Change(t.Context(), func(s *batcher.State) bool { s.Failures = 3; return true })
			must(t, err)
		}, "3 flushes failed in a row"},
		{"queue that cannot be read", func(_ *testing.T, s *status.Source, _ embedded.Store) {
			s.Queues[0].Queue = queue{err: errors.New("denied")}
		}, "queue intents cannot be read"},
		{"old message", func(_ *testing.T, s *status.Source, _ embedded.Store) {
			s.Queues[0].Queue = queue{oldest: 21 * time.Minute}
		}, "the oldest message of queue intents is 21m0s old"},
		{"behind", func(_ *testing.T, s *status.Source, _ embedded.Store) {
			s.Stream = stream{behind: 2 * time.Minute}
		}, "the stream-handler is 2m0s behind"},
		{"overdue", func(t *testing.T, _ *status.Source, store embedded.Store) {
			put(t, store, "watch", "s1/0", watch)
		}, "session s1 has been importing for 1h1m"},
		{"failed session", func(t *testing.T, _ *status.Source, store embedded.Store) {
			put(t, store, "session", "s1", `{"session":"s1","status":"ERROR","ended":"2026-01-01T00:00:00Z"}`)
		}, "the latest session, s1, ended in ERROR"},
		{"held", func(t *testing.T, _ *status.Source, store embedded.Store) {
			put(t, store, "held", "joe", `{"since":"2026-01-01T00:00:00Z","reason":"many","message":{"v":1,"intents":[{"id":"joe","do":"deactivate"}]}}`)
		}, "the guard holds people (1)"},
		{"rejects", func(t *testing.T, _ *status.Source, store embedded.Store) {
			put(t, store, "reject", "person:joe", `{"v":1,"rejects":[{"id":"joe","reason":"bad"}]}`)
		}, "there are rejects (1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			source, store := newSource(t)
			c.make(t, &source, store)
			got, err := source.Read(t.Context())
			must(t, err)
			if got.Healthy() || len(got.Unhealthy) != 1 || !strings.HasPrefix(got.Unhealthy[0].Text, c.want) {
				t.Errorf("unhealthy for %q, want %q", got.Unhealthy, c.want)
			}
		})
	}
}

// What cannot be read is told, and is no reason, but for the number of messages.
func TestUnknown(t *testing.T) {
	source, _ := newSource(t)
	denied := errors.New("denied")
	source.Queues = append(source.Queues,
		status.NamedQueue{Name: "idle", Queue: queue{oldest: -1}},
		status.NamedQueue{Name: "old", Queue: queue{oldest: -1}, Oldest: func(context.Context) (time.Duration, error) { return 0, denied }},
		status.NamedQueue{Name: "new", Queue: queue{oldest: -1}, Oldest: func(context.Context) (time.Duration, error) { return time.Second, nil }},
	)
	source.Stream, source.StreamHandler = stream{err: denied}, "rollcall-stream-handler"
	got, err := source.Read(t.Context())
	must(t, err)
	if diff := cmp.Diff([]string{"queue old: denied", "stream: denied"}, got.Unknown); diff != "" || !got.Healthy() {
		t.Errorf("%+v\n%s", got.Unhealthy, diff)
	}
	if got.Behind != nil || got.StreamHandler != "rollcall-stream-handler" || len(got.Queues) != 4 || got.Queues[1].Oldest != nil || got.Queues[2].Oldest != nil || *got.Queues[3].Oldest != 1 {
		t.Errorf("got %+v", got)
	}
}

func put(t *testing.T, store embedded.Store, kind, id, value string) {
	t.Helper()
	must(t, store.Put(t.Context(), []batcher.Entry{{Kind: kind, ID: id, Value: []byte(value), Expires: time.Now().Add(time.Hour)}}))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
