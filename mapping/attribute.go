package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// kind is what an attribute's value is, as far as a mapping can make use of it.
type kind uint8

const (
	absent kind = iota
	null
	text
	number
	boolean
	other // B, SS, NS, BS, L, M
)

// attribute is one attribute of an item, in place.
type attribute struct {
	kind kind
	// raw is the JSON string of S, the digits of N, true or false of BOOL, and the whole typed value of others.
	raw []byte
}

// isEmpty reports that the attribute counts as absent.
func (a attribute) isEmpty() bool {
	return a.kind == absent || a.kind == null || a.kind == text && string(a.raw) == `""`
}

// readAttribute reads a typed value, {"S":"jane"}, of valid JSON.
func readAttribute(value []byte) (attribute, error) {
	// Nearly every attribute is of one of these forms. A quotation mark within means an escape or a second member.
	const open, end = len(`{"S":"`), len(`"}`)
	if n := len(value); n >= open+end && value[1] == '"' && string(value[3:open]) == `":"` && value[n-2] == '"' {
		if inner := value[open : n-end]; bytes.IndexByte(inner, '"') < 0 {
			switch value[2] {
			case 'S':
				return attribute{text, value[open-1 : n-1]}, nil
			case 'N':
				return numberAttribute(inner)
			}
		}
	}
	switch string(value) {
	case `{"BOOL":true}`, `{"BOOL":false}`:
		return attribute{boolean, value[len(`{"BOOL":`) : len(value)-1]}, nil
	case `{"NULL":true}`:
		return attribute{kind: null}, nil
	}
	var typed map[string]jsontext.Value
	if err := json.Unmarshal(value, &typed); err != nil || len(typed) != 1 {
		return attribute{}, errors.New("is not of one type")
	}
	for name, raw := range typed {
		return typedAttribute(name, raw, value)
	}
	panic("unreachable")
}

func typedAttribute(name string, raw jsontext.Value, value []byte) (attribute, error) {
	type form struct {
		name string
		kind jsontext.Kind
	}
	switch (form{name, raw.Kind()}) {
	case form{"S", '"'}:
		return attribute{text, raw}, nil
	case form{"N", '"'}:
		return numberAttribute(raw[1 : len(raw)-1])
	case form{"BOOL", 't'}, form{"BOOL", 'f'}:
		return attribute{boolean, raw}, nil
	case form{"NULL", 't'}:
		return attribute{kind: null}, nil
	case form{"B", '"'}, form{"SS", '['}, form{"NS", '['}, form{"BS", '['}, form{"L", '['}, form{"M", '{'}:
		return attribute{other, value}, nil
	}
	switch name {
	case "S", "N", "BOOL", "NULL", "B", "SS", "NS", "BS", "L", "M":
		return attribute{}, fmt.Errorf("has a malformed %s", name)
	}
	if isTypeName(name) {
		return attribute{}, errors.New("has the unknown type " + name)
	}
	return attribute{}, errors.New("has an unknown type")
}

// isTypeName reports a name of the form that DynamoDB's types have. Any other may be part of a value.
func isTypeName(name string) bool {
	for _, c := range []byte(name) {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return name != "" && len(name) <= len("BOOL")
}

func numberAttribute(raw []byte) (attribute, error) {
	digits := raw
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	plain := len(digits) > 0
	for _, c := range digits {
		plain = plain && c >= '0' && c <= '9'
	}
	if value := jsontext.Value(raw); !plain && (!value.IsValid() || value.Kind() != '0') {
		return attribute{}, errors.New("has a malformed N")
	}
	return attribute{number, raw}, nil
}

// numberOf returns an int or a float64 if it has exactly these digits, else the digits.
func numberOf(digits string) any {
	if n, err := strconv.Atoi(digits); err == nil && strconv.Itoa(n) == digits {
		return n
	}
	if f, err := strconv.ParseFloat(digits, 64); err == nil && formatFloat(f) == digits {
		return f
	}
	return digits
}

func formatFloat(f float64) string {
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// binary is the value of B in an expression: nothing that becomes text.
type binary []byte

// valueOf returns what an expression sees of a typed value.
func valueOf(typed []byte) (any, error) {
	a, err := readAttribute(typed)
	if err != nil {
		return nil, err
	}
	return a.value()
}

// value returns what an expression sees of an attribute: nil, string, int, float64, bool, binary, []any, map[string]any.
func (a attribute) value() (any, error) {
	switch a.kind {
	case text:
		unquoted, err := jsontext.AppendUnquote(nil, a.raw)
		if err != nil || len(unquoted) == 0 {
			return nil, err
		}
		return string(unquoted), nil
	case number:
		return numberOf(string(a.raw)), nil
	case boolean:
		return string(a.raw) == "true", nil
	case other:
		return collectionOf(a.raw)
	}
	return nil, nil
}

// textOf returns the text that a value of an expression becomes, empty if it is absent.
func textOf(value any) (string, error) {
	switch v := value.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return formatFloat(v), nil
	}
	return "", errors.New(notText)
}

// notText is the rule that lists, maps, sets and binary values break.
const notText = "it must be a text, a number or a boolean"
