package parity

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// variants are the deployments that are compared; testdata has each in Terraform and for the CDK.
var variants = []string{"minimal", "complete", "existing"}

// houses reads both sides of a variant from the folder that PARITY_DIR names. infra/check.sh makes it.
func houses(t *testing.T, variant string) (terraform, template House, place Place) {
	t.Helper()
	dir := os.Getenv("PARITY_DIR")
	if dir == "" {
		t.Fatal("PARITY_DIR names no folder with the plans and templates: run infra/check.sh parity")
	}
	terraform, place, err := ReadPlan(filepath.Join(dir, variant+".plan.json"))
	if err != nil {
		t.Fatal(err)
	}
	template, err = ReadTemplate(filepath.Join(dir, variant+".template.json"), place)
	if err != nil {
		t.Fatal(err)
	}
	return terraform, template, place
}

func TestSameResourcesByKindAndCount(t *testing.T) {
	for _, variant := range variants {
		terraform, template, _ := houses(t, variant)
		ours, theirs := count(terraform), count(template)
		for _, kind := range union(ours, theirs) {
			if ours[kind] != theirs[kind] {
				t.Errorf("%s: %s: Terraform has %d, the template has %d", variant, kind, ours[kind], theirs[kind])
			}
		}
	}
}

func count(h House) map[string]int {
	kinds := map[string]int{}
	for name := range h.Resources {
		kind, _, _ := strings.Cut(name, " ")
		kinds[kind]++
	}
	return kinds
}

func TestSameSettings(t *testing.T) {
	seen := map[int]bool{}
	for _, variant := range variants {
		terraform, template, _ := houses(t, variant)
		for _, d := range Compare(terraform, template) {
			i := slices.IndexFunc(accepted, func(a acceptance) bool { return a.covers(d) })
			if i < 0 {
				t.Errorf("%s: %v", variant, d)
				continue
			}
			seen[i] = true
		}
	}
	for i, a := range accepted {
		if !seen[i] {
			t.Errorf("%s %s is the same on both sides now: strike it off the list of differences", a.kind, a.setting)
		}
	}
}

func TestSameStatements(t *testing.T) {
	for _, variant := range variants {
		terraform, template, place := houses(t, variant)
		for _, role := range union(terraform.Roles, template.Roles) {
			ours, theirs := list(terraform.Roles[role], place), list(template.Roles[role], place)
			if ours != theirs {
				t.Errorf("%s: role %s: Terraform allows\n%s\nthe template allows\n%s", variant, role, ours, theirs)
			}
		}
	}
}
