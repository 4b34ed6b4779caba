package items

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// DynamoDB's limits on an item: 400 KB with the attributes' names, 32 levels of lists and maps.
const (
	MaxItemBytes = 400 << 10
	maxDepth     = 32
)

// Item is an item in one form: attribute names sorted, sets sorted, numbers as DynamoDB gives them back, no white
// space, strings escaped no more than JSON needs. Two items are equal if and only if their JSON is.
type Item struct {
	attributes []attribute
	size       int
}

type attribute struct {
	name  string
	value []byte // {"S":"jane"}
}

// Parse reads an item in DynamoDB JSON, {"id":{"S":"jane"},…}, and refuses what DynamoDB would refuse of any item.
func Parse(item []byte) (Item, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(item))
	p := parser{dec: dec}
	attributes, err := p.attributes(0)
	if err != nil {
		return Item{}, fmt.Errorf("read item: %w", err)
	}
	if err := atEnd(dec); err != nil {
		return Item{}, fmt.Errorf("read item: %w", err)
	}
	if p.size > MaxItemBytes {
		return Item{}, fmt.Errorf("item of %d bytes, more than DynamoDB's %d: %w", p.size, MaxItemBytes, ErrTooLarge)
	}
	return Item{attributes: attributes, size: p.size}, nil
}

// ErrTooLarge is returned for an item of more than MaxItemBytes.
var ErrTooLarge = errors.New("item too large")

// JSON returns the item as DynamoDB JSON.
func (i Item) JSON() []byte { return appendMap(nil, i.attributes) }

// Size returns the item's size in bytes as DynamoDB counts, numbers approximately.
func (i Item) Size() int { return i.size }

// Attribute returns an attribute's type ("S", "N", "BOOL", …) and its value as DynamoDB JSON, {"S":"jane"}.
func (i Item) Attribute(name string) (kind string, value []byte, ok bool) {
	at, ok := slices.BinarySearchFunc(i.attributes, name, func(a attribute, name string) int {
		return strings.Compare(a.name, name)
	})
	if !ok {
		return "", nil, false
	}
	value = i.attributes[at].value
	kind, _, _ = strings.Cut(string(value[2:]), `"`)
	return kind, value, true
}

// Names returns the names of the item's attributes, sorted.
func (i Item) Names() []string {
	names := make([]string, len(i.attributes))
	for n, a := range i.attributes {
		names[n] = a.name
	}
	return names
}

func appendMap(dst []byte, attributes []attribute) []byte {
	dst = append(dst, '{')
	for i, a := range attributes {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, a.name)
		dst = append(dst, ':')
		dst = append(dst, a.value...)
	}
	return append(dst, '}')
}

// parser reads DynamoDB JSON and counts its size.
type parser struct {
	dec  *jsontext.Decoder
	size int
}

// attributes reads an object of names and typed values.
func (p *parser) attributes(depth int) ([]attribute, error) {
	if err := expect(p.dec, jsontext.KindBeginObject, "an object of attributes"); err != nil {
		return nil, err
	}
	var attributes []attribute
	for p.dec.PeekKind() != jsontext.KindEndObject {
		name, err := readString(p.dec, "an attribute's name")
		if err != nil {
			return nil, err
		}
		if name == "" {
			return nil, errors.New("an attribute without a name")
		}
		p.size += len(name)
		value, err := p.value(depth)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
		attributes = append(attributes, attribute{name, value})
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, err
	}
	slices.SortFunc(attributes, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	return attributes, nil
}

// value reads {"S":"jane"}.
func (p *parser) value(depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errors.New("more than 32 levels of lists and maps")
	}
	if err := expect(p.dec, jsontext.KindBeginObject, "a typed value"); err != nil {
		return nil, err
	}
	kind, err := readString(p.dec, "a type")
	if err != nil {
		return nil, err
	}
	dst := append(appendString([]byte{'{'}, kind), ':')
	if dst, err = p.typed(dst, kind, depth); err != nil {
		return nil, err
	}
	if err := expect(p.dec, jsontext.KindEndObject, "the end of a value of one type"); err != nil {
		return nil, err
	}
	return append(dst, '}'), nil
}

func (p *parser) typed(dst []byte, kind string, depth int) ([]byte, error) {
	switch kind {
	case "S", "N", "B":
		s, err := p.scalar(kind)
		return appendString(dst, s), err
	case "BOOL":
		p.size++
		token, err := p.dec.ReadToken()
		if err == nil && token.Kind() != jsontext.KindTrue && token.Kind() != jsontext.KindFalse {
			err = errors.New("BOOL is not true or false")
		}
		if err != nil {
			return nil, err
		}
		return append(dst, token.String()...), nil
	case "NULL":
		p.size++
		return append(dst, "true"...), expect(p.dec, jsontext.KindTrue, "true for NULL")
	case "SS", "NS", "BS":
		return p.set(dst, kind[:1])
	case "L":
		return p.list(dst, depth)
	case "M":
		p.size += 3
		attributes, err := p.attributes(depth + 1)
		p.size += len(attributes)
		return appendMap(dst, attributes), err
	default:
		return nil, fmt.Errorf("type %q is unknown", kind)
	}
}

// scalar reads the text of an S, N or B and brings it into its one form.
func (p *parser) scalar(kind string) (string, error) {
	s, err := readString(p.dec, "a string for "+kind)
	if err != nil {
		return "", err
	}
	switch kind {
	case "N":
		plain, err := number(s)
		p.size += len(plain)/2 + 1
		return plain, err
	case "B":
		raw, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return "", errors.New("B is not base64")
		}
		p.size += len(raw)
		return base64.StdEncoding.EncodeToString(raw), nil
	default:
		p.size += len(s)
		return s, nil
	}
}

func (p *parser) set(dst []byte, kind string) ([]byte, error) {
	if err := expect(p.dec, jsontext.KindBeginArray, "a set"); err != nil {
		return nil, err
	}
	var members []string
	for p.dec.PeekKind() != jsontext.KindEndArray {
		member, err := p.scalar(kind)
		if err != nil {
			return nil, err
		}
		members = append(members, member)
	}
	if _, err := p.dec.ReadToken(); err != nil {
		return nil, err
	}
	slices.Sort(members)
	if len(members) == 0 || len(slices.Compact(slices.Clone(members))) != len(members) {
		return nil, errors.New("a set is empty or holds a member twice")
	}
	dst = append(dst, '[')
	for i, member := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, member)
	}
	return append(dst, ']'), nil
}

func (p *parser) list(dst []byte, depth int) ([]byte, error) {
	if err := expect(p.dec, jsontext.KindBeginArray, "a list"); err != nil {
		return nil, err
	}
	p.size += 3
	dst = append(dst, '[')
	for n := 0; p.dec.PeekKind() != jsontext.KindEndArray; n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		p.size++
		dst = append(dst, value...)
	}
	_, err := p.dec.ReadToken()
	return append(dst, ']'), err
}
