package mapping

import (
	"errors"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"
)

// column is one compiled right-hand side.
type column struct {
	name string // Okta's attribute, or externalId, active, match, protect
	// reads are the slots that the column depends on, sorted.
	reads []int
	// parts are a join; a column that is more than that has a program instead.
	parts   []part
	program *vm.Program
	prefix  []byte // the attribute's name in JSON, colon included
	rule    rule
}

// part is a literal, or the attribute in a slot.
type part struct {
	literal string
	slot    int // -1 for a literal
}

// want is what a column's value is for.
type want int

const (
	wantText want = iota
	wantID        // a text of which no part may be absent
	wantWord
)

// column compiles one right-hand side. It returns a column in any case, for the caller to go on and find more problems.
func (c *compiler) column(field, source string, w want) *column {
	col := &column{name: field}
	if source == "" {
		c.problem(field, "is missing")
		return col
	}
	if operands, ok := simple(source); ok && !c.programs {
		c.join(col, operands)
	} else if !c.expression(col, source, w) {
		return col
	}
	if text, ok := col.constant(); ok && w == wantWord {
		if _, ok := parseWord([]byte(text)); !ok {
			c.problem(field, wordRule)
		}
	}
	return col
}

// join makes the column of the operands of a join.
func (c *compiler) join(col *column, operands []operand) {
	for _, o := range operands {
		p := part{literal: o.text, slot: -1}
		if !o.literal {
			p = part{slot: c.slot(o.text)}
			col.reads = append(col.reads, p.slot)
		}
		col.parts = append(col.parts, p)
	}
	slices.Sort(col.reads)
	col.reads = slices.Compact(col.reads)
}

// expression makes the column of any expression. It returns false of one with a mistake.
func (c *compiler) expression(col *column, source string, w want) bool {
	field := col.name
	tree, err := parser.Parse(source)
	if err != nil {
		c.exprProblem(field, err)
		return false
	}
	found := findAttributes(tree.Node)
	if found.bareEnv != nil {
		c.exprProblem(field, (&file.Error{
			Location: found.bareEnv.Location(), Message: `$env can only be read as $env["name"]`,
		}).Bind(tree.Source))
		return false
	}
	for _, name := range found.names {
		col.reads = append(col.reads, c.slot(name))
	}
	slices.Sort(col.reads)
	col.reads = slices.Compact(col.reads)
	program, err := compileProgram(source, found.names, w)
	if err != nil {
		c.exprProblem(field, err)
		return false
	}
	if t := program.Node().Type(); !w.fits(t) {
		c.problem(field, "is "+typeName(t)+", but "+w.rule())
	}
	var isJoin bool
	if col.parts, isJoin = c.parts(tree.Node); !isJoin || c.programs {
		col.program = program
		c.mapping.inEnv = append(c.mapping.inEnv, col.reads...)
	}
	return true
}

// exprProblem takes over what expr says about the source.
func (c *compiler) exprProblem(field string, err error) {
	var at *file.Error
	if !errors.As(err, &at) {
		c.problem(field, err.Error())
		return
	}
	c.problems = append(c.problems, &Problem{Field: field, Line: max(at.Line, 1), Column: at.Column + 1, Reason: at.Message})
}

// constant returns the text of a column that reads no attribute.
func (c *column) constant() (string, bool) {
	if len(c.parts) == 0 {
		return "", false
	}
	var text strings.Builder
	for _, p := range c.parts {
		if p.slot >= 0 {
			return "", false
		}
		text.WriteString(p.literal)
	}
	return text.String(), true
}

// parts takes an expression apart that is an attribute, a literal or a join of those.
func (c *compiler) parts(node ast.Node) (parts []part, simple bool) {
	if name, ok := attributeOf(node); ok {
		return []part{{slot: c.slot(name)}}, true
	}
	switch n := node.(type) {
	case *ast.StringNode:
		return []part{{literal: n.Value, slot: -1}}, true
	case *ast.BoolNode:
		return []part{{literal: strconv.FormatBool(n.Value), slot: -1}}, true
	case *ast.IntegerNode:
		return []part{{literal: strconv.Itoa(n.Value), slot: -1}}, true
	case *ast.BinaryNode:
		if n.Operator != "+" || isNumeric(n.Left) || isNumeric(n.Right) {
			return nil, false
		}
		left, simple := c.parts(n.Left)
		if !simple {
			return nil, false
		}
		right, simple := c.parts(n.Right)
		if !simple {
			return nil, false
		}
		return append(left, right...), true
	}
	return nil, false
}

// isNumeric reports a literal number, beside which + adds.
func isNumeric(node ast.Node) bool {
	_, ok := node.(*ast.IntegerNode)
	return ok
}

// compileProgram compiles and checks the source over attributes of any type.
func compileProgram(source string, attributes []string, w want) (*vm.Program, error) {
	env := types.Map{}
	for _, name := range attributes {
		env[name] = types.Any
	}
	join := joinValues
	if w == wantID {
		join = joinAllValues
	}
	options := []expr.Option{
		expr.Env(env),
		expr.Function(joinFunction, join, new(func(string, ...any) any)),
		expr.Patch(joinPatcher{}),
	}
	for _, name := range []string{"now", "keys", "values", "toPairs"} {
		options = append(options, expr.DisableBuiltin(name))
	}
	return expr.Compile(source, options...)
}

// typeName is what the expression's author knows a type by.
func typeName(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Slice:
		return "a list"
	case t.Kind() == reflect.Map:
		return "a map"
	case t.Kind() == reflect.Func:
		return "a function"
	}
	return "a " + t.String()
}

// rule is what w asks of a type.
func (w want) rule() string {
	if w == wantWord {
		return "it must be a boolean or a word for one"
	}
	return notText
}

// fits reports that values of a type, as far as it is known, can be what the column is for.
func (w want) fits(t reflect.Type) bool {
	switch t {
	case nil, reflect.TypeFor[any]():
		return true
	case reflect.TypeFor[time.Duration]():
		return false
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Int, reflect.Int64, reflect.Interface:
		return true
	case reflect.Float64:
		return w != wantWord
	}
	return false
}
