package config

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"
)

// asYAML fails the test if plain reads a file otherwise than yaml.v3 does, and reports whether plain reads it.
func asYAML(t *testing.T, file []byte) bool {
	t.Helper()
	got := plain(file)
	if got == nil {
		return false
	}
	decoder := yaml.NewDecoder(bytes.NewReader(file))
	var document, second yaml.Node
	if err := decoder.Decode(&document); err != nil {
		t.Fatalf("plain reads what is not YAML, %v:\n%s", err, file)
	}
	if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
		t.Errorf("plain reads one of several documents, %v:\n%s", err, file)
	}
	comments := cmpopts.IgnoreFields(yaml.Node{}, "HeadComment", "LineComment", "FootComment")
	if diff := cmp.Diff(document.Content[0], got, comments); diff != "" {
		t.Errorf("(-yaml.v3 +plain):\n%s\n%s", diff, file)
	}
	return true
}

func TestConfigurationsAreReadPlainly(t *testing.T) {
	file, err := os.ReadFile("../../rollcall.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{
		string(file), "table: staff", "a:\n  b:\n    c: d\n  e: f\ng: h\n", "a: b # c\n\n# d\n  # e\nf:   # g\n  h: i", "match: kind == \"person\"",
		"match: 'kind == \"person\" # x'", "a: [b, 'c',\"d\"  , 1 ] # e", "a: {}\nb: []\nc: {d: e,f: \"\"}", "a: 1s\nb: 20\nc: 0.85\nd: true\ne: 500ms",
		"a: b:c", "a: b ? c", "a: x - y",
	} {
		if !asYAML(t, []byte(text)) {
			t.Errorf("left to yaml.v3:\n%s", text)
		}
	}
}

func TestOtherFilesAreLeftToYAML(t *testing.T) {
	for _, text := range []string{
		"", "# nothing", "a", "- a", "a:", "a:\nb: c", "a: b\n  c: d", "a: b\n  c", "a:\n    b: c\n  d: e", " a: b", "a: b\n c: d", "a:\tb", "a: é", "é: a",
		"a: b: c", "a: b:", "a: b ? c : d", "a:b", "a: &b c", "a: *b", "a: !!str b", "a: |\n  b", "a: >\n  b", "a: \"b\\n\"", "a: 'it''s'", "a: \"b\"#c", "a: \"b\" c",
		"a: {b: {c: d}}", "a: [[b]]", "a: {b}", "a: {b: }", "a: [b,]", "a: [b", "a: {b: c", "a: [b c: d]", "a: [b]c", "a: {b: c}#d", "a: null", "a: ~",
		"a: Null", "a: TRUE", "null: a", "true: a", "a: 010", "a: 1e3", "a: -1", "a: +1", "a: .5", "a: 5.", "a: 0x1f", "a: 1_000", "a: 2026-01-31", "a: 1.2.3",
		"---\na: b", "a: b\n---\nc: d", "a: b\n...", "%YAML 1.2", "? a\n: b", "<<: a", "a: b\r\nc: d", "a: @b", "a: `b`", "a: %b", "\"a\": b", "a: , b",
		strings.Repeat("a", 1100) + ": b",
	} {
		if plain([]byte(text)) != nil {
			t.Errorf("read plainly:\n%s", text)
		}
	}
}

// pieces are what FuzzPlain puts files together of.
var pieces = strings.Split("a|key|true|null|1|0|0.5|1s|\"q\"|''|'\\\"'|:|: |:  |{|}|{}|[|]|[]|,|, |,  | #| # c|#|\n|\n\n|\n  |\n   |\n    |\n# c\n| |  |a: b|\na:\n  b: |\n  b: c|x + \" \" + y|?|-|- |&|*|!|%|@|<<|.|~|e3|010", "|")

// FuzzPlain looks for files that yaml.v3 reads otherwise: the bytes themselves, and what they stand for as pieces.
func FuzzPlain(f *testing.F) {
	for _, text := range []string{
		"a: b\nc:\n  d: [e, 'f', \"g\"]\n  h: {i: 1, j: 0.5}\n# k\nl: m # n\n", "a: b + \" \" + c\n", "guard: {min: 20, protect: []}", "a:\n  b: c\n  \n   # d\n  e: f",
		"a: {b: c , d: \"e\"  }  # f", "a: b#c", "a: 'b' # c", "a: b c: d",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		asYAML(t, file)
		var text []byte
		for _, b := range file {
			text = append(text, pieces[int(b)%len(pieces)]...)
		}
		asYAML(t, text)
	})
}
