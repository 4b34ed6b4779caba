package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// plainScanner takes the value of a setting apart, which is on one line; see plain.
type plainScanner struct {
	text string // what is left of it
	// line and column are where that begins, and spaced is whether a space is before it.
	line, column int
	spaced       bool
}

// value returns the node, or nil.
func (s *plainScanner) value() *yaml.Node {
	switch c := s.text[0]; c {
	case '{':
		return s.collection(yaml.MappingNode, "!!map", "}")
	case '[':
		return s.collection(yaml.SequenceNode, "!!seq", "]")
	case '"', '\'':
		return s.quoted(c)
	}
	end := len(s.text)
	if comment := strings.Index(s.text, " #"); comment >= 0 {
		end = comment
	}
	return s.scalar(strings.TrimRight(s.text[:end], " "))
}

// skip leaves n characters behind, and the spaces after them.
func (s *plainScanner) skip(n int) {
	rest := strings.TrimLeft(s.text[n:], " ")
	s.spaced = len(rest) < len(s.text)-n
	s.column += len(s.text) - len(rest)
	s.text = rest
}

// atEnd reports that nothing but a comment is left.
func (s *plainScanner) atEnd() bool { return s.text == "" || s.spaced && s.text[0] == '#' }

func (s *plainScanner) node(kind yaml.Kind, tag, value string, style yaml.Style) *yaml.Node {
	return &yaml.Node{Kind: kind, Tag: tag, Value: value, Style: style, Line: s.line, Column: s.column}
}

// quoted takes a text in quotation marks that holds none, and no escape.
func (s *plainScanner) quoted(mark byte) *yaml.Node {
	end := strings.IndexByte(s.text[1:], mark) + 1
	if end == 0 || mark == '"' && strings.IndexByte(s.text[:end], '\\') >= 0 {
		return nil
	}
	after := s.text[end+1:]
	if after != "" && strings.IndexByte(" ,]}", after[0]) < 0 {
		return nil
	}
	style := yaml.DoubleQuotedStyle
	if mark == '\'' {
		style = yaml.SingleQuotedStyle
	}
	n := s.node(yaml.ScalarNode, "!!str", s.text[1:end], style)
	s.skip(end + 1)
	return n
}

// scalar takes a plain scalar.
func (s *plainScanner) scalar(text string) *yaml.Node {
	tag := plainTag(text)
	if tag == "" || strings.Contains(text, ": ") || strings.HasSuffix(text, ":") || strings.IndexByte(text, '#') >= 0 {
		return nil
	}
	n := s.node(yaml.ScalarNode, tag, text, 0)
	s.skip(len(text))
	return n
}

// plainTag returns what a plain scalar is, or nothing if that takes yaml.v3 to say.
func plainTag(text string) string {
	if text == "true" || text == "false" {
		return "!!bool"
	}
	if text == "" || isSpecial(text) {
		return ""
	}
	if isWord(text[:1]) {
		return "!!str"
	}
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	if digits == 0 || digits > 9 || digits > 1 && text[0] == '0' {
		return ""
	}
	switch rest := text[digits:]; {
	case rest == "":
		return "!!int"
	case rest == "ms", rest == "s", rest == "m", rest == "h":
		return "!!str"
	case len(rest) > 1 && len(rest) < 9 && rest[0] == '.' && strings.Trim(rest[1:], "0123456789") == "":
		return "!!float"
	}
	return ""
}

// collection takes a mapping or a list in flow style.
func (s *plainScanner) collection(kind yaml.Kind, tag, end string) *yaml.Node {
	n := s.node(kind, tag, "", yaml.FlowStyle)
	s.skip(1)
	for s.text != "" && s.text[:1] != end {
		if len(n.Content) > 0 {
			if s.text[0] != ',' {
				return nil
			}
			if s.skip(1); s.text == "" {
				return nil
			}
		}
		if kind == yaml.MappingNode {
			colon := strings.Index(s.text, ": ")
			if colon < 0 || !isPlainKey(s.text[:colon]) {
				return nil
			}
			n.Content = append(n.Content, s.node(yaml.ScalarNode, "!!str", s.text[:colon], 0))
			s.skip(colon + 1)
		}
		item := s.item(kind)
		if item == nil {
			return nil
		}
		n.Content = append(n.Content, item)
	}
	if s.text == "" {
		return nil
	}
	s.skip(1)
	return n
}

// item takes a scalar of a collection, or a list in a mapping.
func (s *plainScanner) item(within yaml.Kind) *yaml.Node {
	if s.text == "" {
		return nil
	}
	switch c := s.text[0]; {
	case c == '"', c == '\'':
		return s.quoted(c)
	case c == '[' && within == yaml.MappingNode:
		return s.collection(yaml.SequenceNode, "!!seq", "]")
	}
	end := strings.IndexAny(s.text, ",]}")
	if end < 0 || strings.ContainsAny(s.text[:end], `[{:"'#?`) {
		return nil
	}
	return s.scalar(strings.TrimRight(s.text[:end], " "))
}
