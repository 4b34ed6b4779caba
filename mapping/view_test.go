package mapping_test

import (
	"errors"
	"strings"
	"testing"

	"rollcall/mapping"
)

func TestActive(t *testing.T) {
	const neither, gone = "active is neither a boolean nor one of true, false, yes, no, 1, 0", "active is absent"
	for value, want := range map[string]string{
		`{"BOOL":true}`: "active", `{"BOOL":false}`: "inactive", `{"S":"true"}`: "active", `{"S":"FALSE"}`: "inactive",
		`{"S":"Yes"}`: "active", `{"S":"nO"}`: "inactive", `{"S":"1"}`: "active", `{"N":"0"}`: "inactive", `{"N":"1"}`: "active",
		`{"N":"2"}`: neither, `{"S":" true"}`: neither, `{"S":"off"}`: neither, `{"S":""}`: gone, `{"NULL":true}`: gone,
		`{"SS":["true"]}`: `active cannot be made of attribute "active": it must be a text, a number or a boolean`,
	} {
		if got := activityOf(load(t, compile(t, tutorial()), `{"active":`+value+`}`)); got != want {
			t.Errorf("%s: got %s, want %s", value, got, want)
		}
	}
	if got := activityOf(load(t, compile(t, tutorial()), `{}`)); got != gone {
		t.Errorf("without active: got %s", got)
	}
}

func activityOf(v *mapping.View) string {
	switch active, err := v.Active(); {
	case err != nil:
		return err.Error()
	case active:
		return "active"
	}
	return "inactive"
}

func TestMatchesAndProtected(t *testing.T) {
	spec := tutorial()
	spec.Match = "is_person"
	spec.Protect = []string{`title == "CEO"`, "vip"}
	m := compile(t, spec)
	for _, c := range []struct {
		item               string
		matches, protected bool
		fails              bool
	}{
		{`{}`, false, false, false},
		{`{"is_person":{"BOOL":true},"vip":{"S":"yes"}}`, true, true, false},
		{`{"is_person":{"S":"no"},"title":{"S":"CEO"}}`, false, true, false},
		{`{"is_person":{"S":"perhaps"},"vip":{"S":"perhaps"}}`, false, false, true},
	} {
		v := load(t, m, c.item)
		matches, err := v.Matches()
		protected, protectErr := v.Protected()
		if matches != c.matches || protected != c.protected || (err != nil) != c.fails || (protectErr != nil) != c.fails {
			t.Errorf("%s: got %v %v, %v %v", c.item, matches, err, protected, protectErr)
		}
	}
}

func TestExternalID(t *testing.T) {
	for _, c := range []struct{ expression, item, want string }{
		{"id", `{"id":{"S":"jane"}}`, "jane"},
		{"id", `{"id":{"N":"12345678901234567890123456789012345678"}}`, "12345678901234567890123456789012345678"},
		{"id", `{"id":{"S":"` + strings.Repeat("é", 512) + `"}}`, strings.Repeat("é", 512)},
		{"id", `{"id":{"S":"` + strings.Repeat("é", 513) + `"}}`, "externalId has more than 512 characters"},
		{"id", `{"id":{"S":""}}`, "externalId is absent"},
		{"id", `{}`, "externalId is absent"},
		{"id", `{"id":{"NULL":true}}`, "externalId is absent"},
		{"id", `{"id":{"S":"a\nb"}}`, "externalId has a control character"},
		{"id", `{"id":{"B":"AAEC"}}`, `externalId cannot be made of attribute "id": it must be a text, a number or a boolean`},
		{`org + "-" + id`, `{"org":{"S":"acme"},"id":{"N":"7"}}`, "acme-7"},
		{`org + "-" + id`, `{"id":{"N":"7"}}`, "externalId is absent"},
		{`org + "-" + lower(id)`, `{"org":{"S":"acme"},"id":{"S":"A"}}`, "acme-a"},
		{`org + "-" + lower(id)`, `{"id":{"S":"A"}}`, "externalId expression fails at column 11"},
		{`id ?? email`, `{"email":{"S":"a@b.c"}}`, "a@b.c"},
		{`lower(id ?? "")`, `{}`, "externalId is absent"},
	} {
		spec := tutorial()
		spec.ExternalID = c.expression
		v := load(t, compile(t, spec), c.item)
		got, err := v.ExternalID()
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s of %s: got %q, want %q", c.expression, c.item, got, c.want)
		}
		appended, appendErr := v.AppendExternalID([]byte("before"))
		if (err == nil && string(appended) != "before"+got) || (err != nil && string(appended) != "before") || (err == nil) != (appendErr == nil) {
			t.Errorf("%s: appended %q, %v", c.item, appended, appendErr)
		}
	}
}

