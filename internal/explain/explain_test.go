package explain_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/compare"
	"rollcall/internal/config"
	"rollcall/internal/embedded"
	"rollcall/internal/explain"
	"rollcall/internal/items"
	"rollcall/internal/status"
	"rollcall/okta"
)

// org has these users; err fails every call.
type org struct {
	users map[string]okta.User
	err   error
}

func (o *org) GetUser(_ context.Context, id string) (okta.User, error) {
	if o.err != nil {
		return okta.User{}, o.err
	}
	user, there := o.users[id]
	if !there {
		return okta.User{}, &okta.APIError{Op: "get user", Status: http.StatusNotFound}
	}
	return user, nil
}

type house struct {
	*testing.T
	explain.Explainer
	org   org
	db    *embedded.DB
	table *embedded.Table
	store embedded.Store
}

// newHouse is one in which a person's externalId is the attribute number, found by an index.
func newHouse(t *testing.T) *house {
	t.Helper()
	cfg := config.Default()
	cfg.ExternalIDIndex, cfg.Mapping.ExternalID, cfg.Mapping.Match = "by-number", "number", `kind != "robot"`
	cfg.Mapping.Profile = map[string]string{"userName": "email", "email": "email", "title": "title"}
	db, err := embedded.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	h := &house{T: t, db: db, store: db.Store(), org: org{users: map[string]okta.User{}}}
	h.table, err = db.Table(t.Context(), embedded.TableOptions{
		Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}}, ExternalIDIndex: "number",
	})
	must(t, err)
	compiled, err := cfg.CompileMapping()
	must(t, err)
	log := logrus.New()
	log.SetOutput(io.Discard)
	control := batcher.NewControl(h.store)
	h.Explainer = explain.Explainer{
		Okta: &h.org, Control: control, Mapping: compiled, Attributes: slices.Sorted(maps.Keys(cfg.Mapping.Profile)),
		Hash: func(string) string { return "0123456789abcdef0123" }, Name: func(text string) string { return text },
		Flusher: &batcher.Flusher{
			Table: h.table, Control: control, Mapping: compiled, Indexed: true, Guard: batcher.GuardLimits{Min: 20, People: 1},
			Log: logrus.NewEntry(log),
		},
	}
	return h
}

func (h *house) put(item map[string]any) {
	h.Helper()
	plain, err := json.Marshal(item)
	must(h.T, err)
	parsed, err := items.FromJSON(plain)
	must(h.T, err)
	must(h.T, h.table.PutItem(h.Context(), parsed.JSON()))
}

func (h *house) enter(kind, id, value string) {
	h.Helper()
	must(h.T, h.store.Put(h.Context(), []batcher.Entry{{Kind: kind, ID: id, Value: []byte(value), Expires: time.Now().Add(time.Hour)}}))
}

func (h *house) queue() *embedded.Queue { return h.db.Queue("intents", embedded.QueueOptions{}) }

// send sends a message that names these people.
func (h *house) send(queue *embedded.Queue, delay time.Duration, ids ...string) {
	h.Helper()
	var m intent.Message
	for _, id := range ids {
		m.Intents = append(m.Intents, intent.Intent{ExternalID: id})
	}
	bodies, err := intent.Pack(m)
	must(h.T, err)
	_, err = queue.Send(h.Context(), bodies, delay)
	must(h.T, err)
}

// denied is a queue that cannot be read.
type denied struct{}

func (denied) Depth(context.Context) (visible, hidden int64, oldest time.Duration, err error) {
	return 0, 0, 0, errors.New("denied")
}

func (h *house) explain(id string) explain.Explanation {
	h.Helper()
	e, err := h.Explain(h.Context(), id)
	must(h.T, err)
	return e
}

