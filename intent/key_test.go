package intent_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rollcall/intent"
)

func TestParseKey(t *testing.T) {
	for _, c := range []struct{ object, want string }{
		{`{"id":{"S":"jane"}}`, `{"id":{"S":"jane"}}`},
		{` { "id" : { "S" : "jane" } } `, `{"id":{"S":"jane"}}`},
		{`{"sk":{"S":"b"},"pk":{"N":"1"}}`, `{"pk":{"N":"1"},"sk":{"S":"b"}}`},
		{`{"pk":{"N":"1"},"sk":{"S":"b"}}`, `{"pk":{"N":"1"},"sk":{"S":"b"}}`},
		{`{"id":{"S":"\u006aane"}}`, `{"id":{"S":"jane"}}`},
		{`{"id":{"S":"a\"\\\n\u0001\/"}}`, `{"id":{"S":"a\"\\\n\u0001/"}}`},
		{`{"id":{"S":"\ud83d\ude00é"}}`, `{"id":{"S":"😀é"}}`},
		{`{"id":{"B":"AAEC"}}`, `{"id":{"B":"AAEC"}}`},
		{`{"id":{"N":"1.0"}}`, `{"id":{"N":"1"}}`},
	} {
		got, err := intent.ParseKey([]byte(c.object))
		if err != nil || string(got) != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.object, got, err, c.want)
		}
	}
}

func TestParseKeyErrors(t *testing.T) {
	for _, c := range []struct{ object, says string }{
		{``, "not an object"},
		{`7`, "not an object"},
		{`null`, "0 attributes"},
		{`{}`, "0 attributes"},
		{`{"id":"jane"}`, "not an object"},
		{`{"id":{}}`, `"id": has 0 types`},
		{`{"id":{"S":"secret","N":"1"}}`, `"id": has 2 types`},
		{`{"id":{"S":7}}`, "not of type S, N or B"},
		{`{"id":{"BOOL":true}}`, "not of type S, N or B"},
		{`{"id":{"X":"secret"}}`, "not of type S, N or B"},
		{`{"id":{"S":""}}`, "is empty"},
		{`{"id":{"B":""}}`, "is empty"},
		{`{"id":{"N":""}}`, "not a number"},
		{`{"id":{"N":"secret"}}`, "not a number"},
		{`{"id":{"B":"secret!"}}`, "not base64"},
		{`{"id":{"B":"AAF="}}`, "not base64"},
		{`{"a":{"S":"1"},"b":{"S":"2"},"c":{"S":"3"}}`, "3 attributes"},
		{`{"id":{"S":"a"},"id":{"S":"b"}}`, "not an object"},
		{`{"id":{"S":"jane"}}x`, "not an object"},
		{"{\"id\":{\"S\":\"a\xff\"}}", "not an object"},
		{`{"id":{"S":"\ud800"}}`, "not an object"},
	} {
		dst, err := intent.AppendKey([]byte("before"), []byte(c.object))
		if err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: got error %v, want one that says %q and no value", c.object, err, c.says)
		}
		if string(dst) != "before" {
			t.Errorf("%s: left %q", c.object, dst)
		}
	}
}

func TestKeyNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "0.0": "0", "0E5": "0", "1": "1", "-1": "-1", "+1": "1", "01": "1", "1.50": "1.5", "10": "10",
		".5": "0.5", "5.": "5", "1E3": "1000", "1e-3": "0.001", "-12.5E1": "-125", "123.456e1": "1234.56",
		"0.001E2": "0.1", "1E+2": "100", "99999999999999999999999999999999999999": "99999999999999999999999999999999999999",
		"": "", "-": "", ".": "", "1x": "", "1E": "", "1E999": "", "--1": "", "+-1": "", "1.2.3": "", "NaN": "",
	} {
		got, err := intent.ParseKey(fmt.Appendf(nil, `{"n":{"N":%q}}`, text))
		if want == "" {
			if err == nil {
				t.Errorf("%q: got %s, want an error", text, got)
			}
			continue
		}
		if want := fmt.Sprintf(`{"n":{"N":%q}}`, want); err != nil || string(got) != want {
			t.Errorf("%q: got %s, %v; want %s", text, got, err, want)
		}
	}
}

// A key in any spelling comes out the same, and coming out changes it no more.
func TestParseKeyIsCanonical(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attribute := rapid.Custom(func(t *rapid.T) map[string]string {
			if rapid.Bool().Draw(t, "number") {
				digits := rapid.StringMatching(`-?[0-9]{1,20}(\.[0-9]{1,20})?`).Draw(t, "digits")
				return map[string]string{"N": digits}
			}
			return map[string]string{"S": rapid.StringN(1, -1, -1).Draw(t, "text")}
		})
		attributes := rapid.MapOfN(rapid.String(), attribute, 1, 2).Draw(t, "attributes")
		object, err := json.MarshalIndent(attributes, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		key, err := intent.ParseKey(object)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := intent.ParseKey([]byte(key)); err != nil || again != key {
			t.Fatalf("%s becomes %s, %v", key, again, err)
		}
		var back map[string]map[string]string
		if err := json.Unmarshal([]byte(key), &back); err != nil {
			t.Fatal(err)
		}
		for name, value := range attributes {
			if s, ok := value["S"]; ok && back[name]["S"] != s {
				t.Fatalf("%q became %q", s, back[name]["S"])
			}
		}
	})
}
