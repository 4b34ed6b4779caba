package items

import (
	"strings"
	"testing"
)

func TestNumber(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "0.000": "0", "1": "1", "-1.50": "-1.5", "007": "7", "+5": "5", ".5": "0.5", "5.": "5",
		"1e3": "1000", "1E-3": "0.001", "12.34e1": "123.4", "12.34E-3": "0.01234", "100": "100", "1.0": "1",
		"12345678901234567890123456789012345678":   "12345678901234567890123456789012345678",
		"0.12345678901234567890123456789012345678": "0.12345678901234567890123456789012345678",
		"1e125":  "1" + strings.Repeat("0", 125),
		"1e-130": "0." + strings.Repeat("0", 129) + "1",
		"100000000000000000000000000000000000000e1": "1" + strings.Repeat("0", 39),
	} {
		if got, err := number(in); err != nil || got != want {
			t.Errorf("number(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]error{
		"": errNotNumber, "-": errNotNumber, ".": errNotNumber, "1e": errNotNumber, "--1": errNotNumber, "+-1": errNotNumber,
		"1.2.3": errNotNumber, "0x1": errNotNumber, "Infinity": errNotNumber, "NaN": errNotNumber, " 1": errNotNumber,
		"1e126": errMagnitude, "1e-131": errMagnitude, "1e99999999999999999999": errMagnitude, "1e-99999999999999999999": errMagnitude,
		"123456789012345678901234567890123456789": errManyDigits,
	} {
		if got, err := number(in); err != want {
			t.Errorf("number(%q) = %q, %v; want %v", in, got, err, want)
		}
	}
}

func TestParseBringsItemsIntoOneForm(t *testing.T) {
	for in, want := range map[string]string{
		`{}`: `{}`,
		` { "id" : { "S" : "jos\u00e9\/" } , "a":{"BOOL":false} } `:              `{"a":{"BOOL":false},"id":{"S":"josé/"}}`,
		`{"n":{"N":"1.50e1"},"b":{"B":"AQI="},"z":{"NULL":true}}`:                `{"b":{"B":"AQI="},"n":{"N":"15"},"z":{"NULL":true}}`,
		`{"s":{"SS":["b","a"]},"n":{"NS":["2","1.0"]}}`:                          `{"n":{"NS":["1","2"]},"s":{"SS":["a","b"]}}`,
		`{"l":{"L":[{"S":""},{"L":[]}]},"m":{"M":{"y":{"N":"1"},"x":{"M":{}}}}}`: `{"l":{"L":[{"S":""},{"L":[]}]},"m":{"M":{"x":{"M":{}},"y":{"N":"1"}}}}`,
		`{"😀":{"S":"\ud83d\ude00\t"}}`:                                           `{"😀":{"S":"😀\t"}}`,
	} {
		item, err := Parse([]byte(in))
		if err != nil || string(item.JSON()) != want {
			t.Errorf("Parse(%s) = %s, %v; want %s", in, item.JSON(), err, want)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, in := range []string{
		``, `null`, `[]`, `"x"`, `{`, `{}{}`, `{"id"}`, `{"id":"jane"}`, `{"id":{}}`, `{"id":{"S":1}}`, `{"id":{"S":"a","N":"1"}}`,
		`{"id":{"X":"a"}}`, `{"id":{"S":"a"},"id":{"S":"b"}}`, `{"n":{"N":"x"}}`, `{"n":{"N":1}}`, `{"b":{"B":"*"}}`, `{"b":{"BOOL":"true"}}`,
		`{"z":{"NULL":false}}`, `{"s":{"SS":[]}}`, `{"s":{"SS":["a","a"]}}`, `{"s":{"NS":["1","1.0"]}}`, `{"l":{"L":["a"]}}`, `{"m":{"M":[]}}`,
		`{"":{"S":"x"}}`, `{"m":{"M":{"":{"S":"x"}}}}`, `{"s":{"S":"\ud800"}}`, "{\"s\":{\"S\":\"\xff\"}}", `{"s":{"S":"a"}`,
		`{"d":` + strings.Repeat(`{"L":[`, 33) + `{"S":"x"}` + strings.Repeat(`]}`, 33) + `}`,
		`{"s":{"S":"` + strings.Repeat("x", MaxItemBytes) + `"}}`,
	} {
		if item, err := Parse([]byte(in)); err == nil {
			t.Errorf("Parse(%.80s) = %.80s, want an error", in, item.JSON())
		}
	}
}

func TestSize(t *testing.T) {
	// "id" + "jane" = 6; "tags" + list 3 + two elements of 1 + "a" + NULL 1 = 11.
	item, err := Parse([]byte(`{"id":{"S":"jane"},"tags":{"L":[{"S":"a"},{"NULL":true}]}}`))
	if err != nil || item.Size() != 17 {
		t.Errorf("size %d, %v; want 17", item.Size(), err)
	}
}

func TestSchema(t *testing.T) {
	plain := Schema{Partition: Attribute{Name: "id"}}
	sorted := Schema{Partition: Attribute{Name: "pk"}, Sort: Attribute{Name: "order", Type: "N"}}
	for _, c := range []struct {
		schema    Schema
		item, key string
	}{
		{plain, `{"name":{"S":"J"},"id":{"S":"jane"}}`, `{"id":{"S":"jane"}}`},
		{sorted, `{"pk":{"S":"a"},"order":{"N":"1.0"},"x":{"S":""}}`, `{"order":{"N":"1"},"pk":{"S":"a"}}`},
		{plain, `{"name":{"S":"J"}}`, ""},
		{plain, `{"id":{"N":"1"}}`, ""},
		{plain, `{"id":{"S":""}}`, ""},
		{plain, `{"id":{"S":"` + strings.Repeat("é", 1024) + `"}}`, `{"id":{"S":"` + strings.Repeat("é", 1024) + `"}}`},
		{plain, `{"id":{"S":"` + strings.Repeat("é", 1024) + `x"}}`, ""},
		{sorted, `{"pk":{"S":"a"}}`, ""},
	} {
		item, err := Parse([]byte(c.item))
		if err != nil {
			t.Fatal(err)
		}
		if key, err := c.schema.Key(item); string(key) != c.key || (err == nil) != (c.key != "") {
			t.Errorf("key of %.60s = %.60s, %v; want %.60s", c.item, key, err, c.key)
		}
	}
	if key, err := sorted.Check(`{"pk":{"S":"a"},"order":{"N":"1e1"}}`); key != `{"order":{"N":"10"},"pk":{"S":"a"}}` || err != nil {
		t.Errorf("check = %s, %v", key, err)
	}
	if key, err := plain.Check(`{"id":{"S":"a"},"x":{"S":"b"}}`); err == nil {
		t.Errorf("check of a key with another attribute = %s", key)
	}
	if key, err := plain.Of("jos\"é"); key != `{"id":{"S":"jos\"é"}}` || err != nil {
		t.Errorf("of = %s, %v", key, err)
	}
	for _, bad := range []string{"", "\xff"} {
		if key, err := plain.Of(bad); err == nil {
			t.Errorf("of %q = %s", bad, key)
		}
	}
}
