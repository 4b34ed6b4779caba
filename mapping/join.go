package mapping

import (
	"errors"
	"reflect"
	"time"

	"github.com/expr-lang/expr/ast"
)

// joiner joins texts, leaving out the absent ones with the literals that belong to them; see the package's doc.
type joiner struct {
	dst []byte
	// start and mark are positions in dst: where the result starts, and behind the last present attribute. What is after
	// mark are literals of which the next attribute decides.
	start, mark            int
	seen, present, trailed bool // an attribute, a present one, a present one last
}

func newJoiner(dst []byte) joiner {
	return joiner{dst: dst, start: len(dst), mark: len(dst)}
}

func (j *joiner) literal(text string) {
	j.dst = append(j.dst, text...)
}

func (j *joiner) attribute(text []byte) {
	if len(text) == 0 {
		j.dst = j.dst[:j.mark]
		j.seen, j.trailed = true, false
		return
	}
	if j.seen && !j.present {
		j.dst = j.dst[:j.mark]
	}
	j.dst = append(j.dst, text...)
	j.mark = len(j.dst)
	j.seen, j.present, j.trailed = true, true, true
}

// result returns the joined text, empty if it is absent, and the grown dst.
func (j *joiner) result() (text, dst []byte) {
	if j.seen && !j.trailed {
		j.dst = j.dst[:j.mark]
	}
	return j.dst[j.start:], j.dst
}

// joinFunction names the function that + becomes in a program. No expression can spell it.
const joinFunction = "+"

const (
	literalOperand = 'l'
	valueOperand   = 'v'
)

// joinValues joins the operands after the first, which says of each whether it is a literal or a value.
func joinValues(operands ...any) (any, error) { return joinOf(operands, false) }

// joinAllValues is joinValues for an externalId: without one of its parts it would be somebody else's.
func joinAllValues(operands ...any) (any, error) { return joinOf(operands, true) }

func joinOf(operands []any, all bool) (any, error) {
	j := newJoiner(nil)
	kinds := operands[0].(string)
	for i, operand := range operands[1:] {
		text, err := textOf(operand)
		switch {
		case err != nil:
			return nil, err
		case kinds[i] == literalOperand:
			j.literal(text)
		case all && text == "":
			return nil, errors.New(isAbsent)
		default:
			j.attribute([]byte(text))
		}
	}
	text, _ := j.result()
	if len(text) == 0 {
		return nil, nil
	}
	return string(text), nil
}

// joinPatcher turns + into a join unless one side is known to be a number, a time or a duration.
type joinPatcher struct{}

func (joinPatcher) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || n.Operator != "+" || adds(n.Left) || adds(n.Right) {
		return
	}
	leftKinds, operands := joinOperands(n.Left)
	rightKinds, more := joinOperands(n.Right)
	operands = append(operands, more...)
	kinds := &ast.StringNode{Value: leftKinds + rightKinds}
	ast.Patch(node, &ast.CallNode{
		Callee:    &ast.IdentifierNode{Value: joinFunction},
		Arguments: append([]ast.Node{kinds}, operands...),
	})
}

// joinOperands returns the operands that a side of + contributes: its own if it is a join already.
func joinOperands(node ast.Node) (kinds string, operands []ast.Node) {
	switch n := node.(type) {
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok && callee.Value == joinFunction {
			return n.Arguments[0].(*ast.StringNode).Value, n.Arguments[1:]
		}
	case *ast.StringNode, *ast.BoolNode:
		return string(literalOperand), []ast.Node{node}
	}
	return string(valueOperand), []ast.Node{node}
}

// adds reports that a side of + has a type for which + adds.
func adds(node ast.Node) bool {
	t := node.Type()
	if t == nil {
		return false
	}
	switch t {
	case reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration]():
		return true
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64, reflect.Float64:
		return true
	}
	return false
}
