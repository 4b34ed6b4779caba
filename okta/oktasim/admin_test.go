package oktasim_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/okta/oktasim"
)

// pages follows the Link headers from a path, and returns the bodies.
func (o *org) pages(path string, most int) (bodies []string) {
	o.t.Helper()
	next := regexp.MustCompile(`<http://okta\.test([^>]+)>; rel="next"`)
	for range most {
		r := o.call(200, "GET", path, "")
		bodies = append(bodies, r.text)
		found := next.FindStringSubmatch(strings.Join(r.header.Values("Link"), ", "))
		if found == nil {
			return bodies
		}
		path = found[1]
	}
	return bodies
}

func TestAppUsers(t *testing.T) {
	o := newOrg(t)
	for i := range 7 {
		o.load(person(fmt.Sprintf("p%d", i), "title", "Dr"))
	}
	o.load(leaver("p3"))
	var ids []string
	var sizes []int
	for _, body := range o.pages("/api/v1/apps/0oa1/users?limit=3", 9) {
		var users []struct {
			ID, ExternalID, Status, Scope, Created, LastUpdated string
			Profile                                             map[string]string
		}
		if err := json.Unmarshal([]byte(body), &users); err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(users))
		for _, u := range users {
			ids = append(ids, u.ExternalID+" "+u.Status)
			if u.Profile["title"] != "Dr" || u.Scope != "USER" || !strings.HasPrefix(u.ID, "00u") || u.Created == "" || u.LastUpdated == "" {
				t.Errorf("user %+v", u)
			}
		}
	}
	if diff := cmp.Diff([]int{3, 3, 1}, sizes); diff != "" {
		t.Errorf("sizes of the pages:\n%s", diff)
	}
	want := "p0 ACTIVE, p1 ACTIVE, p2 ACTIVE, p3 DEPROVISIONED, p4 ACTIVE, p5 ACTIVE, p6 ACTIVE"
	if got := strings.Join(ids, ", "); got != want {
		t.Errorf("users %s, want %s", got, want)
	}
	o.call(400, "GET", "/api/v1/apps/0oa1/users?limit=none", "")
	o.call(400, "GET", "/api/v1/apps/0oa1/users?after=***", "")
	o.call(404, "GET", "/api/v1/apps/0oa2/users", "")
	if got := o.call(200, "GET", "/api/v1/apps/0oa1", "").field(t, "name"); got != "custom_identity_source" {
		t.Errorf("the app is a %s", got)
	}
}

// Each API has a window of its own.
func TestAdminRateLimits(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.RateLimit, c.AdminRateLimit = 1, 2 })
	for _, path := range []string{"/api/v1/apps/0oa1/users", "/api/v1/logs", "/api/v1/meta/schemas/apps/0oa1/default", "/api/v1/mappings"} {
		for _, left := range []string{"1", "0"} {
			if h := o.call(200, "GET", path, "").header; h.Get("X-Rate-Limit-Limit") != "2" || h.Get("X-Rate-Limit-Remaining") != left {
				t.Errorf("%s: %v", path, h)
			}
		}
		o.call(429, "GET", path, "")
	}
	o.call(200, "GET", source+"/sessions", "")
	o.call(429, "GET", source+"/sessions", "")
}

// entry is what the tests read of a log entry.
type entry struct {
	UUID, Published, EventType, Severity string
	Outcome                              struct{ Result, Reason string }
	Target                               []struct{ ID, Type, AlternateID string }
	DebugContext                         struct{ DebugData map[string]string }
}

func (o *org) logs(query url.Values, pages int) (entries []entry) {
	o.t.Helper()
	for _, body := range o.pages("/api/v1/logs?"+query.Encode(), pages) {
		var some []entry
		if err := json.Unmarshal([]byte(body), &some); err != nil {
			o.t.Fatal(err)
		}
		entries = append(entries, some...)
	}
	return entries
}

func TestLogTellsWhoFailed(t *testing.T) {
	o := newOrg(t)
	o.load(person("ann", "countryCode", "CHE"))
	session := o.load(person("bob", "zipCode", strings.Repeat("9", 51)), person("cid"))
	o.Advance()
	filter := fmt.Sprintf(`eventType eq "app.user_management.update_from_master_failed" and debugContext.debugData.sessionId eq %q`, session)
	failed := o.logs(url.Values{"filter": {filter}}, 1)
	if len(failed) != 1 {
		t.Fatalf("entries %+v", failed)
	}
	e := failed[0]
	if e.Outcome.Result != "FAILURE" || e.Severity != "ERROR" || !strings.HasPrefix(e.Outcome.Reason, "Could not apply import: zipCode: ") {
		t.Errorf("outcome %+v", e.Outcome)
	}
	if e.Target[0].AlternateID != "bob" || e.Target[0].Type != "AppUser" || e.Target[1].ID != session || e.DebugContext.DebugData["externalId"] != "bob" {
		t.Errorf("target %+v, debug data %v", e.Target, e.DebugContext.DebugData)
	}
}

