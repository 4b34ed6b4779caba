package mapping

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/expr-lang/expr/vm"
	"github.com/go-json-experiment/json/jsontext"
)

// View reads one item after the other through a mapping. It is not safe for concurrent use.
type View struct {
	m       *Mapping
	input   bytes.Buffer
	decoder *jsontext.Decoder
	values  []attribute // by slot, in place in the item
	// arena and unescaped hold texts that are not in the item as they are, till the next Load.
	arena, unescaped []byte
	machine          vm.VM
	env              map[string]any // the item's attributes for programs, empty until one runs
}

// NewView returns a view that has yet to load its first item.
func (m *Mapping) NewView() *View {
	v := &View{m: m, values: make([]attribute, len(m.attributes)), env: map[string]any{}}
	v.decoder = jsontext.NewDecoder(&v.input)
	return v
}

// Load reads the attributes that the mapping needs; the others are only checked to be JSON. The view refers to the item,
// which must not change till the next Load. Errors name attributes, never their values.
func (v *View) Load(item []byte) error {
	v.reset()
	if v.loadPlain(item) {
		return nil
	}
	clear(v.values)
	if err := v.load(item, func(_ int, err error) error { return err }); err != nil {
		clear(v.values)
		return err
	}
	return nil
}

// reset forgets the last item.
func (v *View) reset() {
	clear(v.values)
	clear(v.env)
	v.arena, v.unescaped = v.arena[:0], v.unescaped[:0]
}

// load reads any item. What unreadable returns of an attribute that cannot be read ends it, if anything.
func (v *View) load(item []byte, unreadable func(slot int, err error) error) error {
	err := v.read(item, unreadable)
	if _, syntax := errors.AsType[*jsontext.SyntacticError](err); syntax || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("item is not JSON from byte %d on", v.decoder.InputOffset())
	}
	return err
}

func (v *View) read(item []byte, unreadable func(slot int, err error) error) error {
	v.input = *bytes.NewBuffer(item)
	d := v.decoder
	d.Reset(&v.input, jsontext.AllowDuplicateNames(true))
	if token, err := d.ReadToken(); err != nil {
		return err
	} else if token.Kind() != '{' {
		return errors.New("item is not a JSON object")
	}
	for d.PeekKind() != '}' {
		quoted, err := d.ReadValue()
		if err != nil {
			return err
		}
		slot, ok := v.slot(quoted)
		if !ok {
			if err := d.SkipValue(); err != nil {
				return err
			}
			continue
		}
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		// The decoder's slice is gone with its next call; the same bytes of the item stay.
		end := d.InputOffset()
		value = item[end-int64(len(value)) : end]
		if v.values[slot].kind != absent {
			err = errors.New("is there twice")
		} else {
			v.values[slot], err = readAttribute(value)
		}
		if err == nil {
			continue
		}
		if err := unreadable(slot, fmt.Errorf("attribute %q %w", v.m.attributes[slot], err)); err != nil {
			return err
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("item is followed by something")
	}
	return nil
}

// slot finds an attribute by its quoted name.
func (v *View) slot(quoted []byte) (int, bool) {
	name := quoted[1 : len(quoted)-1]
	if bytes.IndexByte(name, '\\') >= 0 {
		name, _ = jsontext.AppendUnquote(nil, quoted)
	}
	slot, ok := v.m.slots[string(name)]
	return slot, ok
}
