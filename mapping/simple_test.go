package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/expr-lang/expr/builtin"
	"github.com/google/go-cmp/cmp"

	"rollcall/mapping"
)

// agrees fails the test if a right-hand side that is taken without expr comes out otherwise than expr has it.
func agrees(t *testing.T, source string) (simple bool) {
	t.Helper()
	simply, ok := mapping.Simply(source)
	if !ok {
		return false
	}
	byExpr, problems := mapping.ByExpr(source)
	if diff := cmp.Diff(byExpr, simply); diff != "" || len(problems) > 0 {
		t.Errorf("%q: %v (-expr +simply):\n%s", source, problems, diff)
	}
	return true
}

func TestSimpleSourcesAreTakenWithoutExpr(t *testing.T) {
	spec := tutorial()
	sources := []string{spec.ExternalID, spec.Active, "true", "false", `"a constant"`, `"id-" + id`, "a+b\n  + \"'\" +a ", `""`, "_x9"}
	for _, source := range spec.Profile {
		sources = append(sources, source)
	}
	for _, source := range sources {
		if !agrees(t, source) {
			t.Errorf("%q is left to expr", source)
		}
	}
}

func TestOtherSourcesAreLeftToExpr(t *testing.T) {
	for _, source := range slices.Concat(builtin.Names, []string{
		"", " ", "a b", "a +", "+ a", "a ++ b", "a.b", "a?.b", "a[0]", "(a)", "a(b)", `"a`, `"a\n"`, `"é"`, "'a'", "`a`", "1", "a + 1", "1a", "é",
		"$env", `$env["a"]`, "nil", "let", "if", "else", "not", "in", "and", "or", "matches", "contains", "startsWith", "endsWith", "not a",
		"a ?? b", "a // comment", "a /* b */", "a == b", "#", "a\x00", "a\u00a0",
	}) {
		if got, ok := mapping.Simply(source); ok {
			t.Errorf("%q is taken as %+v", source, got)
		}
	}
}

// FuzzSimple looks for right-hand sides that expr has otherwise.
func FuzzSimple(f *testing.F) {
	for _, source := range []string{`first + " " + last`, "true", "type", `"a" + b`, "a+b", `"" + ""`, "a\t", "b\"\"", `b"" + a`, "true + false", "nill", "_"} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		agrees(t, source)
		agrees(t, strings.Join(strings.Fields(source), " + "))
	})
}