func TestLogTellsTheLifeOfASession(t *testing.T) {
	o := newOrg(t)
	o.Put(oktasim.User{ExternalID: "bob"}, oktasim.User{ExternalID: "cid", Status: oktasim.Deprovisioned})
	session := o.create()
	o.upload(202, session, "bulk-upsert", person("ann"), person("cid"))
	o.upload(202, session, "bulk-delete", leaver("bob"))
	o.trigger(200, session)
	o.Advance()
	o.call(204, "DELETE", source+"/sessions/"+o.create(), "")
	o.create()
	o.pass(24 * time.Hour)
	seen := map[string]bool{}
	var got []string
	for _, e := range o.logs(url.Values{"until": {o.now.Add(time.Second).Format(time.RFC3339)}, "limit": {"4"}}, 20) {
		if seen[e.UUID] || len(e.UUID) != 36 {
			t.Errorf("uuid %q", e.UUID)
		}
		seen[e.UUID] = true
		got = append(got, e.EventType)
	}
	want := []string{
		"system.import.session.created", "system.identity_sources.bulk_upsert", "system.identity_sources.bulk_delete",
		"system.import.session.triggered", "system.import.start",
		"system.import.user.create", "user.lifecycle.create", "user.lifecycle.activate",
		"user.lifecycle.reactivate", "system.import.user.update", "system.import.user.delete", "user.lifecycle.deactivate",
		"system.import.complete", "system.import.session.created", "system.import.session.cancelled",
		"system.import.session.created", "system.import.session.expired",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("entries (-want +got):\n%s", diff)
	}
}

func TestLogQueries(t *testing.T) {
	o := newOrg(t)
	o.load(person("ann"))
	o.Advance()
	o.pass(time.Hour)
	o.load(person("bob"))
	o.Advance()
	later := o.now.Add(-time.Minute).Format(time.RFC3339)
	for query, want := range map[string]int{
		`eventType eq "user.lifecycle.create"`:                                      2,
		`eventType eq "user.lifecycle.create" or eventType sw "system.import.user"`: 4,
		`(eventType co "lifecycle") and target.alternateId eq "bob"`:                2,
		`not (eventType sw "system.")`:                                              4,
		`eventType eq "none"`:                                                       0,
		`outcome.result ne "SUCCESS"`:                                               0,
		`transaction.id pr and eventType eq "system.import.start"`:                  2,
	} {
		if got := o.logs(url.Values{"filter": {query}}, 1); len(got) != want {
			t.Errorf("%s: %d entries, want %d", query, len(got), want)
		}
	}
	for _, wrong := range []string{`eventType`, `eventType is "x"`, `color eq "red"`, `eventType eq x`, `eventType eq "a" and`, `(eventType pr`, `eventType eq "a" "b"`, `eventType eq "a`, `target.x pr`} {
		if code, _ := o.call(400, "GET", "/api/v1/logs?"+url.Values{"filter": {wrong}}.Encode(), "").problem(t); code != "E0000031" {
			t.Errorf("%s: %s", wrong, code)
		}
	}
	if got := o.logs(url.Values{"since": {later}, "filter": {`eventType eq "user.lifecycle.create"`}}, 1); len(got) != 1 || got[0].Target[0].AlternateID != "bob" {
		t.Errorf("since: %+v", got)
	}
	if got := o.logs(url.Values{"until": {later}, "filter": {`eventType eq "user.lifecycle.create"`}}, 1); len(got) != 1 || got[0].Target[0].AlternateID != "ann" {
		t.Errorf("until: %+v", got)
	}
	if got := o.logs(url.Values{"sortOrder": {"DESCENDING"}, "limit": {"2"}}, 20); len(got) != 16 || got[0].EventType != "system.import.complete" || got[15].EventType != "system.import.session.created" {
		t.Errorf("descending: %d entries", len(got))
	}
	o.call(400, "GET", "/api/v1/logs?since=yesterday", "")
	o.call(400, "GET", "/api/v1/logs?after=***", "")
	// A search without an end goes on: its last page is empty and has a next one.
	if n := len(o.pages("/api/v1/logs?limit=10", 5)); n != 5 {
		t.Errorf("polling ended after %d pages", n)
	}
	o.pass(8 * 24 * time.Hour)
	if got := o.logs(url.Values{}, 1); len(got) != 0 {
		t.Errorf("%d entries of more than seven days ago", len(got))
	}
}

