package oktasim_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/okta/oktasim"
)

func TestSimUsers(t *testing.T) {
	o := newOrg(t)
	if got := o.call(200, "GET", "/sim/users", "").text; got != "[]" {
		t.Errorf("no users are %s", got)
	}
	o.load(person("bob", "title", nil), person("ann"))
	o.load(leaver("bob"))
	want := `[{"externalId":"ann","status":"ACTIVE","profile":{"email":"ann@example.com","userName":"ann@example.com"}},` +
		`{"externalId":"bob","status":"DEPROVISIONED","profile":{"email":"bob@example.com","userName":"bob@example.com"}}]`
	if got := o.call(200, "GET", "/sim/users", "").text; got != want {
		t.Errorf("users\n%s, want\n%s", got, want)
	}
	if got := o.call(200, "GET", "/sim/users/bob", "").text; !strings.Contains(want, got) {
		t.Errorf("bob is %s", got)
	}
	o.call(404, "GET", "/sim/users/cid", "")
	o.call(405, "DELETE", "/sim/users/bob", "")
	o.call(404, "GET", "/sim/nothing", "")
}

func TestSimSessions(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.ImportTime = time.Second })
	session := o.load(person("ann"), person("bob"), leaver("nobody"))
	o.pass(time.Second)
	o.call(204, "DELETE", source+"/sessions/"+o.create(), "")
	var sessions []struct {
		ID, Status           string
		Loads, People        int
		Created, LastUpdated string
		Triggered, Ended     *time.Time
		Counts               map[string]int
	}
	if err := json.Unmarshal([]byte(o.call(200, "GET", "/sim/sessions", "").text), &sessions); err != nil {
		t.Fatal(err)
	}
	if len(sessions) != 2 || sessions[0].ID != session || sessions[0].Status != "COMPLETED" || sessions[0].Loads != 2 || sessions[1].Triggered != nil {
		t.Fatalf("sessions %+v", sessions)
	}
	want := map[string]int{"created": 2, "updated": 0, "unchanged": 0, "deactivated": 0, "failed": 0, "ignored": 1}
	if diff := cmp.Diff(want, sessions[0].Counts); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if got := sessions[0].Ended.Sub(*sessions[0].Triggered); got != time.Second {
		t.Errorf("the import took %s", got)
	}
	for query, want := range map[string]int{"": 3, "?outcome=created": 2, "?q=BO": 2, "?limit=1&offset=2": 1, "?limit=1&offset=9": 0} {
		var one struct{ Outcomes []oktasim.Person }
		if err := json.Unmarshal([]byte(o.call(200, "GET", "/sim/sessions/"+session+query, "").text), &one); err != nil {
			t.Fatal(err)
		}
		if len(one.Outcomes) != want {
			t.Errorf("%q: %+v, want %d", query, one.Outcomes, want)
		}
	}
	if got := o.call(200, "GET", "/sim/sessions/"+o.load(person("cid")), "").text; strings.Contains(got, "profile") {
		t.Errorf("a session being imported shows profiles: %s", got)
	}
	o.call(404, "GET", "/sim/sessions/none", "")
}

func TestSimDirectory(t *testing.T) {
	o := newOrg(t)
	o.load(person("ann", "city", "Bern"), person("bob", "city", "Bergen"), person("cid"))
	o.load(leaver("bob"))
	for query, want := range map[string]string{
		"": "ann bob cid", "?q=BER": "ann bob", "?q=ber&status=ACTIVE": "ann", "?status=DEPROVISIONED": "bob", "?limit=1&offset=1": "bob", "?id=ann": "ann", "?q=%3Cnone": "",
	} {
		var found struct{ Users []oktasim.User }
		if err := json.Unmarshal([]byte(o.call(200, "GET", "/sim/directory"+query, "").text), &found); err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, u := range found.Users {
			ids = append(ids, u.ExternalID)
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%q finds %q, want %q", query, got, want)
		}
	}
}

