package okta

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSessions(t *testing.T) {
	want := Session{ID: "aps1", IdentitySourceID: testSource, Status: StatusCreated, ImportType: "INCREMENTAL",
		Created:     time.Date(2026, 2, 3, 4, 5, 6, 7_000_000, time.UTC),
		LastUpdated: time.Date(2026, 2, 3, 4, 5, 7, 0, time.UTC)}
	c, fake := dial(t,
		status(200, "["+sessionBody+"]"), status(201, sessionBody), status(200, sessionBody), status(204, ""), status(200, sessionBody))
	list, err := c.ListSessions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	created, err := c.CreateSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.GetSession(t.Context(), "aps1")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.CancelSession(t.Context(), "aps1"); err != nil {
		t.Fatal(err)
	}
	started, err := c.StartImport(t.Context(), "aps1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Session{want, want, want, want}, append(list, created, got, started)); diff != "" {
		t.Error(diff)
	}
	calls := []string{"GET /sessions", "POST /sessions", "GET /sessions/aps1", "DELETE /sessions/aps1", "POST /sessions/aps1/start-import"}
	if diff := cmp.Diff(calls, fake.calls()); diff != "" {
		t.Error(diff)
	}
	if got := fake.seen[0].header.Get("Authorization"); got != "SSWS "+testToken {
		t.Errorf("authorized by %q", got)
	}
}

func TestAnswersThatAreNoSession(t *testing.T) {
	for _, body := range []string{
		``, `null`, `{}`, `[]`, `"aps1"`, `{"id":"aps1"}`, `{"status":"CREATED"}`, `{"id":"../users","status":"CREATED"}`,
		sessionBody[:40], sessionBody + "}",
	} {
		c, _ := dial(t, status(201, body))
		_, err := c.CreateSession(t.Context())
		if Classify(err) != Unavailable || !Ambiguous(err) {
			t.Errorf("%s: %v", body, err)
		}
	}
	c, _ := dial(t, status(200, strings.Replace(sessionBody, "2026-02-03T04:05:06.007Z", "yesterday", 1)))
	if s, err := c.GetSession(t.Context(), "aps1"); err != nil || !s.Created.IsZero() {
		t.Errorf("a time that cannot be read: %+v, %v", s, err)
	}
}

func TestEverySessionStatus(t *testing.T) {
	for _, test := range []struct {
		status        Status
		active, ended bool
	}{
		{StatusCreated, true, false}, {StatusInProgress, true, false}, {StatusTriggered, true, false},
		{StatusCompleted, false, true}, {StatusError, false, true}, {StatusClosed, false, true}, {StatusExpired, false, true},
		{"PAUSED", false, false}, {"", false, false},
	} {
		if test.status.Active() != test.active || test.status.Ended() != test.ended {
			t.Errorf("%s: active %v, ended %v", test.status, test.status.Active(), test.status.Ended())
		}
	}
}

func TestSessionIDsThatAreNoIDs(t *testing.T) {
	for _, id := range []string{"", "..", "a/b", "a?b", "é"} {
		c, fake := dial(t, status(200, sessionBody))
		_, err := c.GetSession(t.Context(), id)
		if Classify(err) != Refused || len(fake.calls()) != 0 {
			t.Errorf("%q: %v", id, err)
		}
	}
}
