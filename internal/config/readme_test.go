package config

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "rewrite the table of settings in README.md")

const (
	readme     = "../../README.md"
	tableStart = "<!-- settings: go test ./internal/config -update -->\n"
	tableEnd   = "<!-- end of settings -->\n"
)

// TestReadmeTableIsTrue keeps the README's table equal to the settings, their defaults, and their comments in config.go.
func TestReadmeTableIsTrue(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), tableStart)
	old, after, ended := strings.Cut(rest, tableEnd)
	if !ok || !ended {
		t.Fatalf("README.md has no table of settings between the lines\n%s%s", tableStart, tableEnd)
	}
	table := settingsTable(t)
	if old == table {
		return
	}
	if !*update {
		t.Fatal("README.md's table of settings is not true: run go test ./internal/config -update")
	}
	if err := os.WriteFile(readme, []byte(before+tableStart+table+tableEnd+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func settingsTable(t *testing.T) string {
	t.Helper()
	meanings := fieldComments(t)
	var table strings.Builder
	table.WriteString("| setting | variable | default | unit | meaning |\n| --- | --- | --- | --- | --- |\n")
	for _, s := range Settings() {
		owner, field := ownerOf(s)
		meaning, ok := strings.CutPrefix(meanings[owner+"."+field], field+" ")
		if !ok {
			t.Fatalf("the comment of %s.%s does not start with its name", owner, field)
		}
		path := s.Path
		if path == "" {
			path = "–"
		} else {
			path = "`" + path + "`"
		}
		fmt.Fprintf(&table, "| %s | `%s` | %s | %s | %s |\n", path, s.Variable, defaultOf(s), s.Unit, escape(strings.TrimPrefix(meaning, "is ")))
	}
	return table.String()
}

// ownerOf returns the names of the struct and the field that hold a setting.
func ownerOf(s Setting) (owner, field string) {
	section := reflect.TypeFor[Config]()
	for _, i := range s.index[:len(s.index)-1] {
		section = section.Field(i).Type
	}
	return section.Name(), section.Field(s.index[len(s.index)-1]).Name
}

func defaultOf(s Setting) string {
	value := reflect.ValueOf(Default()).FieldByIndex(s.index)
	switch {
	case s.Path == "mapping.profile":
		return "see [rollcall.yaml](rollcall.yaml)"
	case value.Kind() == reflect.Slice && value.Len() == 0, value.Kind() == reflect.String && value.Len() == 0:
		return ""
	case value.Type() == reflect.TypeFor[time.Duration]():
		return "`" + time.Duration(value.Int()).String() + "`"
	}
	return fmt.Sprintf("`%v`", value)
}

func escape(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;").Replace(strings.Join(strings.Fields(text), " "))
}

// fieldComments returns the comments of config.go's fields, by "Struct.Field".
func fieldComments(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.TypeSpec)
		if !ok {
			return true
		}
		if section, ok := spec.Type.(*ast.StructType); ok {
			for _, field := range section.Fields.List {
				for _, name := range field.Names {
					comments[spec.Name.Name+"."+name.Name] = field.Doc.Text()
				}
			}
		}
		return true
	})
	return comments
}