func TestSimFaultsAndCalls(t *testing.T) {
	o := newOrg(t)
	o.call(204, "POST", "/sim/faults", `{"op":"create","count":1,"status":503,"delay":"0s","drop":"","body":"<html>x</html>"}`)
	o.call(204, "POST", "/sim/faults", `[{"op":"create","drop":"after"},{"op":"list","status":500}]`)
	for _, wrong := range []string{`{"op":"reboot"}`, `{"op":"*","delay":"soon"}`, `{"op":"*","delay":5}`, `[]x`, ``} {
		if got := o.call(400, "POST", "/sim/faults", wrong).field(t, "error"); got == "" {
			t.Errorf("%s: no reason", wrong)
		}
	}
	if got := o.call(503, "POST", source+"/sessions", "").text; got != "<html>x</html>" {
		t.Errorf("body %q", got)
	}
	if _, err := o.try("POST", source+"/sessions", ""); err == nil || len(o.Sessions()) != 1 {
		t.Errorf("%v, %d sessions", err, len(o.Sessions()))
	}
	if got := o.call(200, "GET", "/sim/faults", "").text; !strings.Contains(got, `"op":"list","count":1,"status":500,"delay":"0s"`) {
		t.Errorf("left over: %s", got)
	}
	o.call(204, "DELETE", "/sim/faults", "")
	o.call(200, "GET", source+"/sessions", "")
	if got, want := o.call(200, "GET", "/sim/calls", "").text, `{"calls":{"create":2,"list":1},"throttled":0}`; got != want {
		t.Errorf("calls %s, want %s", got, want)
	}
	if got := o.call(200, "GET", "/sim/violations", "").text; got != "[]" {
		t.Errorf("violations %s", got)
	}
}

func TestSimSettings(t *testing.T) {
	o := newOrg(t)
	before := o.call(200, "GET", "/sim/settings", "").text
	for body, says := range map[string]string{
		`{"rateLimit":-1}`: "RateLimit", `{"cooldownReading":"always"}`: "CooldownReading", `{"cooldown":"1m","color":"red"}`: `"color"`,
		`{"cooldown":60}`: "cooldown", `{"poison":["a"],"errorRate":2}`: "ErrorRate", `[]`: "object",
	} {
		if got := o.call(400, "POST", "/sim/settings", body).field(t, "error"); !strings.Contains(got, says) {
			t.Errorf("%s: %s", body, got)
		}
		if got := o.call(200, "GET", "/sim/settings", "").text; got != before {
			t.Errorf("%s changed %s to %s", body, before, got)
		}
	}
	o.call(200, "POST", "/sim/settings", `{"declaredAttributes":["shoeSize"],"cooldown":"1m30s","poison":["ann"]}`)
	session := o.create()
	o.upload(400, session, "bulk-upsert", person("ann", "title", "Dr"))
	o.upload(202, session, "bulk-upsert", person("ann", "shoeSize", "44"))
	o.trigger(200, session)
	if got := o.status(session); got != "ERROR" {
		t.Errorf("the poisoned session is %s", got)
	}
}

// The page takes nothing from elsewhere, and its policy lets nothing inline run.
func TestPage(t *testing.T) {
	o := newOrg(t)
	r := o.call(200, "GET", "/", "")
	for _, file := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(r.text, -1) {
		f := o.call(200, "GET", file[1], "")
		if !strings.HasPrefix(file[1], "/sim/") || f.header.Get("Content-Type") == "" {
			t.Errorf("%s: %v", file[1], f.header)
		}
		r.text += strings.ReplaceAll(f.text, "http://www.w3.org/2000/svg", "")
	}
	policy := r.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	for _, never := range []string{"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(", "://", " onclick=", " style="} {
		if strings.Contains(r.text, never) {
			t.Errorf("the page holds %q", never)
		}
	}
	if got := o.call(200, "GET", "/sim/overview", "").field(t, "identitySourceId"); got != "0oa1" {
		t.Errorf("overview of %s", got)
	}
}

func TestConfigIsChecked(t *testing.T) {
	config := oktasim.Config{Cooldown: -1, CooldownReading: "x", RateLimit: -1, ErrorRate: 1.5, DeclaredAttributes: []string{"userName"}, SameUserName: "y"}
	_, err := oktasim.New(config)
	if err == nil {
		t.Fatal("accepted")
	}
	for _, field := range []string{"IdentitySourceID", "Cooldown ", "CooldownReading", "RateLimit", "ErrorRate", "DeclaredAttributes", "SameUserName"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("%v does not name %s", err, field)
		}
	}
}
