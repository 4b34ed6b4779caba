package sync

import (
	"bytes"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// sameProfile reports that every attribute that is mapped has the same value in the app's profile of the person. What
// is null, empty or not there is the same. Attributes that are not mapped do not count.
func sameProfile(mapped, held []byte) bool {
	var want, have map[string]jsontext.Value
	if json.Unmarshal(mapped, &want) != nil || json.Unmarshal(held, &have) != nil {
		return false
	}
	for name, value := range want {
		if !bytes.Equal(canonical(value), canonical(have[name])) {
			return false
		}
	}
	return true
}

// canonical is a value in its one form, nothing for one that is null or empty.
func canonical(value jsontext.Value) []byte {
	if len(value) == 0 || value.Canonicalize() != nil {
		return nil
	}
	if text := string(value); text == "null" || text == `""` {
		return nil
	}
	return value
}