func TestSchemaAndMapping(t *testing.T) {
	const schema, add = "/api/v1/meta/schemas/apps/0oa1/default", `{"definitions":{"custom":{"properties":{"shoeSize":{"title":"Shoe size","externalName":"shoeSize","type":"string","maxLength":2},"hats":{"title":"Hats","type":"array"}}}}}`
	o := newOrg(t, func(c *oktasim.Config) { c.DeclaredAttributes, c.Dir = []string{"title"}, t.TempDir() })
	type properties map[string]struct{ Title, Type, Expression, PushStatus string }
	var s struct {
		Definitions struct {
			Base, Custom struct{ Properties properties }
		}
	}
	read := func(path string, into any) {
		t.Helper()
		if err := json.Unmarshal([]byte(o.call(200, "GET", path, "").text), into); err != nil {
			t.Fatal(err)
		}
	}
	read(schema, &s)
	if p := s.Definitions; len(p.Custom.Properties) != 1 || p.Custom.Properties["title"].Type != "string" || len(p.Base.Properties) != 7 {
		t.Fatalf("schema %+v", p)
	}
	for _, wrong := range []string{
		`{"definitions":{"custom":{"properties":{"email":{"title":"x","type":"string"}}}}}`, `{"definitions":{"custom":{"properties":{"a b":{"title":"x","type":"string"}}}}}`,
		`{"definitions":{"custom":{"properties":{"a":{"type":"string"}}}}}`, `{"definitions":{"custom":{"properties":{"a":{"title":"x","type":"text"}}}}}`,
		`{"definitions":{"custom":{"properties":{"title":{"title":"x","type":"number"}}}}}`, `{`,
	} {
		o.call(400, "POST", schema, wrong)
	}
	o.call(400, "POST", source+"/users", `{"externalId":"ann","profile":{"userName":"ann","email":"a@b.c","shoeSize":"44"}}`)
	o.call(200, "POST", schema, add)
	o.start() // what was declared is kept
	o.call(200, "POST", source+"/users", `{"externalId":"ann","profile":{"userName":"ann","email":"a@b.c","shoeSize":"44"}}`)
	if _, text := o.call(400, "PATCH", source+"/users/ann", `{"profile":{"shoeSize":"44½"}}`).problem(t); !strings.Contains(text, "longer than 2") {
		t.Errorf("a value over the declared length: %s", text)
	}
	if _, text := o.call(400, "PATCH", source+"/users/ann", `{"profile":{"hats":"two"}}`).problem(t); !strings.Contains(text, "declared as array") {
		t.Errorf("a value for an array: %s", text)
	}

	var list []struct{ ID, Source, Target any }
	read("/api/v1/mappings?sourceId=0oa1", &list)
	if len(list) != 1 || o.call(200, "GET", "/api/v1/mappings?sourceId=0oa2", "").text != "[]" {
		t.Fatalf("mappings %+v", list)
	}
	path := "/api/v1/mappings/" + list[0].ID.(string)
	for _, wrong := range []string{
		`{"properties":{"shoeSize":{"expression":"appuser.shoesize","pushStatus":"PUSH"}}}`, `{"properties":{"shoeSize":{"expression":"appuser.shoeSize","pushStatus":"MAYBE"}}}`,
		`{"properties":{"shoeSize":{"pushStatus":"PUSH"}}}`, `{`,
	} {
		o.call(400, "POST", path, wrong)
	}
	o.call(200, "POST", path, `{"properties":{"shoeSize":{"expression":"appuser.shoeSize","pushStatus":"PUSH"},"title":null}}`)
	o.start()
	var m struct{ Properties properties }
	read(path, &m)
	if p := m.Properties; p["shoeSize"].Expression != "appuser.shoeSize" || p["title"].Expression != "" || p["login"].Expression != "" || p["email"].Expression != "appuser.email" {
		t.Errorf("mapping %+v", p)
	}
	o.call(404, "GET", "/api/v1/mappings/prm1", "")
	o.call(404, "POST", "/api/v1/mappings/prm1", "{}")

	o.call(200, "POST", schema, `{"definitions":{"custom":{"properties":{"shoeSize":null}}}}`)
	o.call(400, "PATCH", source+"/users/ann", `{"profile":{"shoeSize":"45"}}`)
}
