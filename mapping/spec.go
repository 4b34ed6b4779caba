package mapping

import (
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Spec says how an item becomes a person. Every right-hand side is an expression over the item's attributes.
type Spec struct {
	// ExternalID is the person's ID in the identity source. Where it is a join, all parts must be present.
	ExternalID string
	// Active is a boolean or one of the words true, false, yes, no, 1 and 0 in any case.
	Active string
	// Match says which items are people at all: a boolean or one of the same words; absent is no. Empty is "true".
	Match string
	// Profile is the expression of each attribute of Okta's profile. userName and email must be among them.
	Profile map[string]string
	// Absent is AbsentNull or AbsentOmit: how a mapped optional attribute that the item lacks is sent. Empty is AbsentNull.
	Absent string
	// Protect are conditions like Match; a person for whom any holds is never deactivated.
	Protect []string
}

const (
	// AbsentNull sends null, so that a value removed from the table is removed in Okta.
	AbsentNull = "null"
	// AbsentOmit leaves the attribute out, for an org that refuses nulls. Okta then keeps what it has.
	AbsentOmit = "omit"
)

// Problem is what is wrong with one field of a Spec.
type Problem struct {
	// Field is externalId, active, match, absent, profile.NAME or protect[INDEX].
	Field string
	// Line and Column are within the expression, from 1, in characters; both are 0 where the whole field is at fault.
	Line, Column int
	Reason       string
}

func (p *Problem) Error() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.Field, p.Reason)
	}
	if p.Line == 1 {
		return fmt.Sprintf("%s: column %d: %s", p.Field, p.Column, p.Reason)
	}
	return fmt.Sprintf("%s: line %d, column %d: %s", p.Field, p.Line, p.Column, p.Reason)
}

// Mapping is a compiled Spec. It is safe for concurrent use.
type Mapping struct {
	externalID, active, match *column
	profile                   []*column // sorted by name
	protect                   []*column
	compared                  []*column // those that View.Equal looks at
	attributes                []string  // the attributes that the columns read; their indexes are the slots
	slots                     map[string]int
	inEnv                     []int // the slots that programs read
	omitAbsent                bool
}

// Compile compiles the spec. The error joins a *Problem for everything that is wrong with it.
func Compile(spec Spec) (*Mapping, error) { return compile(spec, false) }

// compile makes programs of all columns if asked to, so that tests can compare the two ways.
func compile(spec Spec, programs bool) (*Mapping, error) {
	c := compiler{mapping: &Mapping{slots: map[string]int{}}, programs: programs}
	m := c.mapping
	m.externalID = c.column("externalId", spec.ExternalID, wantID)
	m.active = c.column("active", spec.Active, wantWord)
	if spec.Match == "" {
		spec.Match = "true"
	}
	m.match = c.column("match", spec.Match, wantWord)
	for i, condition := range spec.Protect {
		m.protect = append(m.protect, c.column(fmt.Sprintf("protect[%d]", i), condition, wantWord))
	}
	for _, name := range slices.Sorted(maps.Keys(spec.Profile)) {
		m.profile = append(m.profile, c.profileColumn(name, spec.Profile[name]))
	}
	for _, name := range []string{"userName", "email"} {
		if _, ok := spec.Profile[name]; !ok {
			c.problem("profile."+name, "must be mapped: Okta requires it")
		}
	}
	switch spec.Absent {
	case "", AbsentNull:
	case AbsentOmit:
		m.omitAbsent = true
	default:
		c.problem("absent", `must be "null" or "omit"`)
	}
	if len(c.problems) > 0 {
		return nil, errors.Join(c.problems...)
	}
	slices.Sort(m.inEnv)
	m.inEnv = slices.Compact(m.inEnv)
	m.compared = append([]*column{m.externalID, m.active, m.match}, m.profile...)
	return m, nil
}

// Attributes returns the top-level attributes of an item that the mapping reads, sorted: what a projection must ask for.
func (m *Mapping) Attributes() []string {
	return slices.Sorted(slices.Values(m.attributes))
}

// Computable reports that externalId and match can be computed of an item of which only the named attributes are known,
// such as its key.
func (m *Mapping) Computable(names []string) bool {
	for _, c := range []*column{m.externalID, m.match} {
		for _, slot := range c.reads {
			if !slices.Contains(names, m.attributes[slot]) {
				return false
			}
		}
	}
	return true
}

// Protects reports that people are protected by conditions of Spec.Protect.
func (m *Mapping) Protects() bool { return len(m.protect) > 0 }

// isAttributeName reports that a text has the form that Okta asks of a variable name in a schema.
func isAttributeName(text string) bool {
	for i := range len(text) {
		if !isNamePart(text[i], i == 0) {
			return false
		}
	}
	return text != ""
}

// compiler collects what Compile finds.
type compiler struct {
	mapping  *Mapping
	programs bool // of all columns
	problems []error
}

func (c *compiler) problem(field, reason string) {
	c.problems = append(c.problems, &Problem{Field: field, Reason: reason})
}

// slot returns the index of an attribute, a new one if need be.
func (c *compiler) slot(attribute string) int {
	m := c.mapping
	slot, ok := m.slots[attribute]
	if !ok {
		slot = len(m.attributes)
		m.attributes = append(m.attributes, attribute)
		m.slots[attribute] = slot
	}
	return slot
}

func (c *compiler) profileColumn(name, source string) *column {
	field := "profile." + name
	if !isAttributeName(name) {
		c.problem(field, "is not a name that Okta allows: letters, digits and _, not starting with a digit")
	}
	col := c.column(field, source, wantText)
	col.name = name
	col.rule = rules[name]
	col.prefix = fmt.Appendf(nil, "%q:", name)
	if text, ok := col.constant(); ok {
		if broken := col.rule.check([]byte(text)); broken != "" {
			c.problem(field, broken)
		}
	}
	return col
}
