package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall"
)

// TestDefaultIsTheFile keeps Default and the commented file that people copy the same, with every setting in the file.
func TestDefaultIsTheFile(t *testing.T) {
	var fromFile loader
	fromFile.origins, fromFile.broken = map[string]origin{}, map[string]bool{}
	fromFile.read(rollcall.DefaultConfig)
	if len(fromFile.problems) > 0 {
		t.Fatal(join(fromFile.problems))
	}
	if diff := cmp.Diff(fromFile.config, Default()); diff != "" {
		t.Errorf("rollcall.yaml and Default differ (-file +Default):\n%s", diff)
	}
	for _, s := range Settings() {
		if _, ok := fromFile.origins[s.Path]; !ok && s.Path != "" {
			t.Errorf("rollcall.yaml does not have %s", s.Path)
		}
	}
	one, other := Default(), Default()
	one.Mapping.Profile["userName"] = "login"
	if other.Mapping.Profile["userName"] != "email" {
		t.Error("two defaults share a profile")
	}
}
