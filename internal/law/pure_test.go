package law

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// pure are the files whose functions depend on nothing but their arguments.
var pure = []string{
	"intent/codec.go", "stream-handler/decode.go", "batcher/coalesce.go", "batcher/guard.go", "batcher/fill.go",
	"mapping/profile.go", "mapping/rules.go", "mapping/column.go",
}

// TestPureFiles keeps contexts, clocks, randomness, loggers, the network and the file system out of the pure files.
func TestPureFiles(t *testing.T) {
	imports := []string{
		"context", "os", "io/fs", "net", "net/http", "log", "log/slog", "math/rand", "math/rand/v2", "crypto/rand", "sync",
		"github.com/sirupsen/logrus", "github.com/google/uuid",
	}
	calls := []string{"time.Now", "time.Since", "time.Until", "time.Sleep", "time.After", "time.NewTimer", "time.NewTicker"}
	root := moduleRoot(t)
	for _, name := range pure {
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, name), nil, 0)
		if err != nil {
			t.Error(err)
			continue
		}
		for _, spec := range file.Imports {
			if path, _ := strconv.Unquote(spec.Path.Value); slices.Contains(imports, path) {
				t.Errorf("%s imports %s", name, path)
			}
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok {
				if of, ok := selector.X.(*ast.Ident); ok && slices.Contains(calls, of.Name+"."+selector.Sel.Name) {
					t.Errorf("%s uses %s.%s", name, of.Name, selector.Sel.Name)
				}
			}
			return true
		})
	}
}

func moduleRoot(t *testing.T) string {
	t.Helper()
	for _, p := range packages(t) {
		if p.path() == "." {
			return p.Dir
		}
	}
	t.Fatal("the module has no package in its root")
	return ""
}