// Everything that there can be: items of all kinds, entries of all kinds, a user who differs.
func TestExplain(t *testing.T) {
	h := newHouse(t)
	h.Values = true
	h.put(map[string]any{"id": "a", "number": "7", "active": false, "email": "a@example.com"})
	h.put(map[string]any{"id": "b", "number": "7", "active": true, "email": "b@example.com", "title": "Chief"})
	h.put(map[string]any{"id": "c", "number": "7", "active": true, "email": "c@example.com"})
	h.put(map[string]any{"id": "d", "number": "7", "kind": "robot"})
	h.put(map[string]any{"id": "e", "number": "8", "active": true})
	h.put(map[string]any{"id": "f", "number": "7", "active": "perhaps"})
	h.enter("held", "7", `{"since":"2026-01-01T00:00:00Z","reason":"many","message":{"v":1,"intents":[{"id":"7","do":"deactivate","keys":[{"id":{"S":"e"}}]}]}}`)
	h.enter("reject", "person:7", `{"v":1,"rejects":[{"reason":"bad","id":"7","key":{"id":{"S":"gone"}},"at":1767225600000}]}`)
	h.enter("watch", "s1/0", `{"session":"s1","triggered":"2026-01-02T00:00:00Z","part":0,"message":{"v":1,"intents":[{"id":"7","do":"upsert"}]}}`)
	h.enter("deactivated", "7", `{"session":"s0","at":"2026-01-01T00:00:00Z"}`)
	h.org.users["7"] = okta.User{ExternalID: "7", Status: "ACTIVE", Profile: []byte(`{"userName":"b@example.com","email":"b@example.com","title":"Clerk"}`)}

	queue := h.queue()
	h.Queues, h.Peek = []status.NamedQueue{{Name: "intents", Queue: queue}, {Name: "urgent", Queue: denied{}}}, queue
	h.send(queue, 0, "7", "8")
	h.send(queue, time.Hour, "8")
	h.send(queue, time.Hour, "7")

	text := func(s string) *string { return &s }
	no, two := false, 2
	day := func(d int) time.Time { return time.Date(2026, 1, d, 0, 0, 0, 0, time.UTC) }
	profile := []explain.Attribute{
		{Name: "email", Value: text("b@example.com")}, {Name: "title", Value: text("Chief")}, {Name: "userName", Value: text("b@example.com")},
	}
	other := []explain.Attribute{{Name: "email", Value: text("c@example.com")}, {Name: "title"}, {Name: "userName", Value: text("c@example.com")}}
	want := explain.Explanation{
		Person: "7",
		Items: []explain.Item{
			{Key: `{"id":{"S":"a"}}`, State: explain.Inactive},
			{Key: `{"id":{"S":"b"}}`, State: explain.Active, Profile: profile},
			{Key: `{"id":{"S":"c"}}`, State: explain.Active, Profile: other},
			{Key: `{"id":{"S":"d"}}`, State: explain.NoPerson},
			{Key: `{"id":{"S":"e"}}`, State: explain.Another},
			{Key: `{"id":{"S":"f"}}`, State: explain.Bad, Why: "active is neither a boolean nor one of true, false, yes, no, 1, 0"},
			{Key: `{"id":{"S":"gone"}}`, State: explain.Absent},
		},
		Control: explain.Control{
			Held:        &explain.Waiting{Since: day(1), Reason: "many"},
			Rejects:     []explain.Waiting{{Since: day(1), Reason: "bad"}},
			Watched:     []explain.Watched{{Session: "s1", Triggered: day(2)}},
			Deactivated: &batcher.Deactivated{ExternalID: "7", Session: "s0", At: day(1)},
		},
		Queue: explain.Queue{
			Depths: []status.Queue{{Name: "intents", Visible: 1, Hidden: 2}}, Messages: &two, Unknown: []string{"urgent: denied"},
		},
		Known: true,
		Okta:  explain.User{There: true, Status: "ACTIVE", Differs: []compare.Attribute{{Name: "title", Old: text("Clerk"), New: text("Chief")}}},
		Next: []explain.Outlook{
			{Now: batcher.DoUpsert, Why: "the item is active; so are others with the same externalId (1), the smallest key counts"},
		},
		Guard:  explain.Guard{Deactivated: 1, Limit: 20, AnybodyHeld: true},
		InStep: &no,
	}
	got := h.explain("7")
	for i := range got.Queue.Depths {
		got.Queue.Depths[i].Oldest = nil // moments
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if id, err := h.Who(t.Context(), "0123456789abcdef0123"); err != nil || id != "7" {
		t.Errorf("the hash is of %q, %v", id, err)
	}
	if id, err := h.Who(t.Context(), "0123456789abcdef9999"); err != nil || id != "0123456789abcdef9999" {
		t.Errorf("a hash of nobody known is taken for %q, %v", id, err)
	}
}

// Nobody is somebody of whom there is nothing at all; an item that is another's or nobody's is none of theirs.
func TestKnown(t *testing.T) {
	h := newHouse(t)
	queue := h.queue()
	h.Peek = queue
	h.put(map[string]any{"id": "a", "number": "1", "active": false})
	h.put(map[string]any{"id": "b", "number": "2", "kind": "robot"})
	h.org.users["3"] = okta.User{Status: "DEPROVISIONED"}
	h.enter("deactivated", "4", `{"session":"s0","at":"2026-01-01T00:00:00Z"}`)
	h.send(queue, 0, "5")
	for id, want := range map[string]bool{"1": true, "2": false, "3": true, "4": true, "5": true, "6": false} {
		if e := h.explain(id); e.Known != want || (e.InStep != nil) != want {
			t.Errorf("%s: known %t, in step %v, want %t", id, e.Known, e.InStep, want)
		}
	}
}

func TestInStep(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name   string
		active any
		user   *okta.User
		want   *bool
	}{
		{"active and there", true, &okta.User{Profile: []byte(`{"userName":"p@example.com","email":"p@example.com"}`)}, &yes},
		{"active and out", true, &okta.User{Status: "DEPROVISIONED", Profile: []byte(`{"userName":"p@example.com","email":"p@example.com"}`)}, &no},
		{"active and not there", true, nil, &no},
		{"inactive and there", false, &okta.User{Status: "ACTIVE"}, &no},
		{"inactive and out", false, &okta.User{Status: "DEPROVISIONED"}, &yes},
		{"inactive and not there", false, nil, &yes},
		{"bad", "perhaps", &okta.User{Status: "ACTIVE"}, nil},
		{"absent and there", nil, &okta.User{Status: "ACTIVE"}, &no},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			if c.active != nil {
				h.put(map[string]any{"id": "p", "number": "7", "active": c.active, "email": "p@example.com"})
			}
			if c.user != nil {
				h.org.users["7"] = *c.user
			}
			if diff := cmp.Diff(c.want, h.explain("7").InStep); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Okta's being away is told, and does not hide the rest.
func TestOktaAway(t *testing.T) {
	h := newHouse(t)
	h.put(map[string]any{"id": "p", "number": "7", "active": false})
	h.org.err = errors.New("away")
	e := h.explain("7")
	if e.Okta.Problem != "away" || e.InStep != nil || e.Next[0].Now != batcher.DoDeactivate {
		t.Errorf("got %+v", e)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
