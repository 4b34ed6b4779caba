package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func environ(pairs map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		text, ok := pairs[name]
		return text, ok
	}
}

var noEnvironment = environ(nil)

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Fatal(err)
	}
	got, err := Load(nil, noEnvironment)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Default(), got); diff != "" {
		t.Errorf("nothing given is not the default (-default +got):\n%s", diff)
	}
}

func TestLoadLaysFileOverDefaultAndEnvironmentOverBoth(t *testing.T) {
	file := `
table: staff
guard:
  percent: 2.5
  protect: [ceo, "expr:title == 'Board'"]
gather: {quiet: 250ms}
mapping:
  externalId: id
  profile: {userName: login, email: login}
`
	got, err := Load([]byte(file), environ(map[string]string{
		"ROLLCALL_TABLE":          "crew",
		"ROLLCALL_GUARD_PEOPLE":   "1000",
		"ROLLCALL_GATHER_MAX":     "1500ms",
		"ROLLCALL_URGENT_ENABLED": "true",
		"OKTA_API_TOKEN":          "00abc",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Table = "crew"
	want.Guard = Guard{Min: 20, Percent: 2.5, People: 1000, Protect: []string{"ceo", "expr:title == 'Board'"}}
	want.Gather = Gather{Quiet: 250 * time.Millisecond, Max: 1500 * time.Millisecond}
	want.Urgent.Enabled = true
	want.Mapping.Profile = map[string]string{"userName": "login", "email": "login"}
	want.Okta.Token = "00abc"
	if got.Okta.Token != want.Okta.Token {
		t.Error("the token was not taken from the environment")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("config (-want +got):\n%s", diff)
	}
}

func TestLoadTakesProfileAndListFromEnvironment(t *testing.T) {
	file := "guard: {protect: 7}\nmapping: {profile: {userName: [wrong]}}\n"
	got, err := Load([]byte(file), environ(map[string]string{
		"ROLLCALL_GUARD_PROTECT":   "[ceo, cfo]",
		"ROLLCALL_MAPPING_PROFILE": "{userName: login, email: mail}",
	}))
	if problems := Problems(err); len(problems) != 2 {
		t.Errorf("the file's mistakes: got %v, want both", err)
	}
	if diff := cmp.Diff([]string{"ceo", "cfo"}, got.Guard.Protect); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"userName": "login", "email": "mail"}, got.Mapping.Profile); diff != "" {
		t.Error(diff)
	}
}

func TestLoadFile(t *testing.T) {
	if _, err := LoadFile(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.HasPrefix(err.Error(), "read configuration: ") {
		t.Errorf("missing file: %v", err)
	}
	path := filepath.Join(t.TempDir(), "rollcall.yaml")
	if err := os.WriteFile(path, []byte("table: staff\ntabel: staff\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("ROLLCALL_CONTROL", "staff-control")
	got, err := LoadFile(path)
	if want := path + ":2:1: tabel: no such setting"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if got.Table != "staff" || got.Control != "staff-control" {
		t.Errorf("table %q, control %q", got.Table, got.Control)
	}
	if got, err := LoadFile(""); err != nil || got.Table != "people" {
		t.Errorf("no file: table %q, %v", got.Table, err)
	}
}

func TestUnknownVariables(t *testing.T) {
	got := UnknownVariables([]string{"PATH=/bin", "ROLLCALL_TABLE=people", "ROLLCALL_GAURD_MIN=3", "ROLLCALL_OKTA_API_TOKEN=x"})
	if diff := cmp.Diff([]string{"ROLLCALL_GAURD_MIN", "ROLLCALL_OKTA_API_TOKEN"}, got); diff != "" {
		t.Error(diff)
	}
}
