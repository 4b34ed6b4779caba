package oktasim_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"rollcall/okta/oktasim"
)

func TestLoadRefusesPeople(t *testing.T) {
	long := func(n int) string { return strings.Repeat("é", n) }
	strictNull := func(c *oktasim.Config) { c.RefuseNullCustom = true }
	for _, c := range []struct {
		name   string
		person map[string]any
		says   string // empty: accepted
		edit   func(*oktasim.Config)
	}{
		{name: "plain", person: person("ann")},
		{name: "every limit reached", person: person("ann", "firstName", long(50), "lastName", long(50), "mobilePhone", long(100), "homeAddress", long(4096), "title", long(101))},
		{name: "externalId of 512", person: map[string]any{"externalId": long(512), "profile": map[string]any{"userName": "u", "email": "a@b.c"}}},
		{name: "no externalId", person: map[string]any{"profile": map[string]any{"userName": "a", "email": "a@b.c"}}, says: "profiles[0].externalId: The field cannot be left blank"},
		{name: "numeric externalId", person: map[string]any{"externalId": 7, "profile": map[string]any{}}, says: "externalId: The field must be a string"},
		{name: "externalId of 513", person: map[string]any{"externalId": long(513), "profile": map[string]any{}}, says: "externalId: The field cannot be longer than 512"},
		{name: "no profile", person: leaver("ann"), says: "profile: The field must be an object"},
		{name: "no email", person: map[string]any{"externalId": "ann", "profile": map[string]any{"userName": "ann"}}, says: "email: The field cannot be left blank"},
		{name: "no userName", person: map[string]any{"externalId": "ann", "profile": map[string]any{"email": "a@b.c"}}, says: "userName: The field cannot be left blank"},
		{name: "null userName", person: person("ann", "userName", nil), says: "userName: The field cannot be null"},
		{name: "null email", person: person("ann", "email", nil), says: "email: The field cannot be null"},
		{name: "null secondEmail", person: person("ann", "secondEmail", nil), says: "secondEmail: The field cannot be null"},
		{name: "null where nullable", person: person("ann", "firstName", nil, "lastName", nil, "mobilePhone", nil, "homeAddress", nil)},
		{name: "null custom", person: person("ann", "title", nil)},
		{name: "null custom refused", person: person("ann", "title", nil), edit: strictNull, says: "title: The field cannot be null"},
		{name: "number", person: person("ann", "title", 7), says: "title: The field must be a string"},
		{name: "boolean", person: person("ann", "title", true), says: "title: The field must be a string"},
		{name: "array", person: person("ann", "title", []string{"a"}), says: "title: The field must be a string"},
		{name: "object", person: person("ann", "title", map[string]string{}), says: "title: The field must be a string"},
		{name: "undeclared", person: person("ann", "shoeSize", "44"), says: "shoeSize: The attribute is not declared"},
		{name: "long userName", person: person("ann", "userName", long(101)), says: "userName: The field cannot be longer than 100"},
		{name: "empty userName", person: person("ann", "userName", ""), says: "userName: The field cannot be shorter than 1"},
		{name: "short email", person: person("ann", "email", "a@b"), says: "email: The field cannot be shorter than 5"},
		{name: "long email", person: person("ann", "email", strings.Repeat("a", 95)+"@b.org"), says: "email: The field cannot be longer than 100"},
		{name: "no email format", person: person("ann", "email", "ann at example"), says: "email: The field must be in the form of an email address"},
		{name: "email with a name", person: person("ann", "email", "Ann <a@b.org>"), says: "form of an email address"},
		{name: "bad secondEmail", person: person("ann", "secondEmail", "nobody"), says: "secondEmail: The field must be in the form"},
		{name: "empty firstName", person: person("ann", "firstName", ""), says: "firstName: The field cannot be shorter than 1"},
		{name: "long firstName", person: person("ann", "firstName", long(51)), says: "firstName: The field cannot be longer than 50"},
		{name: "long lastName", person: person("ann", "lastName", long(51)), says: "lastName: The field cannot be longer than 50"},
		{name: "long mobilePhone", person: person("ann", "mobilePhone", long(101)), says: "mobilePhone: The field cannot be longer than 100"},
		{name: "long homeAddress", person: person("ann", "homeAddress", long(4097)), says: "homeAddress: The field cannot be longer than 4096"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOrg(t)
			if c.edit != nil {
				o = newOrg(t, c.edit)
			}
			session := o.create()
			if c.says == "" {
				o.upload(202, session, "bulk-upsert", c.person)
				return
			}
			code, text := o.upload(400, session, "bulk-upsert", c.person, person("bob")).problem(t)
			if code != "E0000001" || !strings.Contains(text, c.says) {
				t.Errorf("refused with %s %q, want %q", code, text, c.says)
			}
			if got := o.status(session); got != "CREATED" || len(o.outcomes(session)) != 0 {
				t.Errorf("a refused load left the session %s with %q", got, o.outcomes(session))
			}
		})
	}
}

