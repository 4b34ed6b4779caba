package oktasim_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/okta/oktasim"
)

func TestLifeOfASession(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.ImportTime, c.PersonTime = 10*time.Second, time.Second })
	id := o.create()
	if got := o.status(id); got != "CREATED" {
		t.Fatalf("after create: %s", got)
	}
	o.upload(202, id, "bulk-upsert", person("ann"), person("bob"))
	o.upload(202, id, "bulk-upsert", person("cid"))
	if got := o.status(id); got != "IN_PROGRESS" {
		t.Fatalf("after upload: %s", got)
	}
	if got := o.trigger(200, id).field(t, "status"); got != "TRIGGERED" {
		t.Fatalf("answer to the trigger: %s", got)
	}
	o.pass(11 * time.Second)
	if got := o.status(id); got != "TRIGGERED" || len(o.Users()) != 1 {
		t.Fatalf("after the first person: %s, %d users", got, len(o.Users()))
	}
	o.pass(2 * time.Second)
	if got := o.status(id); got != "COMPLETED" || len(o.Users()) != 3 {
		t.Fatalf("after the last person: %s, %d users", got, len(o.Users()))
	}
	if got, want := o.outcomes(id), []string{"ann created", "bob created", "cid created"}; !slices.Equal(got, want) {
		t.Fatalf("outcomes %q, want %q", got, want)
	}
	want := map[string]int{"create": 1, "get": 4, "bulk-upsert": 2, "start-import": 1}
	for op, n := range want {
		if got := o.Calls()[op]; got != n {
			t.Errorf("%d calls of %s, want %d", got, op, n)
		}
	}
}

func TestOutcomes(t *testing.T) {
	o := newOrg(t)
	o.load(person("ann", "title", "Dr", "mobilePhone", "1"), person("bob"), person("cid"))
	session := o.load(
		person("ann", "mobilePhone", nil), person("bob"), person("dan", "countryCode", "CHE"),
		leaver("cid"), leaver("nobody"))
	o.Advance()
	want := []string{"ann updated", "bob unchanged", "dan failed", "cid deactivated", "nobody ignored"}
	if got := o.outcomes(session); !slices.Equal(got, want) {
		t.Fatalf("outcomes %q, want %q", got, want)
	}
	ann, _ := o.User("ann")
	if _, has := ann.Profile["mobilePhone"]; has || ann.Profile["title"] != "Dr" {
		t.Errorf("null clears and an omitted attribute stays: got %v", ann.Profile)
	}
	if cid, _ := o.User("cid"); cid.Status != oktasim.Deprovisioned {
		t.Errorf("cid is %s", cid.Status)
	}
	if _, found := o.User("dan"); found {
		t.Error("a person over a limit of the target was created")
	}
	if got := o.status(session); got != "COMPLETED" {
		t.Errorf("a person who fails leaves the session %s", got)
	}
}

func TestStateMachineRefuses(t *testing.T) {
	in := func(status string) func(o *org) string {
		return func(o *org) string {
			id := o.create()
			if status == "CREATED" {
				return id
			}
			if status == "CLOSED" {
				o.call(204, "DELETE", source+"/sessions/"+id, "")
				return id
			}
			if status == "EXPIRED" {
				o.pass(24 * time.Hour)
				return id
			}
			o.upload(202, id, "bulk-upsert", person("ann"))
			if status == "IN_PROGRESS" {
				return id
			}
			if status == "ERROR" {
				if err := o.Fault(oktasim.Fault{Op: oktasim.OpImport}); err != nil {
					o.t.Fatal(err)
				}
			}
			o.trigger(200, id)
			if status != "TRIGGERED" {
				o.pass(time.Hour)
			}
			return id
		}
	}
	allowed := map[string]string{ // what a session of each status takes besides GET
		"CREATED": "cancel upsert delete", "IN_PROGRESS": "cancel upsert delete trigger", "TRIGGERED": "create",
		"COMPLETED": "create", "ERROR": "create", "CLOSED": "create", "EXPIRED": "create",
	}
	calls := map[string]struct {
		method, path, body, says string
		done                     int
	}{
		"create":  {"POST", "", "", "already exists", 201},
		"cancel":  {"DELETE", "/ID", "", "Only a session that is in CREATED or IN_PROGRESS status can be canceled.", 204},
		"upsert":  {"POST", "/ID/bulk-upsert", `{"entityType":"USERS","profiles":[]}`, "should be in CREATED or IN_PROGRESS", 202},
		"delete":  {"POST", "/ID/bulk-delete", `{"entityType":"USERS","profiles":[]}`, "should be in CREATED or IN_PROGRESS", 202},
		"trigger": {"POST", "/ID/start-import", "", "should be in IN_PROGRESS status in order to be processed", 200},
	}
	for status, takes := range allowed {
		for name, c := range calls {
			t.Run(status+"/"+name, func(t *testing.T) {
				o := newOrg(t, func(c *oktasim.Config) { c.ImportTime = time.Minute })
				id := in(status)(o)
				if got := o.status(id); got != status {
					t.Fatalf("session is %s", got)
				}
				path := source + "/sessions" + strings.Replace(c.path, "ID", id, 1)
				if slices.Contains(strings.Fields(takes), name) {
					o.call(c.done, c.method, path, c.body)
					return
				}
				code, text := o.call(400, c.method, path, c.body).problem(t)
				if code != "E0000001" || !strings.Contains(text, c.says) {
					t.Fatalf("refused with %s %q", code, text)
				}
				if got := o.status(id); got != status {
					t.Fatalf("the refused call left the session %s", got)
				}
			})
		}
	}
}
