package oktasim_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/okta/oktasim"
)

func TestUserEndpoints(t *testing.T) {
	const ann = `{"externalId":"ann","profile":{"userName":"ann@example.com","email":"ann@example.com","title":"Dr","city":"Bern"}}`
	o := newOrg(t)
	if got := o.call(200, "POST", source+"/users", ann).field(t, "externalId"); got != "ann" {
		t.Errorf("created %q", got)
	}
	profile := func(want map[string]string) {
		t.Helper()
		u, _ := o.User("ann")
		if diff := cmp.Diff(want, u.Profile); diff != "" {
			t.Errorf("profile (-want +got):\n%s", diff)
		}
	}
	o.call(200, "PATCH", source+"/users/ann", `{"profile":{"title":null,"firstName":"Ann"}}`)
	profile(map[string]string{"userName": "ann@example.com", "email": "ann@example.com", "city": "Bern", "firstName": "Ann"})
	o.call(200, "PUT", source+"/users/ann", `{"profile":{"userName":"a2@example.com","email":"a2@example.com"}}`)
	profile(map[string]string{"userName": "a2@example.com", "email": "a2@example.com"})
	o.call(204, "DELETE", source+"/users/ann", "")
	o.call(204, "DELETE", source+"/users/ann", "")
	if got := o.call(200, "GET", source+"/users/ann", "").field(t, "status"); got != "DEPROVISIONED" {
		t.Errorf("after DELETE: %s", got)
	}
	o.call(200, "POST", source+"/users", ann)
	if u, _ := o.User("ann"); u.Status != oktasim.Active {
		t.Errorf("after POST again: %s", u.Status)
	}
	if len(o.Sessions()) != 0 {
		t.Error("the per-user endpoints opened a session")
	}
}

func TestUserEndpointsRefuse(t *testing.T) {
	for _, c := range []struct{ method, path, body, code, says string }{
		{"POST", "", `{"externalId":"bob","profile":{"userName":"b","email":"b@c.d"}}`, "E0000001", "already exists"},
		{"POST", "", `{"profile":{"userName":"b","email":"b@c.d"}}`, "E0000001", "externalId: The field cannot be left blank"},
		{"POST", "", `{"externalId":"cid","profile":{"userName":"c"}}`, "E0000001", "email: The field cannot be left blank"},
		{"POST", "", `{"externalId":"cid","profile":{"userName":"c","email":"c@d.e","countryCode":"CHE"}}`, "E0000001", "countryCode: String is too long"},
		{"POST", "", `{"externalId":"cid"}`, "E0000001", "profile: The field must be an object"},
		{"POST", "", `externalId=cid`, "E0000003", ""},
		{"PUT", "/bob", `{"profile":{"email":"b@c.d"}}`, "E0000001", "userName: The field cannot be left blank"},
		{"PUT", "/bob", `{"profile":{"userName":"b","email":null}}`, "E0000001", "email: The field cannot be null"},
		{"PATCH", "/bob", `{"profile":{"userName":null}}`, "E0000001", "userName: The field cannot be null"},
		{"PATCH", "/bob", `{"profile":{"shoeSize":"44"}}`, "E0000001", "not declared"},
		{"PATCH", "/bob", `{"profile":{"title":7}}`, "E0000001", "must be a string"},
		{"PATCH", "/bob", `{`, "E0000003", ""},
		{"PUT", "/cid", `{"profile":{"userName":"c","email":"c@d.e"}}`, "E0000007", "cid"},
		{"PATCH", "/cid", `{"profile":{}}`, "E0000007", "cid"},
		{"DELETE", "/cid", "", "E0000007", "cid"},
		{"GET", "/cid", "", "E0000007", "cid"},
	} {
		o := newOrg(t)
		o.Put(oktasim.User{ExternalID: "bob", Profile: map[string]string{"userName": "b", "email": "b@c.d"}})
		want := 400
		if c.code == "E0000007" {
			want = 404
		}
		code, text := o.call(want, c.method, source+"/users"+c.path, c.body).problem(t)
		if code != c.code || !strings.Contains(text, c.says) {
			t.Errorf("%s %s %s: refused with %s %q", c.method, c.path, c.body, code, text)
		}
		if bob, _ := o.User("bob"); len(o.Users()) != 1 || len(bob.Profile) != 2 || bob.Status != oktasim.Active {
			t.Errorf("%s %s %s: changed %+v", c.method, c.path, c.body, bob)
		}
	}
}

func TestExternalIDsInPaths(t *testing.T) {
	for _, id := range []string{"a/b", "a b", "ü@example.com", "..", "100%", "a?b=c", "a+b", "😀", "%2F"} {
		o := newOrg(t)
		body, err := json.Marshal(person(id, "userName", "x", "email", "x@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		o.call(200, "POST", source+"/users", string(body))
		if got := o.call(200, "GET", source+"/users/"+url.PathEscape(id), "").field(t, "externalId"); got != id {
			t.Errorf("asked for %q, got %q", id, got)
		}
		o.call(204, "DELETE", source+"/users/"+url.PathEscape(id), "")
		if got := o.call(200, "GET", "/sim/users/"+url.PathEscape(id), "").field(t, "status"); got != "DEPROVISIONED" {
			t.Errorf("%q is %s", id, got)
		}
	}
}
