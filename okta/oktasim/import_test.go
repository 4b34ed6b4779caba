package oktasim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/okta/oktasim"
)

func TestImportsRunOneAfterTheOther(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.ImportTime = 10 * time.Minute })
	first := o.load(person("ann"))
	o.pass(time.Minute)
	second := o.load(person("ann", "title", "Dr"))
	for _, c := range []struct {
		after         time.Duration // since the first trigger
		first, second string
	}{
		{9 * time.Minute, "TRIGGERED", "TRIGGERED"}, {10 * time.Minute, "COMPLETED", "TRIGGERED"},
		{19 * time.Minute, "COMPLETED", "TRIGGERED"}, {20 * time.Minute, "COMPLETED", "COMPLETED"},
	} {
		o.now = o.Sessions()[0].Triggered.Add(c.after)
		if a, b := o.status(first), o.status(second); a != c.first || b != c.second {
			t.Errorf("after %s: %s, %s", c.after, a, b)
		}
	}
}

// A delete is for the people whom the org has when it is uploaded: somebody still being imported is missed.
func TestDeletesAreResolvedWhenUploaded(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.ImportTime = time.Minute })
	o.load(person("ann"))
	session := o.create()
	o.upload(202, session, "bulk-delete", leaver("ann"))
	if got := o.status(session); got != "CREATED" {
		t.Fatalf("a delete of nobody made the session %s", got)
	}
	o.pass(time.Minute)
	o.trigger(400, session)
	o.upload(202, session, "bulk-upsert", person("bob"))
	o.trigger(200, session)
	o.pass(time.Minute)
	if got, want := o.outcomes(session), []string{"ann ignored", "bob created"}; !slices.Equal(got, want) {
		t.Errorf("outcomes %q, want %q", got, want)
	}
	if ann, _ := o.User("ann"); ann.Status != oktasim.Active {
		t.Errorf("ann is %s", ann.Status)
	}
}

// A session whose import is not over can bring somebody back who was taken out meanwhile.
func TestOlderSessionBringsALeaverBack(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.ImportTime = time.Minute })
	o.Put(oktasim.User{ExternalID: "ann", Profile: map[string]string{"userName": "ann@example.com", "email": "ann@example.com"}})
	o.load(person("ann"))
	o.call(204, "DELETE", source+"/users/ann", "")
	if ann, _ := o.User("ann"); ann.Status != oktasim.Deprovisioned {
		t.Fatalf("ann is %s", ann.Status)
	}
	o.pass(time.Minute)
	if ann, _ := o.User("ann"); ann.Status != oktasim.Active {
		t.Errorf("ann is %s", ann.Status)
	}
}

// What is due is worked off by the settings of its time.
func TestReconfigureIsNotForThePast(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.ImportTime = time.Hour })
	session := o.load(person("ann"))
	o.pass(2 * time.Hour)
	if err := o.Reconfigure(func(c *oktasim.Config) { c.ImportTime, c.IdentitySourceID = 9*time.Hour, "0oa2" }); err != nil {
		t.Fatal(err)
	}
	if got := o.status(session); got != "COMPLETED" {
		t.Errorf("session is %s", got)
	}
	if o.Reconfigure(func(c *oktasim.Config) { c.ErrorRate = 7 }) == nil {
		t.Error("a share of 7 was accepted")
	}
}

func TestReactivation(t *testing.T) {
	for _, on := range []bool{true, false} {
		o := newOrg(t, func(c *oktasim.Config) { c.ReactivateDeactivated = on })
		o.load(person("ann"))
		o.load(leaver("ann"))
		session := o.load(person("ann"))
		o.Advance()
		ann, _ := o.User("ann")
		want, outcome := oktasim.Deprovisioned, "ann failed"
		if on {
			want, outcome = oktasim.Active, "ann updated"
		}
		if got := o.outcomes(session); ann.Status != want || got[0] != outcome {
			t.Errorf("reactivation %t: %s, %s", on, ann.Status, got)
		}
	}
}

func TestStatusLag(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.StatusLag = 3 * time.Second })
	session := o.create()
	o.upload(202, session, "bulk-upsert", person("ann"))
	o.trigger(400, session)
	o.pass(3*time.Second - time.Nanosecond)
	if got := o.status(session); got != "CREATED" {
		t.Fatalf("within the lag: %s", got)
	}
	o.pass(time.Nanosecond)
	if got := o.status(session); got != "IN_PROGRESS" {
		t.Fatalf("after the lag: %s", got)
	}
	o.trigger(200, session)
}

func TestSessionExpires24HoursAfterTheLastRequest(t *testing.T) {
	o := newOrg(t)
	session := o.create()
	o.pass(23 * time.Hour)
	o.upload(202, session, "bulk-upsert", person("ann"))
	o.pass(23 * time.Hour)
	if got := o.status(session); got != "IN_PROGRESS" {
		t.Fatalf("session is %s", got)
	}
	o.pass(24*time.Hour - time.Nanosecond)
	o.call(200, "GET", source+"/sessions", "") // names no session
	o.pass(time.Nanosecond)
	if got := o.status(session); got != "EXPIRED" {
		t.Fatalf("session is %s", got)
	}
	o.create()
}

