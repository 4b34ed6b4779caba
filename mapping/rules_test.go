package mapping_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"rollcall/mapping"
)

// broken maps an item whose attribute v becomes the named attribute of the profile, and returns the rule that it breaks.
func broken(t *testing.T, name, value string) string {
	t.Helper()
	spec := mapping.Spec{ExternalID: `"x"`, Active: "true", Profile: map[string]string{"userName": `"u"`, "email": `"a@b.c"`}}
	spec.Profile[name] = "v"
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	_, err = load(t, compile(t, spec), `{"v":{"S":`+string(text)+`}}`).AppendProfile(nil)
	if err == nil {
		return ""
	}
	var rule *mapping.RuleError
	if !errors.As(err, &rule) || rule.Attribute != name || len(value) > 5 && strings.Contains(err.Error(), value) {
		t.Errorf("%s: got %v, want a rule of the attribute without its value", name, err)
		return ""
	}
	return rule.Rule
}

func TestLengths(t *testing.T) {
	for name, limit := range map[string]int{
		"userName": 100, "firstName": 50, "lastName": 50, "mobilePhone": 100, "homeAddress": 4096, "city": 128, "state": 128,
		"zipCode": 50, "streetAddress": 1024, "primaryPhone": 100, "title": 100, "displayName": 256,
	} {
		for _, c := range []string{"x", "é", "😀"} {
			if rule := broken(t, name, strings.Repeat(c, limit)); rule != "" {
				t.Errorf("%s of %d %s: %s", name, limit, c, rule)
			}
			if rule := broken(t, name, strings.Repeat(c, limit+1)); !strings.Contains(rule, "more than") {
				t.Errorf("%s of %d %s: got %q", name, limit+1, c, rule)
			}
		}
	}
	if rule := broken(t, "customAttribute", strings.Repeat("x", 100_000)); rule != "" {
		t.Errorf("customAttribute: %s", rule)
	}
}

func TestEmails(t *testing.T) {
	long := strings.Repeat("x", 60) + "@" + strings.Repeat("y.", 18) + "zz"
	for _, name := range []string{"email", "secondEmail"} {
		for _, value := range []string{
			"a@b.c", "jane.doe+tag@example.com", "o'neil_{x}@a-b.example.co.uk", "zoë@münchen.example", "用户@例子.世界", long + "z",
		} {
			if rule := broken(t, name, value); rule != "" {
				t.Errorf("%s %q: %s", name, value, rule)
			}
		}
		for _, value := range []string{
			"a@bc", "abcdef", "@example.com", "jane@", "jane@localhost", "jane@example..com", "jane@.example.com",
			"jane@example.com.", ".jane@example.com", "jane.@example.com", "ja..ne@example.com", "ja ne@example.com",
			"jane@exa mple.com", "jane@@example.com", "a@jane@example.com", "Jane <jane@example.com>", "jane@-a.com",
			"jane@a-.com", "jane@a_b.com", "a@b.c,d@e.f", strings.Repeat("x", 65) + "@example.com",
			"a@" + strings.Repeat("x", 64) + ".com", "\"jane\"@example.com", "jane@[10.0.0.1]", long + "zz",
			"jane@example.com\n", "jane\u00a0doe@example.com",
		} {
			if rule := broken(t, name, value); rule == "" {
				t.Errorf("%s %q was accepted", name, value)
			}
		}
	}
}

func TestCountryCodes(t *testing.T) {
	if mapping.Countries != 249 {
		t.Errorf("there are %d countries, ISO 3166-1 has 249", mapping.Countries)
	}
	for _, value := range []string{"NO", "US", "AD", "ZW", "GB"} {
		if rule := broken(t, "countryCode", value); rule != "" {
			t.Errorf("%q: %s", value, rule)
		}
	}
	for _, value := range []string{"N", "UK", "no", "NOR", "XX", "D ", "W ", " A", "É", "47"} {
		if rule := broken(t, "countryCode", value); rule == "" {
			t.Errorf("%q was accepted", value)
		}
	}
}

func TestControlCharacters(t *testing.T) {
	for _, c := range []struct {
		name, value string
		ok          bool
	}{
		{"streetAddress", "12 High St\r\n\tFlat 2", true},
		{"custom", "a\nb", true},
		{"title", "a\x00b", false},
		{"title", "a\x7fb", false},
		{"title", "a\u0085b", false},
		{"userName", "a\nb", false},
		{"title", "\u200fשלום\u200d😀", true},
	} {
		if rule := broken(t, c.name, c.value); (rule == "") != c.ok {
			t.Errorf("%s %q: %q", c.name, c.value, rule)
		}
	}
}

func TestRequiredAndNullable(t *testing.T) {
	for name, want := range map[string]string{
		"userName": "userName is absent", "email": "email is absent",
		"firstName": `{"email":"a@b.c","firstName":null,"userName":"u"}`, "custom": `{"custom":null,"email":"a@b.c","userName":"u"}`,
		"secondEmail": `{"email":"a@b.c","userName":"u"}`,
	} {
		spec := mapping.Spec{ExternalID: `"x"`, Active: "true", Profile: map[string]string{"userName": `"u"`, "email": `"a@b.c"`}}
		spec.Profile[name] = "v"
		for _, item := range []string{`{}`, `{"v":{"S":""}}`, `{"v":{"NULL":true}}`} {
			got, err := load(t, compile(t, spec), item).AppendProfile(nil)
			if err != nil {
				got = []byte(err.Error())
			}
			if string(got) != want {
				t.Errorf("%s of %s: got %s, want %s", name, item, got, want)
			}
		}
	}
}

func TestAbsentOmit(t *testing.T) {
	spec := tutorial()
	spec.Absent = mapping.AbsentOmit
	got, err := load(t, compile(t, spec), `{"email":{"S":"a@b.c"},"city":{"S":""}}`).AppendProfile([]byte("before"))
	if want := `before{"email":"a@b.c","userName":"a@b.c"}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

func TestAppendProfileLeavesDstOnErrors(t *testing.T) {
	got, err := load(t, compile(t, tutorial()), `{"city":{"S":"Oslo"}}`).AppendProfile([]byte("before"))
	if err == nil || string(got) != "before" {
		t.Errorf("got %q, %v", got, err)
	}
}
