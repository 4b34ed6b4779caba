package config

import (
	"bytes"
	"strings"

	"go.yaml.in/yaml/v3"
)

// plain reads a file of the form that configurations have, into the nodes that yaml.v3 makes of it, in a tenth of the time:
// each function does it whenever it starts. The form is mappings in block style or, within a line, in flow style; lists in
// flow style; scalars on one line, quoted without escapes or plain; comments; ASCII. It returns nil for any other, right or
// wrong: yaml.v3 decides.
func plain(file []byte) *yaml.Node {
	r := plainReader{}
	number := 0
	for line := range bytes.Lines(file) {
		number++
		if !r.line(strings.TrimSuffix(string(line), "\n"), number) {
			return nil
		}
	}
	if r.waits != nil || len(r.open) == 0 {
		return nil
	}
	return r.open[0].node
}

// plainReader is in the middle of a file.
type plainReader struct {
	// open are the mappings around the line, the outermost first.
	open []openMapping
	// waits is the key before, if its value is to come on the lines below.
	waits *yaml.Node
}

type openMapping struct {
	node   *yaml.Node
	indent int
}

// longestLine is as long as a key of yaml.v3 may be away from its colon, with room to spare.
const longestLine = 1000

// line takes one line, without its end.
func (r *plainReader) line(text string, number int) bool {
	for _, c := range []byte(text) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	indent := len(text) - len(strings.TrimLeft(text, " "))
	if text = text[indent:]; text == "" || text[0] == '#' {
		return true
	}
	key, value, ok := strings.Cut(text, ":")
	if !ok || !isPlainKey(key) || len(text) > longestLine {
		return false
	}
	at := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: key, Line: number, Column: indent + 1}
	if !r.enter(at, indent) {
		return false
	}
	mapping := r.open[len(r.open)-1].node
	start := len(value) - len(strings.TrimLeft(value, " "))
	rest := value[start:]
	if rest == "" || start > 0 && rest[0] == '#' {
		mapping.Content = append(mapping.Content, &at)
		r.waits = &at
		return true
	}
	s := plainScanner{text: rest, line: number, column: indent + len(key) + 1 + start + 1}
	node := s.value()
	if start == 0 || node == nil || !s.atEnd() {
		return false
	}
	mapping.Content = append(mapping.Content, &at, node)
	return true
}

// enter finds the mapping that a key is in by its indent: a new one below a key that waits, else one of those around.
func (r *plainReader) enter(key yaml.Node, indent int) bool {
	outer := -1
	if n := len(r.open); n > 0 {
		outer = r.open[n-1].indent
	}
	if r.waits != nil || len(r.open) == 0 {
		if indent <= outer || outer < 0 && indent > 0 {
			return false
		}
		node := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: key.Line, Column: key.Column}
		if r.waits != nil {
			parent := r.open[len(r.open)-1].node
			parent.Content = append(parent.Content, node)
		}
		r.open, r.waits = append(r.open, openMapping{node, indent}), nil
		return true
	}
	for len(r.open) > 0 && r.open[len(r.open)-1].indent > indent {
		r.open = r.open[:len(r.open)-1]
	}
	return len(r.open) > 0 && r.open[len(r.open)-1].indent == indent
}

func isPlainKey(key string) bool {
	return isWord(key) && !isSpecial(key)
}

// isWord reports a letter with letters, digits and _ behind it.
func isWord(text string) bool {
	for i, c := range []byte(text) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return text != ""
}

// isSpecial reports a word that is no text to YAML, in any of its spellings.
func isSpecial(word string) bool {
	switch strings.ToLower(word) {
	case "true", "false", "null":
		return true
	}
	return false
}
