package mapping

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/expr-lang/expr/file"
	"github.com/go-json-experiment/json/jsontext"
)

// text returns the text of a column, empty if it is absent. It is valid till the next Load.
func (v *View) text(c *column) ([]byte, error) {
	if c.program != nil {
		return v.run(c)
	}
	if len(c.parts) == 1 && c.parts[0].slot >= 0 {
		return v.attributeText(c, c.parts[0].slot)
	}
	mark := len(v.arena)
	j := newJoiner(v.arena)
	for _, p := range c.parts {
		if p.slot < 0 {
			j.literal(p.literal)
			continue
		}
		text, err := v.attributeText(c, p.slot)
		if err != nil {
			v.arena = v.arena[:mark]
			return nil, err
		}
		j.attribute(text)
	}
	text, arena := j.result()
	v.arena = arena
	return text, nil
}

func (v *View) attributeText(c *column, slot int) ([]byte, error) {
	a := v.values[slot]
	switch a.kind {
	case absent, null:
		return nil, nil
	case other:
		return nil, &RuleError{c.name, fmt.Sprintf("cannot be made of attribute %q: %s", v.m.attributes[slot], notText)}
	case text:
		if bytes.IndexByte(a.raw, '\\') < 0 {
			return a.raw[1 : len(a.raw)-1], nil
		}
		mark := len(v.unescaped)
		var err error
		if v.unescaped, err = jsontext.AppendUnquote(v.unescaped, a.raw); err != nil {
			return nil, &RuleError{c.name, notUTF8}
		}
		return v.unescaped[mark:], nil
	}
	return a.raw, nil
}

// run evaluates a column that has a program.
func (v *View) run(c *column) ([]byte, error) {
	if len(v.env) == 0 {
		if err := v.fillEnv(); err != nil {
			return nil, &RuleError{c.name, "cannot be made: " + err.Error()}
		}
	}
	value, err := v.machine.Run(c.program, v.env)
	if err != nil {
		// What expr says of it may quote a value.
		if at, ok := errors.AsType[*file.Error](err); ok {
			return nil, &RuleError{c.name, fmt.Sprintf("expression fails at column %d", at.Column+1)}
		}
		return nil, &RuleError{c.name, "expression fails"}
	}
	text, err := textOf(value)
	if err != nil {
		return nil, &RuleError{c.name, "cannot be made of this value: " + notText}
	}
	mark := len(v.arena)
	v.arena = append(v.arena, text...)
	return v.arena[mark:], nil
}

func (v *View) fillEnv() error {
	for _, slot := range v.m.inEnv {
		name := v.m.attributes[slot]
		value, err := v.values[slot].value()
		if err != nil {
			clear(v.env)
			return fmt.Errorf("attribute %q %w", name, err)
		}
		if value != nil {
			v.env[name] = value
		}
	}
	return nil
}
