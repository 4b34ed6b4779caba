package items

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"rollcall/intent"
)

// KeyOf returns the primary key of an item in DynamoDB JSON by the names of the key's attributes, of whatever type they
// are; sort is empty where the table has no sort key.
func KeyOf(item []byte, partition, sort string) (intent.Key, error) {
	parsed, err := Parse(item)
	if err != nil {
		return "", err
	}
	object := []byte{'{'}
	for _, name := range []string{partition, sort} {
		if name == "" {
			continue
		}
		_, value, ok := parsed.Attribute(name)
		if !ok {
			return "", fmt.Errorf("key attribute %q is missing", name)
		}
		if len(object) > 1 {
			object = append(object, ',')
		}
		if object, err = jsontext.AppendQuote(object, name); err != nil {
			return "", fmt.Errorf("key attribute: %w", err)
		}
		object = append(append(object, ':'), value...)
	}
	return intent.ParseKey(append(object, '}'))
}
