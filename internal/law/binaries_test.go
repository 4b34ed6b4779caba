package law

import (
	"slices"
	"testing"
)

// functions are the binaries that run on AWS.
var functions = []string{"cmd/stream-handler", "cmd/flusher", "cmd/items-api"}

// TestBinariesLink keeps out of the binaries what would only make them larger or slower to start: big libraries that
// have no place here, and in the functions what is for local mode.
func TestBinariesLink(t *testing.T) {
	never := []string{
		"github.com/okta/okta-sdk-golang", "github.com/google/cel-go", "cel.dev/expr", "github.com/bytedance/sonic",
		"github.com/stretchr/testify", "testing", module + "/internal/contract", module + "/internal/sim",
	}
	local := []string{
		"modernc.org/sqlite", module + "/internal/embedded", module + "/internal/local", module + "/okta/oktasim",
		"github.com/spf13/cobra",
	}
	binaries := map[string][]string{
		"cmd/rollcall":       never,
		"cmd/flusher":        slices.Concat(never, local),
		"cmd/items-api":      slices.Concat(never, local),
		"cmd/stream-handler": slices.Concat(never, local),
	}
	for _, p := range packages(t) {
		if p.Name != "main" || !slices.Contains(append(functions, "cmd/rollcall"), p.path()) {
			continue
		}
		for _, dep := range p.Deps {
			for _, root := range binaries[p.path()] {
				if isUnder(dep, root) {
					t.Errorf("%s links %s", p.path(), dep)
				}
			}
		}
		delete(binaries, p.path())
	}
	for path := range binaries {
		t.Errorf("there is no %s", path)
	}
}
