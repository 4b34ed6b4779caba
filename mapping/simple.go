package mapping

import (
	"strings"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/parser/operator"
)

// operand is an attribute's name, or a literal's text.
type operand struct {
	text    string
	literal bool
}

// simple takes a right-hand side apart that is an attribute's plain name, a literal without escapes, or a join of those, as
// nearly all are. It says false of any other, right or wrong: expr decides, which takes some forty times as long.
func simple(source string) (operands []operand, ok bool) {
	for {
		var o operand
		if o, source, ok = cutOperand(strings.TrimLeft(source, " \t\r\n")); !ok {
			return nil, false
		}
		operands = append(operands, o)
		if source = strings.TrimLeft(source, " \t\r\n"); source == "" {
			return operands, true
		}
		if source, ok = strings.CutPrefix(source, "+"); !ok {
			return nil, false
		}
	}
}

func cutOperand(source string) (o operand, rest string, ok bool) {
	if rest, ok := strings.CutPrefix(source, `"`); ok {
		for i, c := range []byte(rest) {
			switch {
			case c == '"':
				return operand{rest[:i], true}, rest[i+1:], true
			case c == '\\' || c < ' ' || c > '~':
				return o, source, false
			}
		}
		return o, source, false
	}
	end := 0
	for end < len(source) && isNamePart(source[end], end == 0) {
		end++
	}
	word := source[:end]
	isWord := word == "true" || word == "false"
	return operand{word, isWord}, source[end:], word != "" && (isWord || !isReserved(word))
}

func isNamePart(c byte, first bool) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || !first && '0' <= c && c <= '9'
}

// isReserved reports a word that is more than a name to expr.
func isReserved(word string) bool {
	switch word {
	case "let", "if", "else", "nil":
		return true
	}
	_, isFunction := builtin.Index[word]
	_, isBinary := operator.Binary[word]
	_, isUnary := operator.Unary[word]
	return isFunction || isBinary || isUnary
}
