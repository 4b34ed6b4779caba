package intent

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxKeyAttributes is the most attributes that a DynamoDB key has: partition and sort key.
const maxKeyAttributes = 2

// ParseKey returns the canonical form of a key given as DynamoDB JSON, such as the Keys of a stream record. Errors name
// the attribute, never its value.
func ParseKey(object []byte) (Key, error) {
	key, err := AppendKey(nil, object)
	return Key(key), err
}

// AppendKey appends the canonical form of the key; see Key. On an error dst is returned as it was.
func AppendKey(dst, object []byte) ([]byte, error) {
	if isCanonical(object) {
		return append(dst, object...), nil
	}
	var attributes map[string]map[string]jsontext.Value
	if err := json.Unmarshal(object, &attributes); err != nil {
		return dst, errors.New("key is not an object of attributes")
	}
	if len(attributes) == 0 || len(attributes) > maxKeyAttributes {
		return dst, fmt.Errorf("key has %d attributes, not 1 or 2", len(attributes))
	}
	key := append(slices.Clip(dst), '{')
	for i, name := range slices.Sorted(maps.Keys(attributes)) {
		if i > 0 {
			key = append(key, ',')
		}
		var err error
		if key, err = appendAttribute(key, name, attributes[name]); err != nil {
			return dst, fmt.Errorf("key attribute %q: %w", name, err)
		}
	}
	return append(key, '}'), nil
}

func appendAttribute(dst []byte, name string, value map[string]jsontext.Value) ([]byte, error) {
	if len(value) != 1 {
		return dst, fmt.Errorf("has %d types, not one", len(value))
	}
	dst, err := jsontext.AppendQuote(dst, name)
	if err != nil {
		return dst, errNotUTF8
	}
	for kind, raw := range value {
		if raw.Kind() != '"' {
			return dst, errors.New("is not of type S, N or B")
		}
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return dst, errNotUTF8
		}
		text := string(unquoted)
		switch kind {
		case "S":
		case "N":
			var ok bool
			if text, ok = canonicalNumber(text); !ok {
				return dst, errors.New("is not a number")
			}
		case "B":
			if _, err := base64.StdEncoding.Strict().DecodeString(text); err != nil {
				return dst, errors.New("is not base64")
			}
		default:
			return dst, errors.New("is not of type S, N or B")
		}
		if text == "" {
			return dst, errors.New("is empty")
		}
		dst = append(dst, ':', '{', '"', kind[0], '"', ':')
		if dst, err = jsontext.AppendQuote(dst, text); err != nil {
			return dst, errNotUTF8
		}
	}
	return append(dst, '}'), nil
}

// isCanonical reports that object is a key in canonical form, of the types S and N and without escapes: nearly every
// key. It may say no to a canonical one.
func isCanonical(object []byte) bool {
	rest, open := object, `{"`
	var name, last, value []byte
	for range maxKeyAttributes {
		var ok, isNumber bool
		if rest, ok = bytes.CutPrefix(rest, []byte(open)); !ok {
			return false
		}
		if name, rest, ok = cutPlain(rest); !ok || string(name) <= string(last) {
			return false
		}
		if rest, ok = bytes.CutPrefix(rest, []byte(`:{"S":"`)); !ok {
			if rest, isNumber = bytes.CutPrefix(rest, []byte(`:{"N":"`)); !isNumber {
				return false
			}
		}
		if value, rest, ok = cutPlain(rest); !ok || len(value) == 0 || isNumber && !isCanonicalNumber(value) {
			return false
		}
		if string(rest) == "}}" {
			return true
		}
		last, open = name, `},"`
	}
	return false
}

// cutPlain returns the text up to the next quotation mark, if it is valid and nothing in it is escaped.
func cutPlain(b []byte) (text, rest []byte, plain bool) {
	for i, c := range b {
		switch {
		case c == '"':
			return b[:i], b[i+1:], utf8.Valid(b[:i])
		case c == '\\' || c < ' ':
			return nil, b, false
		}
	}
	return nil, b, false
}
