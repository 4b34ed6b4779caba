package mapping_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"rollcall/mapping"
)

// FuzzMapping maps an item as the tutorial does and compares the profile with one that is made by encoding/json and maps.
func FuzzMapping(f *testing.F) {
	for _, item := range []string{
		jane, `{}`, `[]`, `{"email":{"S":"a@b.c"}}`, `{"email":{"S":"a@b.c"},"city":{"S":"\ud83d\ude00\"\\/"}}`,
		`{"email":{"S":"a@b.c"},"first_name":{"N":"1E400"},"last_name":{"BOOL":false},"street_name":{"NULL":true}}`,
		`{"email":{"S":"a@b.c"},"title":{"L":[{"M":{}}]}}`, `{"email":{"S":"a@b.c","N":"1"}}`, `{"email":{"XX":"a"}}`,
	} {
		f.Add([]byte(item))
	}
	m := compile(f, tutorial())
	view, again, checked := m.NewView(), m.NewView(), m.NewView()
	f.Fuzz(func(t *testing.T, item []byte) {
		err := view.Load(item)
		var typed map[string]map[string]any
		reference := json.Unmarshal(item, &typed)
		if slowly := again.LoadSlowly(item); (slowly == nil) != (err == nil) || err == nil && !same(view, again) {
			t.Fatalf("%q loads otherwise in the plain form: %v, %v", item, err, slowly)
		}
		if problems := checked.Check(item); (firstProblem(view, err) == nil) != (len(problems) == 0) {
			t.Fatalf("%q: checked %v, but it came to %v", item, problems, firstProblem(view, err))
		}
		if err != nil {
			return
		}
		if !json.Valid(item) {
			t.Fatalf("loaded what is not JSON: %q", item)
		}
		profile, err := view.AppendProfile(nil)
		if err != nil {
			if _, ok := errors.AsType[*mapping.RuleError](err); !ok {
				t.Fatalf("error of no rule: %v", err)
			}
			return
		}
		var got map[string]any
		if err := json.Unmarshal(profile, &got); err != nil {
			t.Fatalf("profile %q: %v", profile, err)
		}
		if reference != nil {
			return // An attribute that is not mapped need not be a typed value.
		}
		if want := referenceProfile(typed); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v\nwant %v", got, want)
		}
	})
}

// firstProblem is what an item is rejected for, as it is found one after the other.
func firstProblem(v *mapping.View, loading error) error {
	if loading != nil {
		return loading
	}
	if matches, err := v.Matches(); err != nil || !matches {
		return err
	}
	_, err := v.Person()
	return err
}

// same reports that two views say the same of everything.
func same(v, w *mapping.View) bool {
	profile, err := v.AppendProfile(nil)
	other, otherErr := w.AppendProfile(nil)
	id, _ := v.ExternalID()
	otherID, _ := w.ExternalID()
	return v.Equal(w) && activityOf(v) == activityOf(w) && id == otherID && string(profile) == string(other) && (err == nil) == (otherErr == nil)
}

func referenceProfile(item map[string]map[string]any) map[string]any {
	text := func(name string) any {
		for _, value := range item[name] {
			switch v := value.(type) {
			case string:
				if v != "" {
					return v
				}
			case bool:
				if _, isNull := item[name]["NULL"]; !isNull {
					return map[bool]any{true: "true", false: "false"}[v]
				}
			}
		}
		return nil
	}
	join := func(a, b string) any {
		switch first, second := text(a), text(b); {
		case first == nil:
			return second
		case second == nil:
			return first
		default:
			return first.(string) + " " + second.(string)
		}
	}
	return map[string]any{
		"userName": text("email"), "firstName": text("first_name"), "lastName": text("last_name"), "email": text("email"),
		"mobilePhone": text("cell"), "primaryPhone": text("phone"), "title": text("title"),
		"displayName":   join("first_name", "last_name"),
		"streetAddress": join("street_number", "street_name"),
		"city":          text("city"), "state": text("state"), "zipCode": text("postcode"), "countryCode": text("country"),
	}
}