func TestLoadErrors(t *testing.T) {
	v := compile(t, tutorial()).NewView()
	for _, c := range []struct{ item, want string }{
		{``, "item is not JSON from byte 0 on"},
		{`null`, "item is not a JSON object"},
		{`[]`, "item is not a JSON object"},
		{`{"id":{"S":"secret"`, "item is not JSON from byte"},
		{`{"id":{"S":"secret"}}x`, "item is followed by something"},
		{`{"id":{"S":"secret"}}{}`, "item is followed by something"},
		{"{\"id\":{\"S\":\"\xff\"}}", "item is not JSON from byte"},
		{`{"id":{"S":"\ud800"}}`, "item is not JSON from byte"},
		{`{"id":{"XX":"secret"}}`, `attribute "id" has the unknown type XX`},
		{`{"id":{"Main Street":"secret"}}`, `attribute "id" has an unknown type`},
		{`{"id":{"S":7}}`, `attribute "id" has a malformed S`},
		{`{"id":{"N":"secret"}}`, `attribute "id" has a malformed N`},
		{`{"id":{"N":""}}`, `attribute "id" has a malformed N`},
		{`{"id":{"BOOL":"true"}}`, `attribute "id" has a malformed BOOL`},
		{`{"id":{"NULL":false}}`, `attribute "id" has a malformed NULL`},
		{`{"id":{}}`, `attribute "id" is not of one type`},
		{`{"id":{"S":"a","N":"1"}}`, `attribute "id" is not of one type`},
		{`{"id":"secret"}`, `attribute "id" is not of one type`},
		{`{"id":{"S":"a"},"id":{"S":"b"}}`, `attribute "id" is there twice`},
		{`{"unmapped":{"XX":"secret"},"id":{"S":"\u006a"}}`, ""},
		{` { "\u0069d" : { "S" : "j" } , "x" : [1, {"y": null}] } `, ""},
	} {
		err := v.Load([]byte(c.item))
		switch {
		case c.want == "":
			if id, idErr := v.ExternalID(); err != nil || idErr != nil || id != "j" {
				t.Errorf("%s: got %q, %v, %v", c.item, id, err, idErr)
			}
		case err == nil || !strings.HasPrefix(err.Error(), c.want) || strings.Contains(err.Error(), "secret"):
			t.Errorf("%s: got %v, want %s", c.item, err, c.want)
		default:
			if _, idErr := v.ExternalID(); idErr == nil {
				t.Errorf("%s: a view that failed to load has an ID", c.item)
			}
		}
	}
}

func TestEqual(t *testing.T) {
	spec := tutorial()
	spec.Profile["nickname"] = "lower(nick ?? \"\")"
	spec.Match = `kind != "machine"`
	spec.Protect = []string{"vip"}
	m := compile(t, spec)
	for _, c := range []struct {
		before, after string
		want          bool
	}{
		{`{}`, `{}`, true},
		{jane, jane, true},
		{jane, strings.Replace(jane, `"dob":{"S":"2000"}`, `"last_login":{"N":"1"}`, 1), true},
		{jane, strings.Replace(jane, `"postcode":{"S":""},`, ``, 1), true},
		{jane, strings.Replace(jane, `"S":"Oslo"`, `"S":"\u004fslo"`, 1), true},
		{jane, strings.Replace(jane, `"S":"Oslo"`, `"S":"Bergen"`, 1), false},
		{jane, strings.Replace(jane, `"BOOL":true`, `"BOOL":false`, 1), false},
		{jane, strings.Replace(jane, `"id":{"S":"jane"}`, `"id":{"S":"joan"}`, 1), false},
		{jane, strings.Replace(jane, `"street_number":{"N":"12"}`, `"street_number":{"S":"12"}`, 1), true},
		{`{"nick":{"S":"J"}}`, `{"nick":{"S":"j"}}`, true},
		{`{"nick":{"S":"J"}}`, `{"nick":{"S":"k"}}`, false},
		{`{"kind":{"S":"machine"}}`, `{"kind":{"S":"robot"}}`, false},
		{`{"kind":{"S":"person"}}`, `{"kind":{"S":"robot"}}`, true},
		{`{"vip":{"BOOL":true}}`, `{"vip":{"BOOL":false}}`, true},
		{`{"city":{"SS":["a"]}}`, `{"city":{"SS":["a"]}}`, true},
		{`{"city":{"SS":["a"]}}`, `{"city":{"SS":["b"]}}`, false},
		{`{"city":{"S":"a"}}`, `{"city":{"SS":["b"]}}`, false},
	} {
		before, after := load(t, m, c.before), load(t, m, c.after)
		if before.Equal(after) != c.want || after.Equal(before) != c.want {
			t.Errorf("%s\n%s\nwant equal %v", c.before, c.after, c.want)
		}
	}
}

func TestPersonOfALeaver(t *testing.T) {
	v := load(t, compile(t, tutorial()), `{"id":{"S":"jane"},"active":{"BOOL":false},"email":{"S":"nonsense"}}`)
	p, err := v.Person()
	if err != nil || p.ExternalID != "jane" || p.Active || p.Profile != nil {
		t.Errorf("got %+v, %v", p, err)
	}
	for _, item := range []string{`{}`, `{"id":{"S":"x"}}`, `{"id":{"S":"x"},"active":{"S":"1"}}`} {
		var rule *mapping.RuleError
		if p, err := load(t, compile(t, tutorial()), item).Person(); !errors.As(err, &rule) || p.ExternalID != "" {
			t.Errorf("%s: got %+v, %v", item, p, err)
		}
	}
}
