package okta

import (
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const logBody = `[
{"uuid":"u1","published":"2026-02-03T04:05:06.007Z","eventType":"app.user_management.update_from_master_failed","severity":"ERROR",
 "displayMessage":"Update failed","outcome":{"result":"FAILURE","reason":"Could not apply import: countryCode"},"actor":{"id":"spr1"},
 "target":[{"id":"00u1","type":"AppUser","alternateId":"jane","displayName":"Jane"},{"id":"0oa1source","type":"AppInstance"}],
 "transaction":{"id":"job1"},"debugContext":{"debugData":{"sessionId":"aps1","number":7}}},
{"uuid":"u2","eventType":"app.user_management.update_from_master_failed","target":[{"id":"0oaOther","type":"AppInstance"}]},
{"uuid":"u3","eventType":"app.user_management.update_from_master_failed","target":null,"debugContext":{"debugData":{"externalId":"joe"}}}]`

func TestImportFailures(t *testing.T) {
	c, fake := dial(t, status(200, logBody))
	since := time.Date(2026, 2, 3, 4, 0, 0, 0, time.FixedZone("", 3600))
	var got []LogEntry
	for e, err := range c.ImportFailures(t.Context(), since, since.Add(time.Hour)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e)
	}
	want := []LogEntry{
		{UUID: "u1", Published: time.Date(2026, 2, 3, 4, 5, 6, 7_000_000, time.UTC), EventType: LogImportFailed, Severity: "ERROR",
			Message: "Update failed", Result: "FAILURE", Reason: "Could not apply import: countryCode",
			Targets:       []LogTarget{{"00u1", "AppUser", "jane", "Jane"}, {ID: "0oa1source", Type: "AppInstance"}},
			TransactionID: "job1", Debug: map[string]string{"sessionId": "aps1"}},
		{UUID: "u3", EventType: LogImportFailed, Debug: map[string]string{"externalId": "joe"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if got[0].SessionID() != "aps1" || got[0].ExternalID() != "jane" || got[1].SessionID() != "" || got[1].ExternalID() != "joe" {
		t.Errorf("session %s of %s, session %s of %s", got[0].SessionID(), got[0].ExternalID(), got[1].SessionID(), got[1].ExternalID())
	}
	asked, err := url.ParseRequestURI(fake.seen[0].path)
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{"since": {"2026-02-03T03:00:00.000Z"}, "until": {"2026-02-03T04:00:00.000Z"}, "limit": {"1000"}, "sortOrder": {"ASCENDING"},
		"filter": {`eventType eq "app.user_management.update_from_master_failed"`}}
	if diff := cmp.Diff(query, asked.Query()); diff != "" {
		t.Error(diff)
	}
}

func TestLogsUntilNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := dial(t, status(200, "[]"))
		for _, err := range c.Logs(t.Context(), LogQuery{Since: time.Now().Add(-time.Hour)}) {
			t.Errorf("an entry, or %v", err)
		}
		asked, err := url.ParseRequestURI(fake.seen[0].path)
		if err != nil {
			t.Fatal(err)
		}
		if until := asked.Query().Get("until"); until != "2000-01-01T00:00:00.000Z" || asked.Query().Has("filter") {
			t.Errorf("asked %v", asked)
		}
	})
}

func TestSessionOfATarget(t *testing.T) {
	e := LogEntry{Targets: []LogTarget{{ID: "aps7", Type: "IdentitySourceSession"}}}
	if e.SessionID() != "aps7" || e.ExternalID() != "" {
		t.Errorf("session %q of %q", e.SessionID(), e.ExternalID())
	}
}
