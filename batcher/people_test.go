package batcher_test

import (
	"encoding/json"
	"testing"

	"rollcall/intent"
)

// personItem is an item that the default mapping takes; changes replace attributes, nil removes one.
func personItem(id string, changes map[string]any) []byte {
	item := map[string]any{
		"id": s(id), "active": map[string]any{"BOOL": true}, "email": s(id + "@example.com"), "title": s("Engineer"),
		"first_name": s("First"), "last_name": s("Last"), "phone": s("1"), "cell": s("2"), "street_number": s("3"),
		"street_name": s("Street"), "city": s("City"), "state": s("State"), "postcode": s("4"), "country": s("CH"),
	}
	for name, value := range changes {
		if value == nil {
			delete(item, name)
		} else {
			item[name] = value
		}
	}
	raw, err := json.Marshal(item)
	if err != nil {
		panic(err)
	}
	return raw
}

func s(text string) map[string]any { return map[string]any{"S": text} }

var inactive = map[string]any{"active": map[string]any{"BOOL": false}}

func keyOf(id string) intent.Key {
	quoted, err := json.Marshal(id)
	if err != nil {
		panic(err)
	}
	return intent.Key(`{"id":{"S":` + string(quoted) + `}}`)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