// The limits of the Okta user are not the load's: they fail one person of the import.
func TestTargetLimitsFailThePerson(t *testing.T) {
	for name, most := range map[string]int{
		"countryCode": 2, "city": 128, "state": 128, "zipCode": 50, "streetAddress": 1024, "primaryPhone": 100, "title": 100, "displayName": 256,
	} {
		o := newOrg(t)
		session := o.load(person("ok", name, strings.Repeat("ü", most)), person("over", name, strings.Repeat("ü", most+1)))
		o.Advance()
		people := o.Sessions()[0].People
		if people[0].Outcome != oktasim.Created || people[1].Outcome != oktasim.Failed || !strings.HasPrefix(people[1].Reason, name+": ") {
			t.Errorf("%s: outcomes %+v", name, people)
		}
		if got := o.status(session); got != "COMPLETED" {
			t.Errorf("%s: the session is %s", name, got)
		}
	}
}

func TestLoadRefusesItsShape(t *testing.T) {
	people := func(n int) []map[string]any {
		all := make([]map[string]any, n)
		for i := range all {
			all[i] = person(fmt.Sprintf("p%03d", i))
		}
		return all
	}
	body := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	padded := func(n int) string {
		text := body(map[string]any{"entityType": "USERS", "profiles": people(1)})
		return text + strings.Repeat(" ", n-len(text))
	}
	strict := func(c *oktasim.Config) { c.StrictKB = true }
	for _, c := range []struct {
		name, body string
		want       int
		code, says string
		edit       func(*oktasim.Config)
	}{
		{name: "200 people", body: body(map[string]any{"entityType": "USERS", "profiles": people(200)}), want: 202},
		{name: "201 people", body: body(map[string]any{"entityType": "USERS", "profiles": people(201)}), want: 400, code: "E0000001", says: "more than 200 items"},
		{name: "204,800 bytes", body: padded(204_800), want: 202},
		{name: "204,801 bytes", body: padded(204_801), want: 400, code: "E0000001", says: "larger than 200 KB"},
		{name: "200,000 bytes, strict", body: padded(200_000), want: 202, edit: strict},
		{name: "200,001 bytes, strict", body: padded(200_001), want: 400, code: "E0000001", says: "larger than 200 KB", edit: strict},
		{name: "2 MB", body: padded(2_000_000), want: 400, code: "E0000001", says: "larger than 200 KB"},
		{name: "no JSON", body: "profiles", want: 400, code: "E0000003"},
		{name: "cut off", body: `{"entityType":"USERS","profiles":[`, want: 400, code: "E0000003"},
		{name: "two values", body: `{"entityType":"USERS"}{}`, want: 400, code: "E0000003"},
		{name: "empty body", body: "", want: 400, code: "E0000003"},
		{name: "profiles no array", body: `{"entityType":"USERS","profiles":{}}`, want: 400, code: "E0000003"},
		{name: "no entityType", body: `{"profiles":[]}`, want: 400, code: "E0000001", says: "entityType"},
		{name: "groups", body: `{"entityType":"GROUPS","profiles":[]}`, want: 400, code: "E0000001", says: "entityType"},
		{name: "nobody", body: `{"entityType":"USERS","profiles":[]}`, want: 202},
		{name: "null", body: `{"entityType":"USERS","profiles":null}`, want: 202},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOrg(t)
			if c.edit != nil {
				o = newOrg(t, c.edit)
			}
			r := o.call(c.want, "POST", source+"/sessions/"+o.create()+"/bulk-upsert", c.body)
			if c.want == 202 {
				if r.text != "" {
					t.Errorf("answer %q, want none", r.text)
				}
				return
			}
			if code, text := r.problem(t); code != c.code || !strings.Contains(text, c.says) {
				t.Errorf("refused with %s %q", code, text)
			}
		})
	}
}

