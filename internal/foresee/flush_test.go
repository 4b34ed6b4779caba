package foresee_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/embedded"
	"rollcall/internal/foresee"
	"rollcall/internal/items"
	"rollcall/okta"
)

// org lists sessions, and counts how often it is asked.
type org struct {
	sessions []okta.Session
	err      error
	calls    int
}

func (o *org) ListSessions(context.Context) ([]okta.Session, error) {
	o.calls++
	return o.sessions, o.err
}

func (o *org) GetSession(context.Context, string) (okta.Session, error) {
	return okta.Session{}, errors.New("not to be asked")
}

func (o *org) CancelSession(context.Context, string) error { return errors.New("not to be cancelled") }

func (o *org) Skew() (time.Duration, bool) { return 0, false }

type house struct {
	*testing.T
	foresee.Source

	org   org
	queue *embedded.Queue
	table *embedded.Table
	store embedded.Store
}

func newHouse(t *testing.T) *house {
	t.Helper()
	db, err := embedded.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	h := &house{T: t, queue: db.Queue("intents", embedded.QueueOptions{}), store: db.Store()}
	h.table, err = db.Table(t.Context(), embedded.TableOptions{Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}}})
	must(t, err)
	compiled, err := config.Default().CompileMapping()
	must(t, err)
	log := logrus.New()
	log.SetOutput(io.Discard)
	control := batcher.NewControl(h.store)
	h.Source = foresee.Source{
		Control: control, Okta: &h.org, Queue: h.queue, Peek: h.queue,
		Flusher: &batcher.Flusher{
			Queue: h.queue, Table: h.table, Control: control, Mapping: compiled, Guard: batcher.GuardLimits{Min: 1, People: 1},
			Timing: batcher.DefaultTiming(), Log: logrus.NewEntry(log),
		},
	}
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (h *house) put(id, active string) {
	h.Helper()
	must(h.T, h.table.PutItem(h.Context(), []byte(`{"id":{"S":"`+id+`"},"active":{"S":"`+active+`"},"email":{"S":"`+id+`@example.com"}}`)))
}

func (h *house) send(delay time.Duration, m intent.Message) {
	h.Helper()
	bodies, err := intent.Pack(m)
	must(h.T, err)
	_, err = h.queue.Send(h.Context(), bodies, delay)
	must(h.T, err)
}

// says sends a message that asks for these people.
func (h *house) says(kind intent.Kind, ids ...string) {
	h.Helper()
	var m intent.Message
	for _, id := range ids {
		m.Intents = append(m.Intents, intent.Intent{ExternalID: id, Kind: kind})
	}
	h.send(0, m)
}

func (h *house) watch() {
	h.Helper()
	must(h.T, h.store.Put(h.Context(), []batcher.Entry{{Kind: "watch", ID: "s1/0", Value: []byte(
		`{"session":"s1","triggered":"2026-01-02T00:00:00Z","part":0,"message":{"v":1,"intents":[{"id":"7","do":"upsert"}]}}`)}}))
}

func (h *house) set(change func(*batcher.State)) {
	h.Helper()
	_, err := h.Control.Change(h.Context(), func(s *batcher.State) bool { change(s); return true })
	must(h.T, err)
}

