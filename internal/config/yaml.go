package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// read takes the settings of a file.
func (l *loader) read(file []byte) {
	decoder := yaml.NewDecoder(bytes.NewReader(file))
	var document, second yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if !errors.Is(err, io.EOF) {
			l.reportSyntax(err)
		}
		return
	}
	l.section(resolve(document.Content[0]), reflect.ValueOf(&l.config).Elem(), "")
	if err := decoder.Decode(&second); err == nil {
		l.report("", "a second document: a configuration is one", place(&second))
	} else if !errors.Is(err, io.EOF) {
		l.reportSyntax(err)
	}
}

var syntaxError = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^yaml: (?:line (\d+): )?`) })

// reportSyntax reports what the YAML reader says, which knows lines only.
func (l *loader) reportSyntax(err error) {
	text := err.Error()
	line := 1
	if found := syntaxError().FindStringSubmatch(text); found != nil {
		text = strings.TrimPrefix(text, found[0])
		if n, err := strconv.Atoi(found[1]); err == nil {
			line = n
		}
	}
	l.report("", "not YAML: "+text, origin{line: line, column: 1})
}

func place(n *yaml.Node) origin { return origin{line: n.Line, column: n.Column} }

// section takes the settings of a struct.
func (l *loader) section(node *yaml.Node, into reflect.Value, path string) {
	l.origins[path] = place(node)
	if isNull(node) {
		return
	}
	if node.Kind != yaml.MappingNode {
		l.report(path, "must hold settings, each on a line of its own", place(node))
		return
	}
	fields := map[string]reflect.Value{}
	for field, value := range into.Fields() {
		if name := field.Tag.Get("yaml"); name != "-" {
			fields[name] = value
		}
	}
	l.pairs(node, path, place, func(key, value *yaml.Node, path string) {
		field, ok := fields[key.Value]
		switch {
		case !ok:
			l.report(path, "no such setting", place(key))
		case field.Kind() == reflect.Struct:
			l.section(value, field, path)
		default:
			l.value(value, field, path, place)
		}
	})
}

// value takes one setting. At says where a node is.
func (l *loader) value(node *yaml.Node, into reflect.Value, path string, at func(*yaml.Node) origin) {
	l.origins[path] = at(node)
	switch {
	case into.Kind() == reflect.Map:
		into.Set(reflect.ValueOf(l.texts(node, path, at)))
	case into.Kind() == reflect.Slice:
		into.Set(reflect.ValueOf(l.list(node, path, at)))
	case isNull(node):
		l.report(path, "has no value; the word null needs quotes, and so does an empty one", at(node))
	case node.Kind != yaml.ScalarNode || !fits(into, node):
		l.report(path, "must be "+expected(into), at(node))
	default:
		if reason := parse(into, node.Value); reason != "" {
			l.report(path, reason, at(node))
		}
	}
}

// texts takes a mapping of names to texts.
func (l *loader) texts(node *yaml.Node, path string, at func(*yaml.Node) origin) map[string]string {
	texts := map[string]string{}
	if isNull(node) {
		return texts
	}
	if node.Kind != yaml.MappingNode {
		l.report(path, "must be names with an expression each", at(node))
		return texts
	}
	l.pairs(node, path, at, func(key, value *yaml.Node, path string) {
		var text string
		l.value(value, reflect.ValueOf(&text).Elem(), path, at)
		texts[key.Value] = text
	})
	return texts
}

// list takes a sequence of texts.
func (l *loader) list(node *yaml.Node, path string, at func(*yaml.Node) origin) []string {
	texts := []string{}
	if isNull(node) {
		return texts
	}
	if node.Kind != yaml.SequenceNode {
		l.report(path, "must be a list, as in [ann, bob]", at(node))
		return texts
	}
	for i, item := range node.Content {
		var text string
		l.value(resolve(item), reflect.ValueOf(&text).Elem(), fmt.Sprintf("%s[%d]", path, i), at)
		texts = append(texts, text)
	}
	return texts
}

// pairs calls take for each key and value of a mapping. A key that is no text, or is there twice, is reported.
func (l *loader) pairs(node *yaml.Node, prefix string, at func(*yaml.Node) origin, take func(key, value *yaml.Node, path string)) {
	seen := map[string]bool{}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := resolve(node.Content[i]), resolve(node.Content[i+1])
		if key.Kind != yaml.ScalarNode {
			l.report(prefix, "a name must be a text", at(key))
			continue
		}
		path := strings.TrimPrefix(prefix+"."+key.Value, ".")
		if seen[key.Value] {
			l.report(path, "is given twice", at(key))
			continue
		}
		seen[key.Value] = true
		take(key, value, path)
	}
}

// resolve returns the node that an alias stands for. An alias can stand for no alias.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }
