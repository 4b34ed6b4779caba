package mapping_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/mapping"
)

// attributeValues are typed values as an item may have them.
var attributeValues = rapid.OneOf(
	rapid.Map(rapid.String(), func(s string) string { return `{"S":` + quoted(s) + `}` }),
	rapid.Map(rapid.StringMatching(`-?(0|[1-9][0-9]{0,37})(\.[0-9]{1,20})?`), func(n string) string { return `{"N":"` + n + `"}` }),
	rapid.SampledFrom([]string{
		`{"BOOL":true}`, `{"BOOL":false}`, `{"NULL":true}`, `{"S":""}`, `{"SS":["a"]}`, `{"NS":["1"]}`, `{"BS":["AAEC"]}`,
		`{"B":"AAEC"}`, `{"L":[]}`, `{"M":{}}`, `{"M":{"x":{"L":[{"N":"1"},{"S":"a"}]}}}`, `{"S":"\u0061\"\ud83d\ude00"}`,
	}),
)

func quoted(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// joins are expressions that are evaluated without a program: attributes, literals and joins of those.
var joins = rapid.Custom(func(t *rapid.T) string {
	operand := rapid.OneOf(
		rapid.SampledFrom([]string{"a", "b", "c", `$env["d-e"]`, "true"}),
		rapid.Map(rapid.String(), strconv.QuoteToASCII),
	)
	operands := rapid.SliceOfN(operand, 1, 6).Draw(t, "operands")
	expression := operands[0]
	for _, next := range operands[1:] {
		if rapid.Bool().Draw(t, "right") {
			expression = fmt.Sprintf("%s + (%s)", next, expression)
		} else {
			expression += " + " + next
		}
	}
	return expression
})

// What is evaluated without a program comes out as a program would have it.
func TestProgramsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := mapping.Spec{ExternalID: joins.Draw(t, "externalId"), Active: "a", Match: "b", Profile: map[string]string{
			"userName": `"u"`, "email": `"a@b.c"`, "one": joins.Draw(t, "one"), "two": joins.Draw(t, "two"),
		}}
		var members []string
		for _, name := range []string{"a", "b", "c", "d-e"} {
			if rapid.Bool().Draw(t, "has "+name) {
				members = append(members, quoted(name)+":"+attributeValues.Draw(t, name))
			}
		}
		item := "{" + strings.Join(members, ",") + "}"
		plain, err := mapping.Compile(spec)
		programs, programsErr := mapping.CompilePrograms(spec)
		if err != nil || programsErr != nil {
			// A literal may be one that Okta refuses, which only shows where it is known without running a program.
			t.Skip("not a mapping")
		}
		want, got := outcome(t, programs, item), outcome(t, plain, item)
		if want != got {
			t.Fatalf("%s\nas programs %s\n  otherwise %s", item, want, got)
		}
	})
}

// outcome is all that a mapping says of an item; errors are all the same.
func outcome(t *rapid.T, m *mapping.Mapping, item string) string {
	v := m.NewView()
	if err := v.Load([]byte(item)); err != nil {
		t.Fatalf("load %s: %v", item, err)
	}
	say := func(value any, err error) string {
		if err != nil {
			return "error"
		}
		return fmt.Sprintf("%q", value)
	}
	profile, err := v.AppendProfile(nil)
	id, idErr := v.ExternalID()
	active, activeErr := v.Active()
	matches, matchErr := v.Matches()
	return fmt.Sprint(say(string(profile), err), say(id, idErr), say(fmt.Sprint(active), activeErr), say(fmt.Sprint(matches), matchErr))
}
