package sessions_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/batcher"
	"rollcall/internal/embedded"
	"rollcall/internal/sessions"
	"rollcall/okta"
)

// org lists sessions; its clock is ahead of ours.
type org struct {
	listed    []okta.Session
	ahead     time.Duration
	refuses   string
	cancelled []string
}

func (o *org) ListSessions(context.Context) ([]okta.Session, error) { return o.listed, nil }

func (o *org) GetSession(_ context.Context, id string) (okta.Session, error) {
	for _, s := range o.listed {
		if s.ID == id {
			return s, nil
		}
	}
	return okta.Session{}, &okta.APIError{Op: "get session", Status: http.StatusNotFound}
}

func (o *org) CancelSession(_ context.Context, id string) error {
	if id == o.refuses {
		return &okta.APIError{Op: "cancel session", Status: http.StatusBadRequest}
	}
	o.cancelled = append(o.cancelled, id)
	return nil
}

func (o *org) Skew() (ahead time.Duration, known bool) { return o.ahead, true }

func newDesk(t *testing.T, o *org) sessions.Desk {
	t.Helper()
	db, err := embedded.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	must(t, db.Store().Put(t.Context(), []batcher.Entry{{
		Kind: "watch", ID: "ours/0",
		Value: []byte(`{"session":"ours","triggered":"2026-01-01T00:00:00Z","part":0,"message":{"v":1,"intents":[{"id":"jane","do":"upsert"}]}}`),
	}}))
	return sessions.Desk{Okta: o, Control: batcher.NewControl(db.Store()), Lease: 90 * time.Second}
}

func TestWhose(t *testing.T) {
	o := &org{ahead: time.Hour}
	session := func(id string, status okta.Status, age time.Duration) {
		o.listed = append(o.listed, okta.Session{ID: id, Status: status, Created: time.Now().Add(o.ahead - age)})
	}
	session("fresh", okta.StatusInProgress, 80*time.Second)
	session("dead", okta.StatusInProgress, 100*time.Second)
	session("empty", okta.StatusCreated, 2*time.Hour)
	session("ours", okta.StatusTriggered, 5*time.Minute)
	session("theirs", okta.StatusTriggered, 6*time.Minute)
	session("closed", okta.StatusClosed, 7*time.Minute)
	o.listed = append(o.listed, okta.Session{ID: "ageless", Status: okta.StatusInProgress})
	desk := newDesk(t, o)
	all, err := desk.List(t.Context())
	must(t, err)
	var got []string
	for _, s := range all {
		got = append(got, s.ID+" "+string(s.Whose))
	}
	want := []string{"ageless open", "empty stale", "closed ended", "theirs other", "ours watched", "dead stale", "fresh open"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if i := slices.IndexFunc(all, func(s sessions.Session) bool { return s.ID == "ours" }); all[i].People != 1 {
		t.Errorf("got %+v", all[i])
	}

	stale, err := desk.Choose(t.Context(), nil, true)
	must(t, err)
	must(t, desk.Cancel(t.Context(), stale))
	if diff := cmp.Diff([]string{"empty", "dead"}, o.cancelled); diff != "" {
		t.Error(diff)
	}
}

// One that cannot be cancelled does not keep back the others.
func TestCancelGoesOn(t *testing.T) {
	o := &org{refuses: "a"}
	for _, id := range []string{"a", "b", "c"} {
		o.listed = append(o.listed, okta.Session{ID: id, Status: okta.StatusInProgress})
	}
	o.listed[1].Status = okta.StatusTriggered
	desk := newDesk(t, o)
	chosen, err := desk.Choose(t.Context(), []string{"a", "b", "c"}, false)
	must(t, err)
	err = desk.Cancel(t.Context(), chosen)
	if err == nil || !strings.Contains(err.Error(), "session a: ") || !strings.Contains(err.Error(), "session b: it was triggered") {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff([]string{"c"}, o.cancelled); diff != "" {
		t.Error(diff)
	}
	for i, want := range []string{"not cancelled: cancel session", "not cancelled: it was triggered", "cancelled"} {
		if !strings.HasPrefix(chosen[i].Outcome, want) {
			t.Errorf("session %s: outcome %q, want %q", chosen[i].ID, chosen[i].Outcome, want)
		}
	}
	if _, err := desk.Choose(t.Context(), []string{"d"}, false); err == nil || err.Error() != "okta knows no session d of this identity source" {
		t.Errorf("got %v", err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