func TestList(t *testing.T) {
	for _, all := range []bool{false, true} {
		o := newOrg(t, func(c *oktasim.Config) { c.ListEnded, c.ImportTime = all, time.Minute })
		if r := o.call(200, "GET", source+"/sessions", ""); r.text != "[]" {
			t.Errorf("empty list is %s", r.text)
		}
		closed := o.create()
		o.call(204, "DELETE", source+"/sessions/"+closed, "")
		triggered, created := o.load(person("ann")), o.create()
		want := fmt.Sprintf(`[{"id":%q,"identitySourceId":"0oa1","status":"TRIGGERED","importType":"INCREMENTAL","created":"2026-03-01T09:00:17.250Z","lastUpdated":"2026-03-01T09:00:17.250Z"},`+
			`{"id":%q,"identitySourceId":"0oa1","status":"CREATED","importType":"INCREMENTAL","created":"2026-03-01T09:00:17.250Z","lastUpdated":"2026-03-01T09:00:17.250Z"}]`, triggered, created)
		if all {
			want = fmt.Sprintf(`[{"id":%q,"identitySourceId":"0oa1","status":"CLOSED","importType":"INCREMENTAL","created":"2026-03-01T09:00:17.250Z","lastUpdated":"2026-03-01T09:00:17.250Z"},`, closed) + want[1:]
		}
		if got := o.call(200, "GET", source+"/sessions", "").text; got != want {
			t.Errorf("list with ended %t is\n%s, want\n%s", all, got, want)
		}
	}
}

func TestImportEndsInError(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*oktasim.Config)
	}{
		{"poison", func(c *oktasim.Config) { c.Poison = []string{"p7"} }},
		{"chance", func(c *oktasim.Config) { c.ImportErrorRate = 1 }},
		{"poison, half of it applied", func(c *oktasim.Config) { c.Poison, c.ErrorApplies = []string{"p7"}, 0.5 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOrg(t, c.edit)
			var people []map[string]any
			for i := range 100 {
				people = append(people, person(fmt.Sprintf("p%d", i)))
			}
			session := o.load(people...)
			if got := o.status(session); got != "ERROR" {
				t.Fatalf("session is %s", got)
			}
			least, most := 0, 0
			if o.config.ErrorApplies > 0 {
				least, most = 25, 75
			}
			if n := len(o.Users()); n < least || n > most {
				t.Errorf("%d users, want %d to %d", n, least, most)
			}
			if o.config.ImportErrorRate == 0 {
				if got := o.status(o.load(person("p8"))); got != "COMPLETED" {
					t.Errorf("a session without the poison is %s", got)
				}
			}
		})
	}
}

func TestViolations(t *testing.T) {
	o := newOrg(t)
	session := o.create()
	o.upload(202, session, "bulk-upsert", person("ann"), person("bob"), person("ann", "title", "Dr"))
	o.upload(202, session, "bulk-delete", leaver("bob"))
	o.upload(202, session, "bulk-upsert", map[string]any{"externalId": "cid", "profile": map[string]any{}})
	o.trigger(200, session)
	var got []string
	for _, v := range o.Violations() {
		got = append(got, v.ExternalID+" "+v.What)
	}
	want := []string{"ann listed more than once in a session", "bob listed more than once in a session", "cid upserted with an empty profile"}
	if !slices.Equal(got, want) {
		t.Errorf("violations %q, want %q", got, want)
	}
	if cid, found := o.User("cid"); !found || len(cid.Profile) != 0 {
		t.Errorf("an empty profile makes an empty user: got %+v", cid)
	}
}

// Somebody who is in a session twice may end as either entry says, or as before.
func TestTwiceInASessionIsARace(t *testing.T) {
	ends := map[string]bool{}
	for seed := range uint64(40) {
		o := newOrg(t, func(c *oktasim.Config) { c.Seed = seed })
		session := o.create()
		o.upload(202, session, "bulk-upsert", person("ann", "title", "first"), person("ann", "title", "last"))
		o.trigger(200, session)
		ann, _ := o.User("ann")
		ends[ann.Profile["title"]] = true
	}
	if !ends["first"] || !ends["last"] || !ends[""] || len(ends) != 3 {
		t.Errorf("ends %v", ends)
	}
}

func TestSameUserName(t *testing.T) {
	for setting, want := range map[oktasim.SameUserName]string{
		oktasim.SameUserNameSeparate: "new created, 2 users", oktasim.SameUserNameMatch: "new updated, 1 users", oktasim.SameUserNameClash: "new failed, 1 users",
	} {
		o := newOrg(t, func(c *oktasim.Config) { c.SameUserName = setting })
		o.load(person("old"))
		session := o.load(person("new", "userName", "old@example.com"))
		o.Advance()
		if got := fmt.Sprintf("%s, %d users", o.outcomes(session)[0], len(o.Users())); got != want {
			t.Errorf("%s: %s, want %s", setting, got, want)
		}
	}
}
