package mapping

import (
	"slices"
	"strconv"
)

// CompilePrograms compiles every column to a program, also those that would not need one.
func CompilePrograms(spec Spec) (*Mapping, error) { return compile(spec, true) }

// Countries is the number of countries.
const Countries = (len(countries) + 1) / 3

// LoadSlowly is Load without loadPlain.
func (v *View) LoadSlowly(item []byte) error {
	v.reset()
	return v.load(item, func(_ int, err error) error { return err })
}

// Taken is what became of a right-hand side of a profile: the attributes that it reads and its parts, each a literal in quotes or
// an attribute's name. Without parts it is a program.
type Taken struct{ Reads, Parts []string }

// Simply takes a right-hand side without expr, if it can be.
func Simply(source string) (Taken, bool) {
	operands, ok := simple(source)
	if !ok {
		return Taken{}, false
	}
	return taken(func(c *compiler, col *column) { c.join(col, operands) }), true
}

// ByExpr takes a right-hand side as expr reads it.
func ByExpr(source string) (t Taken, problems []error) {
	return taken(func(c *compiler, col *column) {
		c.expression(col, source, wantText)
		problems = c.problems
	}), problems
}

func taken(take func(*compiler, *column)) (t Taken) {
	c := compiler{mapping: &Mapping{slots: map[string]int{}}}
	col := &column{name: "title"}
	take(&c, col)
	for _, slot := range col.reads {
		t.Reads = append(t.Reads, c.mapping.attributes[slot])
	}
	for _, p := range col.parts {
		if p.slot < 0 {
			t.Parts = append(t.Parts, strconv.Quote(p.literal))
		} else {
			t.Parts = append(t.Parts, c.mapping.attributes[p.slot])
		}
	}
	slices.Sort(t.Reads)
	return t
}
