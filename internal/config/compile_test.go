package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLoadPlacesMistakesOfExpressions(t *testing.T) {
	file := `guard:
  protect:
    - ceo
    - "expr:title =="
mapping:
  active: 1 +
  profile:
    userName: email
    title: nope(
`
	_, err := load("rollcall.yaml", []byte(file), noEnvironment, nil)
	var places []string
	for _, p := range Problems(err) {
		place, _, _ := strings.Cut(p.Error(), " of the expression: ")
		places = append(places, place)
	}
	want := []string{
		"rollcall.yaml:4:7: guard.protect[1]: column 8",
		"rollcall.yaml:6:11: mapping.active: column 3",
		"rollcall.yaml:8:5: mapping.profile.email: must be mapped: Okta requires it",
		"rollcall.yaml:9:12: mapping.profile.title: column 5",
	}
	if diff := cmp.Diff(want, places); diff != "" {
		t.Errorf("places (-want +got):\n%s\n%v", diff, err)
	}
}

func TestProtect(t *testing.T) {
	cfg := Default()
	cfg.Guard.Protect = []string{"ceo", `expr:title == "Chair"`, "cfo"}
	if diff := cmp.Diff(map[string]bool{"ceo": true, "cfo": true}, cfg.ProtectedIDs()); diff != "" {
		t.Error(diff)
	}
	m, err := cfg.CompileMapping()
	if err != nil {
		t.Fatal(err)
	}
	view := m.NewView()
	for item, want := range map[string]bool{`{"title":{"S":"Chair"}}`: true, `{"title":{"S":"Clerk"}}`: false} {
		if err := view.Load([]byte(item)); err != nil {
			t.Fatal(err)
		}
		if got, err := view.Protected(); err != nil || got != want {
			t.Errorf("%s: %v, %v", item, got, err)
		}
	}
}

func TestCompileMappingFails(t *testing.T) {
	cfg := Default()
	cfg.Mapping.Match = "("
	if _, err := cfg.CompileMapping(); err == nil || !strings.HasPrefix(err.Error(), "compile mapping: match: ") {
		t.Errorf("got %v", err)
	}
}
