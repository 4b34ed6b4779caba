package review_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/embedded"
	"rollcall/internal/items"
	"rollcall/internal/review"
)

// newReviewer has people held whose items are inactive, active, bad and protected, and three rejects: of a person, an item
// and a record.
func newReviewer(t *testing.T) (review.Reviewer, batcher.Operator) {
	t.Helper()
	cfg := config.Default()
	cfg.Guard.Protect = []string{"ceo"}
	db, err := embedded.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	table, err := db.Table(t.Context(), embedded.TableOptions{
		Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}},
	})
	must(t, err)
	for id, item := range map[string]map[string]any{
		"left": {"active": false}, "back": {"active": true, "email": "back@example.com"}, "odd": {"active": "perhaps"},
		"ceo": {"active": false}, "mended": {"active": true, "email": "mended@example.com"},
	} {
		item["id"] = id
		plain, err := json.Marshal(item)
		must(t, err)
		parsed, err := items.FromJSON(plain)
		must(t, err)
		must(t, table.PutItem(t.Context(), parsed.JSON()))
	}
	store := db.Store()
	for _, id := range []string{"left", "back", "odd", "ceo"} {
		put(t, store, "held", id, `{"since":"2026-01-01T00:00:00Z","reason":"many","message":{"v":1,"intents":[{"id":"`+id+`","do":"deactivate"}]}}`)
	}
	put(t, store, "reject", "person:mended", `{"v":1,"rejects":[{"reason":"email is absent","id":"mended"}]}`)
	put(t, store, "reject", `item:{"id":{"S":"x"}}`, `{"v":1,"rejects":[{"reason":"externalId is absent","key":{"id":{"S":"x"}}}]}`)
	put(t, store, "reject", "record:7", `{"v":1,"rejects":[{"reason":"unreadable","record":"7"}]}`)
	compiled, err := cfg.CompileMapping()
	must(t, err)
	log := logrus.New()
	log.SetOutput(io.Discard)
	control := batcher.NewControl(store)
	hash := func(text string) string { return "#" + text }
	queue := db.Queue("intents", embedded.QueueOptions{})
	return review.Reviewer{
		Control: control, Hash: hash, Name: hash,
		Flusher: &batcher.Flusher{
			Table: table, Control: control, Mapping: compiled, Protected: cfg.ProtectedIDs(), Log: logrus.NewEntry(log),
		},
	}, batcher.Operator{Control: control, Queue: queue}
}

func put(t *testing.T, store embedded.Store, kind, id, value string) {
	t.Helper()
	must(t, store.Put(t.Context(), []batcher.Entry{{Kind: kind, ID: id, Value: []byte(value)}}))
}

func told(entries []review.Entry) []string {
	var all []string
	for _, e := range entries {
		text := e.Person + " " + string(e.Now)
		if e.Why != "" {
			text += ": " + e.Why
		}
		all = append(all, text)
	}
	return all
}

func TestHeld(t *testing.T) {
	r, _ := newReviewer(t)
	entries, err := r.Held(t.Context(), review.Pick{All: true})
	must(t, err)
	want := []string{
		"#back upsert", "#ceo reject: protected by guard.protect: never deactivated", "#left deactivate",
		"#odd reject: active is neither a boolean nor one of true, false, yes, no, 1, 0",
	}
	if diff := cmp.Diff(want, told(entries)); diff != "" {
		t.Error(diff)
	}
}

func TestRejects(t *testing.T) {
	r, operator := newReviewer(t)
	entries, err := r.Rejects(t.Context(), review.Pick{All: true})
	must(t, err)
	if diff := cmp.Diff([]string{"item:#{\"id\":{\"S\":\"x\"}} ", "#mended upsert", "record:7 "}, told(entries)); diff != "" {
		t.Error(diff)
	}
	var rejects []batcher.Reject
	for _, e := range entries {
		rejects = append(rejects, e.Reject)
	}
	unknown, err := operator.Retry(t.Context(), rejects)
	must(t, err)
	if len(unknown) != 2 {
		t.Errorf("%d rejects are of nobody known, want 2", len(unknown))
	}
	left, err := r.Rejects(t.Context(), review.Pick{All: true})
	must(t, err)
	if len(left) != 2 {
		t.Errorf("left after a retry: %q", told(left))
	}
}

// People are picked by what they are called, in any of the ways; a name that is nobody's must not pass for done.
func TestPick(t *testing.T) {
	r, _ := newReviewer(t)
	entries, err := r.Held(t.Context(), review.Pick{Names: []string{"left", "#odd", "#left"}})
	must(t, err)
	if len(entries) != 2 || entries[0].Held.Intent.ExternalID != "left" || entries[1].Held.Intent.ExternalID != "odd" {
		t.Errorf("picked %q", told(entries))
	}
	for _, name := range []string{"record:7", "7", `item:#{"id":{"S":"x"}}`, "mended"} {
		if entries, err := r.Rejects(t.Context(), review.Pick{Names: []string{name}}); err != nil || len(entries) != 1 {
			t.Errorf("picked %q by %q: %v", told(entries), name, err)
		}
	}
	if _, err := r.Held(t.Context(), review.Pick{Names: []string{"left", "lost", "gone"}}); err == nil || err.Error() != "not held: lost, gone" {
		t.Errorf("got %v", err)
	}
}

// The list comes also while the table is away.
func TestTableAway(t *testing.T) {
	r, _ := newReviewer(t)
	away := errors.New("away")
	r.Flusher.Table = awayTable{Table: r.Flusher.Table, err: away}
	entries, err := r.Held(t.Context(), review.Pick{All: true})
	if !errors.Is(err, away) || len(entries) != 4 || entries[0].Now != "" {
		t.Errorf("got %q, %v", told(entries), err)
	}
}

type awayTable struct {
	batcher.Table
	err error
}

func (a awayTable) Get(context.Context, []intent.Key) (found map[intent.Key][]byte, bad map[intent.Key]error, err error) {
	return nil, nil, a.err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
