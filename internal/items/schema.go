package items

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"rollcall/intent"
)

// Schema is a table's primary key.
type Schema struct {
	Partition Attribute
	// Sort is empty for a table without a sort key.
	Sort Attribute
}

// Attribute is a key attribute: its name, and its type S, N or B, S where none is given.
type Attribute struct {
	Name, Type string
}

// DynamoDB's limits on key values, in bytes.
const (
	maxPartitionBytes = 2048
	maxSortBytes      = 1024
)

// Key returns the primary key of an item, or why it has none.
func (s Schema) Key(item Item) (intent.Key, error) {
	partition, err := s.Partition.of(item, maxPartitionBytes)
	if err != nil {
		return "", err
	}
	attributes := []attribute{partition}
	if s.Sort.Name != "" {
		sort, err := s.Sort.of(item, maxSortBytes)
		if err != nil {
			return "", err
		}
		if attributes = append(attributes, sort); sort.name < partition.name {
			attributes[0], attributes[1] = sort, partition
		}
	}
	return intent.Key(appendMap(nil, attributes)), nil
}

// Check returns the key in its one form, or why no item of such a table can have it. Keys that differ only in how a
// number is written are the same key.
func (s Schema) Check(key intent.Key) (intent.Key, error) {
	item, err := Parse([]byte(key))
	if err != nil {
		return "", err
	}
	want := 1
	if s.Sort.Name != "" {
		want = 2
	}
	if len(item.attributes) != want {
		return "", fmt.Errorf("a key of %d attributes for a table whose keys have %d", len(item.attributes), want)
	}
	return s.Key(item)
}

// Of makes the key of a table without a sort key, of the partition key's value as text (a B as base64).
func (s Schema) Of(value string) (intent.Key, error) {
	if s.Sort.Name != "" {
		return "", errors.New("a key without its sort key")
	}
	if !utf8.ValidString(value) {
		return "", errors.New("a key that is not valid UTF-8")
	}
	key := appendString([]byte{'{'}, s.Partition.Name)
	key = append(append(key, `:{"`...), s.Partition.kind()...)
	key = append(key, `":`...)
	key = append(appendString(key, value), `}}`...)
	return s.Check(intent.Key(key))
}

func (a Attribute) kind() string {
	if a.Type == "" {
		return "S"
	}
	return a.Type
}

func (a Attribute) of(item Item, limit int) (attribute, error) {
	kind, value, ok := item.Attribute(a.Name)
	if !ok {
		return attribute{}, fmt.Errorf("key attribute %q is missing", a.Name)
	}
	if kind != a.kind() {
		return attribute{}, fmt.Errorf("key attribute %q is of type %s, not %s", a.Name, kind, a.kind())
	}
	switch length := valueBytes(kind, value); {
	case length == 0:
		return attribute{}, fmt.Errorf("key attribute %q is empty", a.Name)
	case length > limit:
		return attribute{}, fmt.Errorf("key attribute %q is longer than %d bytes", a.Name, limit)
	}
	return attribute{a.Name, value}, nil
}

// valueBytes returns how long the value of an S, N or B is in bytes.
func valueBytes(kind string, value []byte) int {
	if len(value) == len(`{"S":""}`) {
		return 0
	}
	text, err := jsontext.AppendUnquote(nil, value[len(`{"S":`):len(value)-1])
	if err != nil {
		return 0 // values come from Parse
	}
	if kind == "B" {
		return base64.RawStdEncoding.DecodedLen(len(bytes.TrimRight(text, "=")))
	}
	return len(text)
}
