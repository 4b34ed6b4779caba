package oktasim_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/okta/oktasim"
)

// everything is what an org would answer about itself.
func (o *org) everything() map[string]any {
	return map[string]any{"users": o.Users(), "sessions": o.Sessions(), "violations": o.Violations()}
}

// steps lead an org through everything that changes its state.
func steps(o *org) []func() {
	var session string
	return []func(){
		func() { o.Put(oktasim.User{ExternalID: "zoe"}) },
		func() { session = o.create() },
		func() {
			o.upload(202, session, "bulk-upsert", person("ann", "title", nil), person("bob"), person("ann"))
		},
		func() { o.upload(202, session, "bulk-delete", leaver("zoe"), leaver("nobody")) },
		func() { o.pass(time.Hour); o.status(session) },
		func() { o.trigger(200, session) },
		func() { o.pass(61 * time.Second) }, // one person worked off
		func() { session = o.create() },
		func() { o.upload(202, session, "bulk-upsert", person("cid", "countryCode", "long")) },
		func() { o.trigger(200, session) },
		func() { o.pass(time.Second) },
		func() { o.call(200, "PATCH", source+"/users/zoe", `{"profile":{"title":"Dr"}}`) },
		func() { o.call(204, "DELETE", source+"/users/zoe", "") },
		func() { o.pass(time.Hour) },
		func() { session = o.create() },
		func() { o.call(204, "DELETE", source+"/sessions/"+session, "") },
		func() { o.create() },
		func() { o.pass(24 * time.Hour) },
		func() { o.load(person("dan", "userName", "bob@example.com")) }, // takes bob over
		func() { o.pass(time.Hour) },
		func() { o.load(person("eve")) },
		func() { o.pass(time.Hour) },
		func() { o.create() },
	}
}

// The org is killed after every step, and a new one starts on the folder. It must be as one that was never killed.
func TestStateOutlivesAKill(t *testing.T) {
	slow := func(c *oktasim.Config) {
		c.ImportTime, c.PersonTime, c.SameUserName = time.Minute, time.Second, oktasim.SameUserNameMatch
	}
	whole := newOrg(t, slow)
	killed := newOrg(t, slow, func(c *oktasim.Config) { c.Dir = t.TempDir() })
	all, again := steps(whole), steps(killed)
	for i := range all {
		all[i]()
		again[i]()
		before := killed.everything()
		killed.start()
		if diff := cmp.Diff(before, killed.everything()); diff != "" {
			t.Fatalf("after step %d the restart changed the state (-before +after):\n%s", i, diff)
		}
		if diff := cmp.Diff(whole.Users(), killed.Users()); diff != "" {
			t.Fatalf("after step %d the killed org has other people:\n%s", i, diff)
		}
	}
	if a, b := len(whole.Sessions()), len(killed.Sessions()); a != b || a != 7 {
		t.Errorf("%d and %d sessions, want 7", a, b)
	}
}

// A process may die in the middle of a line. The request of that line was not answered.
func TestCutOffLine(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.Dir = t.TempDir() })
	first := o.create()
	o.upload(202, first, "bulk-upsert", person("ann"))
	path := filepath.Join(o.config.Dir, "oktasim.jsonl")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before := o.everything()
	o.call(204, "DELETE", source+"/sessions/"+first, "")
	longer, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := len(whole); cut < len(longer); cut += 7 {
		if err := os.WriteFile(path, longer[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		o.start()
		if diff := cmp.Diff(before, o.everything()); diff != "" {
			t.Fatalf("cut off after %d bytes of %d (-want +got):\n%s", cut, len(longer), diff)
		}
	}
}

func TestDamagedJournal(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "oktasim.jsonl"), []byte("[]\nno JSON\n[]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	config := oktasim.DefaultConfig()
	config.Dir = dir
	for range 2 { // the first must have let go of the folder
		if _, err := oktasim.New(config); err == nil || errors.Is(err, oktasim.ErrFolderInUse) {
			t.Errorf("a damaged journal: %v", err)
		}
	}
}

// Two orgs on one folder would each write what the other does not know.
func TestAFolderIsOneOrgs(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.Dir = t.TempDir() })
	o.load(person("ann"))
	path := filepath.Join(o.config.Dir, "oktasim.jsonl")
	before, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := oktasim.New(o.config); !errors.Is(err, oktasim.ErrFolderInUse) || !strings.Contains(err.Error(), o.config.Dir) {
		t.Fatalf("a second org on the folder: %v", err)
	}
	after, err := os.Stat(path)
	if err != nil || !os.SameFile(before, after) {
		t.Fatalf("the journal was replaced under the org that writes it (%v)", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	if closed, err := os.ReadFile(path); err != nil || !bytes.Equal(text, closed) {
		t.Errorf("closing changed the journal (%v): a restart after it is not one after a kill", err)
	}
	o.Server = nil
	o.start()
	if _, there := o.User("ann"); !there {
		t.Error("ann is gone")
	}
}

func TestIDsGoOnAfterARestart(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.Dir = t.TempDir() })
	seen := map[string]bool{}
	for i := range 20 {
		session := o.load(person(fmt.Sprintf("p%d", i)))
		o.start()
		u, _ := o.User(fmt.Sprintf("p%d", i))
		if seen[session] || seen[u.ID] || len(session) != 20 || len(u.ID) != 20 {
			t.Fatalf("ids %q, %q", session, u.ID)
		}
		seen[session], seen[u.ID] = true, true
	}
}

// Of ended sessions the last thousand are kept. Those forgotten leave their numbers used.
func TestOldSessionsAreForgotten(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.Dir = t.TempDir() })
	open := o.load(person("ann"))
	for range 1100 {
		o.call(204, "DELETE", source+"/sessions/"+o.create(), "")
	}
	if n := len(o.Sessions()); n != 1000 {
		t.Errorf("%d sessions", n)
	}
	o.call(404, "GET", source+"/sessions/"+open, "")
	last := o.create()
	o.call(204, "DELETE", source+"/sessions/"+last, "")
	o.start()
	if x := o.Sessions()[999]; x.ID != last || x.Number != 1102 {
		t.Errorf("last session %+v", x)
	}
}

func TestTenThousandPeopleAreCheapToKeep(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.Dir = t.TempDir() })
	session := o.create()
	for load := range 50 {
		people := make([]map[string]any, 200)
		for i := range people {
			people[i] = person(fmt.Sprintf("p%d-%d", load, i), "firstName", "Ann", "lastName", "Other", "city", "Bern")
		}
		o.upload(202, session, "bulk-upsert", people...)
	}
	o.trigger(200, session)
	o.Advance()
	info, err := os.Stat(filepath.Join(o.config.Dir, "oktasim.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	o.start()
	if n := len(o.Users()); n != 10_000 || info.Size() > 30<<20 {
		t.Errorf("%d users in %d bytes", n, info.Size())
	}
}