func TestFiftyLoads(t *testing.T) {
	o := newOrg(t)
	session := o.create()
	for i := range 50 {
		kind := "bulk-upsert"
		entry := person(fmt.Sprintf("p%d", i))
		if i%2 == 1 {
			kind, entry = "bulk-delete", leaver(fmt.Sprintf("nobody%d", i))
		}
		o.upload(202, session, kind, entry)
	}
	if code, text := o.upload(400, session, "bulk-delete", leaver("one more")).problem(t); code != "E0000001" || !strings.Contains(text, "maximum of 50") {
		t.Errorf("load 51 refused with %s %q", code, text)
	}
}

func TestWhoIsLetIn(t *testing.T) {
	for _, c := range []struct {
		name, method, path, authorization string
		want                              int
		code                              string
	}{
		{"right token", "GET", source + "/sessions", "SSWS sim-token", 200, ""},
		{"no token", "GET", source + "/sessions", "", 401, "E0000011"},
		{"wrong token", "GET", source + "/sessions", "SSWS other", 401, "E0000011"},
		{"token as bearer", "GET", source + "/sessions", "Bearer sim-token", 401, "E0000011"},
		{"empty token", "POST", source + "/sessions", "SSWS ", 401, "E0000011"},
		{"another source", "GET", "/api/v1/identity-sources/0oa2/sessions", "SSWS sim-token", 404, "E0000007"},
		{"unknown session", "GET", source + "/sessions/issNone", "SSWS sim-token", 404, "E0000007"},
		{"cancel unknown", "DELETE", source + "/sessions/issNone", "SSWS sim-token", 404, "E0000007"},
		{"load unknown", "POST", source + "/sessions/issNone/bulk-upsert", "SSWS sim-token", 404, "E0000007"},
		{"delete from unknown", "POST", source + "/sessions/issNone/bulk-delete", "SSWS sim-token", 404, "E0000007"},
		{"trigger unknown", "POST", source + "/sessions/issNone/start-import", "SSWS sim-token", 404, "E0000007"},
		{"unknown user", "GET", source + "/users/none", "SSWS sim-token", 404, "E0000007"},
		{"no endpoint", "GET", "/api/v1/elsewhere", "SSWS sim-token", 404, "E0000022"},
		{"wrong method", "PUT", source + "/sessions", "SSWS sim-token", 405, "E0000022"},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOrg(t)
			r, err := o.tryWith(c.method, c.path, "", c.authorization)
			if err != nil {
				t.Fatal(err)
			}
			if r.status != c.want {
				t.Fatalf("%d %s, want %d", r.status, r.text, c.want)
			}
			if c.code != "" {
				if code, _ := r.problem(t); code != c.code {
					t.Errorf("code %s, want %s", code, c.code)
				}
			}
			if r.header.Get("X-Okta-Request-Id") == "" || r.header.Get("Date") != "Sun, 01 Mar 2026 09:00:17 GMT" {
				t.Errorf("headers %v", r.header)
			}
		})
	}
}
