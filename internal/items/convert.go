package items

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// FromJSON turns a JSON object into an item: strings become S, numbers N with every digit, true and false BOOL, null
// NULL, arrays L and objects M. It refuses a name that occurs twice, since one of the two values would be lost.
func FromJSON(body []byte) (Item, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(body))
	if dec.PeekKind() != jsontext.KindBeginObject {
		if _, err := dec.ReadToken(); err != nil {
			return Item{}, readable(err)
		}
		return Item{}, errors.New("the body is not a JSON object")
	}
	typed, err := appendTyped(nil, dec)
	if err != nil {
		return Item{}, err
	}
	if err := atEnd(dec); err != nil {
		return Item{}, err
	}
	return Parse(typed[len(`{"M":`) : len(typed)-1])
}

// appendTyped reads one JSON value and appends it as DynamoDB JSON.
func appendTyped(dst []byte, dec *jsontext.Decoder) ([]byte, error) {
	token, err := dec.ReadToken()
	if err != nil {
		return nil, readable(err)
	}
	switch token.Kind() {
	case jsontext.KindString:
		return append(appendString(append(dst, `{"S":`...), token.String()), '}'), nil
	case jsontext.KindNumber:
		return append(appendString(append(dst, `{"N":`...), token.String()), '}'), nil
	case jsontext.KindTrue, jsontext.KindFalse:
		return append(append(append(dst, `{"BOOL":`...), token.String()...), '}'), nil
	case jsontext.KindNull:
		return append(dst, `{"NULL":true}`...), nil
	case jsontext.KindBeginArray:
		dst = append(dst, `{"L":[`...)
		for n := 0; dec.PeekKind() != jsontext.KindEndArray; n++ {
			if n > 0 {
				dst = append(dst, ',')
			}
			if dst, err = appendTyped(dst, dec); err != nil {
				return nil, err
			}
		}
		_, err = dec.ReadToken()
		return append(dst, `]}`...), err
	default:
		dst = append(dst, `{"M":{`...)
		for n := 0; dec.PeekKind() != jsontext.KindEndObject; n++ {
			name, err := readString(dec, "a name")
			if err != nil {
				return nil, err
			}
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, name), ':')
			if dst, err = appendTyped(dst, dec); err != nil {
				return nil, err
			}
		}
		_, err = dec.ReadToken()
		return append(dst, `}}`...), err
	}
}

// ToJSON turns an item in DynamoDB JSON into a plain JSON object: the reverse of FromJSON. Sets become arrays, binary
// values base64 strings.
func ToJSON(item []byte) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(item))
	plain, err := appendPlainMap(nil, dec)
	if err != nil {
		return nil, fmt.Errorf("read item: %w", err)
	}
	return plain, nil
}

func appendPlainMap(dst []byte, dec *jsontext.Decoder) ([]byte, error) {
	if err := expect(dec, jsontext.KindBeginObject, "an object of attributes"); err != nil {
		return nil, err
	}
	dst = append(dst, '{')
	for n := 0; dec.PeekKind() != jsontext.KindEndObject; n++ {
		name, err := readString(dec, "an attribute's name")
		if err != nil {
			return nil, err
		}
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendString(dst, name), ':')
		if dst, err = appendPlain(dst, dec); err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	return append(dst, '}'), err
}

// appendPlain reads {"S":"jane"} and appends "jane".
func appendPlain(dst []byte, dec *jsontext.Decoder) ([]byte, error) {
	if err := expect(dec, jsontext.KindBeginObject, "a typed value"); err != nil {
		return nil, err
	}
	kind, err := readString(dec, "a type")
	if err != nil {
		return nil, err
	}
	switch kind {
	case "NULL":
		dst = append(dst, "null"...)
		err = expect(dec, jsontext.KindTrue, "true for NULL")
	case "M":
		dst, err = appendPlainMap(dst, dec)
	case "L", "SS", "NS", "BS":
		dst, err = appendPlainList(dst, dec, kind)
	default:
		dst, err = appendPlainScalar(dst, dec, kind)
	}
	if err != nil {
		return nil, err
	}
	return dst, expect(dec, jsontext.KindEndObject, "the end of a value of one type")
}

func appendPlainList(dst []byte, dec *jsontext.Decoder, kind string) ([]byte, error) {
	if err := expect(dec, jsontext.KindBeginArray, "an array"); err != nil {
		return nil, err
	}
	dst = append(dst, '[')
	for n := 0; dec.PeekKind() != jsontext.KindEndArray; n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		var err error
		if kind == "L" {
			dst, err = appendPlain(dst, dec)
		} else {
			dst, err = appendPlainScalar(dst, dec, kind[:1])
		}
		if err != nil {
			return nil, err
		}
	}
	_, err := dec.ReadToken()
	return append(dst, ']'), err
}

func appendPlainScalar(dst []byte, dec *jsontext.Decoder, kind string) ([]byte, error) {
	if kind == "BOOL" {
		value, err := dec.ReadValue()
		return append(dst, value...), err
	}
	s, err := readString(dec, "a string for "+kind)
	if err != nil {
		return nil, err
	}
	switch kind {
	case "S", "B":
		return appendString(dst, s), nil
	case "N":
		s, err = number(s)
		return append(dst, s...), err
	default:
		return nil, fmt.Errorf("type %q is unknown", kind)
	}
}
