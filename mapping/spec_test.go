package mapping_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"rollcall/mapping"
)

func TestCompileReportsEveryProblem(t *testing.T) {
	_, err := mapping.Compile(mapping.Spec{
		ExternalID: "", Active: `"maybe"`, Match: "kind ==", Absent: "keep",
		Profile: map[string]string{"email": "lower(email", "1st": "a", "countryCode": `"USA"`, "title": "now()", "city": "{a: 1}"},
		Protect: []string{"true", "1.5"},
	})
	want := []string{
		`externalId: is missing`,
		`active: is neither a boolean nor one of true, false, yes, no, 1, 0`,
		`match: column 7: unexpected token EOF`,
		`protect[1]: is a float64, but it must be a boolean or a word for one`,
		`profile.1st: is not a name that Okta allows: letters, digits and _, not starting with a digit`,
		`profile.city: is a map, but it must be a text, a number or a boolean`,
		`profile.countryCode: has more than 2 characters`,
		`profile.email: column 11: unexpected token EOF`,
		`profile.title: column 1: unknown name now`,
		`profile.userName: must be mapped: Okta requires it`,
		`absent: must be "null" or "omit"`,
	}
	if err == nil {
		t.Fatal("no error")
	}
	if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var problem *mapping.Problem
	if !errors.As(err, &problem) || problem.Field != "externalId" {
		t.Errorf("the first problem is %+v", problem)
	}
}

func TestProblemNamesLineAndColumn(t *testing.T) {
	spec := tutorial()
	spec.Profile["title"] = "title +\n  frobnicate(city)"
	_, err := mapping.Compile(spec)
	var problem *mapping.Problem
	if !errors.As(err, &problem) || problem.Line != 2 || problem.Column != 3 || problem.Field != "profile.title" {
		t.Errorf("got %+v, %v", problem, err)
	}
}

func TestAttributes(t *testing.T) {
	spec := mapping.Spec{
		ExternalID: "id", Active: `status == "on"`, Match: `$env["entity-type"] == "person"`,
		Profile: map[string]string{
			"userName": "email", "email": "email", "title": `let x = grade; any(tags, # == "vip") ? "VIP " + x : title`,
			"city": `address?.city`,
		},
		Protect: []string{"vip"},
	}
	want := []string{"address", "email", "entity-type", "grade", "id", "status", "tags", "title", "vip"}
	if got := compile(t, spec).Attributes(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestComputable(t *testing.T) {
	spec := tutorial()
	for _, c := range []struct {
		externalID, match string
		key               []string
		want              bool
	}{
		{"id", "", []string{"id"}, true},
		{"id", "", []string{"pk", "sk"}, false},
		{`"p-" + id`, "true", []string{"id"}, true},
		{"id", `kind == "person"`, []string{"id"}, false},
		{"pk", `sk startsWith "PERSON"`, []string{"pk", "sk"}, true},
		{"email", "", []string{"id"}, false},
		{`"x"`, "", nil, true},
	} {
		spec.ExternalID, spec.Match = c.externalID, c.match
		if got := compile(t, spec).Computable(c.key); got != c.want {
			t.Errorf("externalId %s, match %q from %v: got %v", c.externalID, c.match, c.key, got)
		}
	}
}
