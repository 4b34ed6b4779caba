//go:build e2e

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// rollcall builds the command line tool once for all tests and returns its path.
func rollcall(t *testing.T) string {
	t.Helper()
	build.Do(func() {
		build.binary = filepath.Join(runDir(), "rollcall")
		cmd := exec.Command("go", "build", "-o", build.binary, "../cmd/rollcall")
		if out, err := cmd.CombinedOutput(); err != nil {
			build.problem = fmt.Errorf("build rollcall: %w\n%s", err, out)
		}
	})
	if build.problem != nil {
		t.Fatal(build.problem)
	}
	return build.binary
}

var build struct {
	sync.Once
	binary  string
	problem error
}

// org is a simulated Okta org in a process of its own, which keeps its state when it is killed.
type org struct {
	*Process
	program Program
	url     string
}

// startOrg starts an org without rate limit and cooldown. Flags are further ones of rollcall oktasim.
func startOrg(t *testing.T, name string, flags ...string) *org {
	t.Helper()
	address := "127.0.0.1:" + strconv.Itoa(FreePort(t))
	o := &org{url: "http://" + address}
	o.program = Program{
		Name: name,
		Command: append([]string{rollcall(t), "oktasim", "--listen", address, "--data", t.TempDir(),
			"--rate-limit", "0", "--cooldown", "0", "--import-time", "0", "--person-time", "0"}, flags...),
		Env:   []string{"OKTASIM_TOKEN=" + orgToken},
		Ready: Answers(o.url + "/sim/calls"),
	}
	o.Process = Start(t, o.program)
	return o
}

const orgToken = "e2e-token"

// restart starts the org again after Kill, with the state that it had.
func (o *org) restart(t *testing.T) {
	t.Helper()
	o.Process = Start(t, o.program)
}

// person is somebody in the org's directory.
type person struct {
	ExternalID string
	Status     string
	Profile    map[string]string
}

// active returns the profiles of the people who are active, by externalId.
func (o *org) active() (map[string]map[string]string, error) {
	var all []person
	if err := o.get("/sim/users", &all); err != nil {
		return nil, err
	}
	active := map[string]map[string]string{}
	for _, p := range all {
		if p.Status == "ACTIVE" {
			active[p.ExternalID] = p.Profile
		}
	}
	return active, nil
}

// session is one of the org's sessions.
type session struct {
	ID, Status string
}

func (o *org) sessions() (all []session, err error) {
	err = o.get("/sim/sessions", &all)
	return all, err
}

// has reports whether the directory has the person, in whatever status.
func (o *org) has(externalID string) (person, bool) {
	var p person
	err := o.get("/sim/users/"+url.PathEscape(externalID), &p)
	return p, err == nil
}

func (o *org) get(path string, into any) error {
	response, err := http.Get(o.url + path)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("GET %s: %s", path, response.Status)
	}
	return json.Unmarshal(body, into)
}

// set changes settings of the org while it runs: a JSON object of those of /sim/settings.
func (o *org) set(t *testing.T, settings string) {
	t.Helper()
	response, err := http.Post(o.url+"/sim/settings", "application/json", strings.NewReader(settings))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("set %s: %s", settings, response.Status)
	}
}

// mustBeKind fails the test if a call broke a rule that Okta does not enforce, such as a person twice in a session.
func (o *org) mustBeKind(t *testing.T) {
	t.Helper()
	var violations []any
	if err := o.get("/sim/violations", &violations); err != nil {
		t.Fatal(err)
	}
	if len(violations) > 0 {
		t.Errorf("%d rules of Okta were broken; the first: %v", len(violations), violations[0])
	}
}
