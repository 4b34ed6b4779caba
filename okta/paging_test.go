package okta

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func TestLinkTo(t *testing.T) {
	for _, test := range []struct {
		headers []string
		want    string
	}{
		{nil, ""},
		{[]string{`<https://a/?x=1>; rel="self"`}, ""},
		{[]string{`<https://a/?x=1>; rel="self"`, `<https://a/?x=2>; rel="next"`}, "https://a/?x=2"},
		{[]string{`<https://a/?x=1,2>; rel="self", <https://a/?x=3,4>;rel=next`}, "https://a/?x=3,4"},
		{[]string{`<https://a/>; title="next"; rel="prev", <https://b/>; REL="NEXT"`}, "https://b/"},
		{[]string{`https://a/; rel="next"`, `<https://a/; rel="next"`, `<>; rel="next"`, ",,;<"}, ""},
	} {
		if got := linkTo("next", test.headers); got != test.want {
			t.Errorf("%q: got %q, want %q", test.headers, got, test.want)
		}
	}
}

// page is a reply that links to the page after, "" if it is the last.
func page(body, next string) roundTrip {
	if next == "" {
		return status(200, body)
	}
	return status(200, body, "Link", fmt.Sprintf("<%s>; rel=\"next\"", next))
}

const appUsersURL = testOrg + "/api/v1/apps/" + testSource + "/users"

func TestPages(t *testing.T) {
	c, fake := dial(t,
		page(`[{"id":"00u1","externalId":"jane","status":"ACTIVE","scope":"USER","profile":{"title":"a"}},{"id":"00u2"}]`, appUsersURL+"?after=x%2By&limit=500"),
		page(`[]`, appUsersURL+"?after=z&limit=500"),
		page(`[{"id":"00u3","externalId":"joe"}]`, ""))
	var got []string
	for u, err := range c.AppUsers(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, u.ID+" "+u.ExternalID+" "+u.Status+" "+string(u.Profile))
	}
	if diff := cmp.Diff([]string{`00u1 jane ACTIVE {"title":"a"}`, "00u2   ", "00u3 joe  "}, got); diff != "" {
		t.Error(diff)
	}
	path := "GET /api/v1/apps/" + testSource + "/users?"
	if diff := cmp.Diff([]string{path + "limit=500", path + "after=x%2By&limit=500", path + "after=z&limit=500"}, fake.calls()); diff != "" {
		t.Error(diff)
	}
}

func TestPagesEndWhereTheCallerDoes(t *testing.T) {
	c, fake := dial(t, page(`[{"id":"00u1"},{"id":"00u2"}]`, appUsersURL+"?after=1"))
	for range c.AppUsers(t.Context()) {
		break
	}
	if len(fake.calls()) != 1 {
		t.Errorf("calls %v", fake.calls())
	}
}

// TestPagesLeadNowhereElse: the token goes to no address but the one that was asked.
func TestPagesLeadNowhereElse(t *testing.T) {
	for link, want := range map[string]string{
		"https://evil.example.com/api/v1/apps/" + testSource + "/users?after=1": "another host",
		"http://example.okta.com/api/v1/apps/" + testSource + "/users?after=1":  "another host",
		"//evil.example.com/x":            "another host",
		"https://example.okta.com:8443/x": "another host",
		strings.Replace(appUsersURL, "https://", "https://a:b@", 1) + "?after=1": "something else",
		testOrg + "/api/v1/users?after=1":                                        "something else",
		appUsersURL + "/../../users?after=1":                                     "something else",
		appUsersURL + "?limit=500":                                               "same page",
		"https://exa mple/%zz":                                                   "not a URL",
	} {
		c, fake := dial(t, page(`[{"id":"00u1"}]`, link))
		var last error
		users := 0
		for _, err := range c.AppUsers(t.Context()) {
			if last = err; err == nil {
				users++
			}
		}
		if last == nil || !strings.Contains(last.Error(), want) || len(fake.calls()) != 1 || users != 0 {
			t.Errorf("%s: %d calls, %d users: %v", link, len(fake.calls()), users, last)
		}
	}
}

func TestPagesEndWithTheFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, reply := range map[string]roundTrip{
			"forbidden": status(403, `{"errorCode":"E0000006"}`),
			"garbage":   status(200, `[{"id":`),
			"object":    status(200, `{"id":"00u1"}`),
			"down":      status(503, ""),
		} {
			c, _ := dial(t, page(`[{"id":"00u1"}]`, appUsersURL+"?after=1"), reply)
			var log []bool
			for _, err := range c.AppUsers(t.Context()) {
				log = append(log, err == nil)
				if err != nil && IsForbidden(err) != (name == "forbidden") {
					t.Errorf("%s: %v", name, err)
				}
			}
			if !slices.Equal(log, []bool{true, false}) {
				t.Errorf("%s: %v", name, log)
			}
		}
	})
}

func TestAppOfAnotherID(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := dial(t, status(http.StatusOK, `{"id":"0oaOther","status":"ACTIVE"}`))
		if _, err := c.GetApp(t.Context()); Classify(err) != Unavailable {
			t.Errorf("got %v", err)
		}
	})
}