// Each way in which a flush may end, and whether Okta is asked for it.
func TestHowAFlushWouldEnd(t *testing.T) {
	session := func(status okta.Status, age time.Duration) okta.Session {
		return okta.Session{ID: "x", Status: status, Created: time.Now().Add(-age)}
	}
	for name, c := range map[string]struct {
		make  func(*house)
		want  batcher.Outcome
		calls int
	}{
		"idle":                    {func(*house) {}, batcher.Idle, 0},
		"nothing can be received": {func(h *house) { h.send(time.Hour, intent.Message{Intents: []intent.Intent{{ExternalID: "a"}}}) }, batcher.Idle, 0},
		"paused":                  {func(h *house) { h.set(func(s *batcher.State) { s.Paused = true }) }, batcher.Paused, 0},
		"leased": {func(h *house) {
			h.set(func(s *batcher.State) { s.Owner, s.Until = "another", time.Now().Add(time.Minute) })
		}, batcher.Leased, 0},
		"a lease that is over": {func(h *house) {
			h.set(func(s *batcher.State) { s.Owner, s.Until = "another", time.Now().Add(-time.Minute) })
		}, batcher.Idle, 0},
		"put off":        {func(h *house) { h.set(func(s *batcher.State) { s.NextTry = time.Now().Add(time.Minute) }) }, batcher.Waiting, 0},
		"observing":      {func(h *house) { h.set(func(s *batcher.State) { s.ObserveOnly = true }); h.says(intent.Upsert, "a") }, batcher.Observed, 0},
		"one to tell":    {func(h *house) { h.put("a", "yes"); h.says(intent.Upsert, "a") }, batcher.Triggered, 1},
		"nobody to tell": {func(h *house) { h.says(intent.Upsert, "a") }, batcher.Nothing, 1},
		"not looked into": {func(h *house) {
			h.Peek = nil
			h.says(intent.Upsert, "a")
		}, batcher.Triggered, 1},
		"a watched one imports": {func(h *house) {
			h.watch()
			h.org.sessions = []okta.Session{{ID: "s1", Status: okta.StatusTriggered}}
		}, batcher.Busy, 1},
		"a watched one has ended": {func(h *house) { h.watch() }, batcher.Looked, 1},
		"somebody else's": {func(h *house) {
			h.says(intent.Upsert, "a")
			h.org.sessions = []okta.Session{session(okta.StatusTriggered, time.Hour)}
		}, batcher.Busy, 1},
		"a young one": {func(h *house) {
			h.says(intent.Upsert, "a")
			h.org.sessions = []okta.Session{session(okta.StatusCreated, time.Second)}
		}, batcher.Busy, 1},
		"a stale one": {func(h *house) {
			h.put("a", "yes")
			h.says(intent.Upsert, "a")
			h.org.sessions = []okta.Session{session(okta.StatusInProgress, time.Hour), session(okta.StatusCompleted, time.Hour)}
		}, batcher.Triggered, 1},
		"Okta is away": {func(h *house) {
			h.says(intent.Upsert, "a")
			h.org.err = errors.New("away")
		}, batcher.Failed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			c.make(h)
			before, err := h.Control.State(t.Context())
			must(t, err)
			visible, hidden, _, err := h.queue.Depth(t.Context())
			must(t, err)
			o, err := h.Look(t.Context())
			must(t, err)
			if o.Outcome != c.want || h.org.calls != c.calls || (o.Problem != "") != (c.want == batcher.Failed) {
				t.Errorf("%s after %d calls to Okta, want %s after %d; %+v", o.Outcome, h.org.calls, c.want, c.calls, o)
			}
			// Nothing was taken, nothing written.
			after, err := h.Control.State(t.Context())
			must(t, err)
			stillVisible, stillHidden, _, err := h.queue.Depth(t.Context())
			must(t, err)
			if diff := cmp.Diff(before, after); diff != "" || stillVisible != visible || stillHidden != hidden {
				t.Errorf("%d and %d messages became %d and %d\n%s", visible, hidden, stillVisible, stillHidden, diff)
			}
		})
	}
}

func TestWhomAFlushWouldTakeAlong(t *testing.T) {
	h := newHouse(t)
	h.put("in", "yes")
	h.put("out", "no")
	h.put("odd", "perhaps")
	h.says(intent.Upsert, "in", "odd", "gone")
	h.says(intent.Deactivate, "out", "out2", "in")
	h.send(0, intent.Message{Group: "failed", Intents: []intent.Intent{{ExternalID: "other"}}}) // travels alone
	h.send(time.Hour, intent.Message{Intents: []intent.Intent{{ExternalID: "later"}}})
	_, err := h.queue.Send(t.Context(), []string{"not a message", `{"v":99}`}, 0)
	must(t, err)
	o, err := h.Look(t.Context())
	must(t, err)
	want := &foresee.People{
		Messages: 3, People: 5, Upsert: 1, Nothing: 1, Reject: 2, Hold: 2, HoldReason: "2 deactivations in 24 h exceed the guard's 1",
	}
	if diff := cmp.Diff(want, o.People); diff != "" || o.Waiting != 5 {
		t.Errorf("%d wait\n%s", o.Waiting, diff)
	}
}
