package okta

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestUsers(t *testing.T) {
	odd := Person{ExternalID: `a/b c?d#é%2F"`, Profile: jane.Profile}
	body := `{"id":"00u1","externalId":"a/b c?d#é%2F\"","created":"2026-02-03T04:05:06.000Z","profile":{"userName":"jane@example.com"}}`
	c, fake := dial(t, status(200, body))
	u, err := c.GetUser(t.Context(), odd.ExternalID)
	if err != nil {
		t.Fatal(err)
	}
	if u.ID != "00u1" || u.ExternalID != odd.ExternalID || string(u.Profile) != string(jane.Profile) || u.Created.Year() != 2026 {
		t.Errorf("got %+v", u)
	}
	for _, err := range []error{
		c.CreateUser(t.Context(), odd), c.ReplaceUser(t.Context(), odd), c.UpdateUser(t.Context(), odd), c.DeleteUser(t.Context(), odd.ExternalID),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	path := "/users/a%2Fb%20c%3Fd%23%C3%A9%252F%22"
	want := []string{"GET " + path, "POST /users", "PUT " + path, "PATCH " + path, "DELETE " + path}
	if diff := cmp.Diff(want, fake.calls()); diff != "" {
		t.Error(diff)
	}
	var bodies []string
	for _, x := range fake.seen {
		bodies = append(bodies, x.body)
	}
	alone := `{"profile":{"userName":"jane@example.com"}}`
	want = []string{"", `{"externalId":"a/b c?d#é%2F\"","profile":{"userName":"jane@example.com"}}`, alone, alone, ""}
	if diff := cmp.Diff(want, bodies); diff != "" {
		t.Error(diff)
	}
}

func TestWhoIsOut(t *testing.T) {
	for status, want := range map[string]bool{
		"": false, "ACTIVE": false, "PROVISIONED": false, "SUSPENDED": false,
		"DEPROVISIONED": true, "INACTIVE": true, "REVOKED": true, "UNASSIGNED": true,
	} {
		if got := (AppUser{Status: status}).Out(); got != want {
			t.Errorf("an app user in %q is out: %v", status, got)
		}
		if got := (User{Status: status}).Out(); got != want {
			t.Errorf("a user in %q is out: %v", status, got)
		}
	}
}

func TestUserOfAnotherExternalID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := dial(t, status(200, `{"id":"00u2","externalId":"joe","profile":{}}`))
		if _, err := c.GetUser(t.Context(), "jane"); Classify(err) != Unavailable {
			t.Errorf("got %v", err)
		}
	})
}

func TestErrorsDoNotNameThePerson(t *testing.T) {
	c, _ := dial(t, status(400, refusedBody))
	err := c.DeleteUser(t.Context(), "jane.doe")
	api, ok := errors.AsType[*APIError](err)
	if !ok || api.URL != testOrg+testBase+"/users/{externalId}" || strings.Contains(err.Error(), "jane") {
		t.Errorf("got %+v", err)
	}
}

func TestUsersThatAreNotSent(t *testing.T) {
	c, fake := dial(t, status(200, ""))
	for _, p := range []Person{{}, {ExternalID: "..", Profile: jane.Profile}, {ExternalID: "jane", Profile: []byte("{}")}} {
		if err := c.ReplaceUser(t.Context(), p); Classify(err) != Refused {
			t.Errorf("%q: %v", p.ExternalID, err)
		}
	}
	if len(fake.calls()) != 0 {
		t.Errorf("sent %v", fake.calls())
	}
}
