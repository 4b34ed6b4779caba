package items

import (
	"bytes"
	"encoding/json"
	"testing"
)

// FuzzFromJSON checks that an item made of JSON is stable in its one form and turns back into the same JSON value.
func FuzzFromJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"id":"jane"}`, `{"id":"josé 😀 \u0001","n":1.50,"b":true,"z":null,"l":[1,[2],{}],"m":{"a":{"b":"c"}}}`, `{"n":-1e-5}`,
		`{"a":1,"a":2}`, `[]`, `{"x":1e400}`, `{"S":{"S":"x"}}`, `{"":{"":""}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		item, err := FromJSON(body)
		if err != nil {
			return
		}
		again, err := Parse(item.JSON())
		if err != nil || !bytes.Equal(again.JSON(), item.JSON()) || again.Size() != item.Size() {
			t.Fatalf("%s parsed again is %s, %v", item.JSON(), again.JSON(), err)
		}
		plain, err := ToJSON(item.JSON())
		if err != nil {
			t.Fatalf("to JSON: %v", err)
		}
		back, err := FromJSON(plain)
		if err != nil || !bytes.Equal(back.JSON(), item.JSON()) {
			t.Fatalf("%s became %s and that %s, %v", item.JSON(), plain, back.JSON(), err)
		}
		if !json.Valid(plain) {
			t.Fatalf("not JSON: %s", plain)
		}
	})
}

// FuzzParse checks that whatever Parse accepts is stable, and that ToJSON reads it.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"id":{"S":"jane"},"n":{"N":"1.0"},"ss":{"SS":["b","a"]},"b":{"B":"AQI="},"l":{"L":[{"NULL":true}]},"m":{"M":{"x":{"BOOL":false}}}}`,
		`{"id":{"X":1}}`, `{"bs":{"BS":["AQ=="]},"ns":{"NS":["1","01"]}}`, `{`, `{"a":{"N":"1e125"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		item, err := Parse(in)
		if err != nil {
			return
		}
		again, err := Parse(item.JSON())
		if err != nil || !bytes.Equal(again.JSON(), item.JSON()) {
			t.Fatalf("%s parsed again is %s, %v", item.JSON(), again.JSON(), err)
		}
		if plain, err := ToJSON(item.JSON()); err != nil || !json.Valid(plain) {
			t.Fatalf("%s to JSON is %s, %v", item.JSON(), plain, err)
		}
	})
}
