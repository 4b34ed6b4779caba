package law

import (
	"slices"
	"strings"
	"testing"
)

// stations are the packages of the design and what each may import of this module.
var stations = map[string][]string{
	".":              {},
	"intent":         {},
	"mapping":        {},
	"okta":           {},
	"okta/oktasim":   {},
	"stream-handler": {"intent", "mapping"},
	"batcher":        {"intent", "mapping", "okta"},
}

// adapters implement the interfaces of the stations on a service each. They know those interfaces, the words in them,
// and one another's common ground; not the configuration, and not Okta.
var adapters = []string{"internal/dynamo", "internal/embedded", "internal/sqs"}

// TestImports keeps the import law: cmd over everything, internal over the stations, the stations as listed, and nobody
// over cmd.
func TestImports(t *testing.T) {
	found := 0
	for _, p := range packages(t) {
		allowed, isStation := stations[p.path()]
		if isStation {
			found++
		}
		for _, imported := range p.Imports {
			path := inModule(imported)
			switch {
			case path == "":
			case strings.HasPrefix(path, "cmd/"):
				t.Errorf("%s imports %s: nothing imports cmd", p.path(), path)
			case isStation && !slices.Contains(allowed, path):
				t.Errorf("%s imports %s: it may import %v", p.path(), path, allowed)
			case slices.Contains(adapters, p.path()) && slices.Contains([]string{"okta", "okta/oktasim", "internal/config"}, path):
				t.Errorf("%s imports %s: an adapter implements interfaces, and is told its settings", p.path(), path)
			}
		}
		if !isStation && !slices.Contains([]string{"internal", "cmd", "infra", "e2e"}, strings.Split(p.path(), "/")[0]) {
			t.Errorf("%s is no station: it belongs under internal", p.path())
		}
	}
	if found != len(stations) {
		t.Errorf("%d of %d stations are there", found, len(stations))
	}
}

// TestStationsKnowNoService keeps SDKs, databases and loggers out of the stations. Stream records have AWS's shape, which
// is aws-lambda-go's to describe.
func TestStationsKnowNoService(t *testing.T) {
	banned := map[string][]string{
		"github.com/aws/aws-sdk-go-v2": nil,
		"github.com/aws/aws-lambda-go": {"stream-handler"},
		"modernc.org/sqlite":           nil,
		"database/sql":                 nil,
		"github.com/spf13/cobra":       nil,
		"github.com/sirupsen/logrus":   {"batcher", "stream-handler"},
		"log":                          nil,
		"log/slog":                     nil,
	}
	for _, p := range packages(t) {
		if _, isStation := stations[p.path()]; !isStation {
			continue
		}
		for _, imported := range p.Imports {
			for root, except := range banned {
				if isUnder(imported, root) && !slices.Contains(except, p.path()) {
					t.Errorf("%s imports %s", p.path(), imported)
				}
			}
		}
	}
}

// TestOneHomeEach keeps what only one part may know in its place.
func TestOneHomeEach(t *testing.T) {
	homes := map[string][]string{
		"modernc.org/sqlite":     {"internal/embedded"},
		"go.yaml.in/yaml/v3":     {"internal/config"},
		"github.com/spf13/cobra": {"cmd/rollcall"},
		// Clients are configured by awssdk or, for the command line, by loadAWS.
		"github.com/aws/aws-sdk-go-v2/config": {"cmd/rollcall"},
		module + "/okta/oktasim":              {"cmd/rollcall", "internal/demo", "internal/local", "internal/sim"},
	}
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			for root, allowed := range homes {
				if isUnder(imported, root) && !slices.Contains(allowed, p.path()) {
					t.Errorf("%s imports %s: it belongs to %v", p.path(), imported, allowed)
				}
			}
		}
	}
}

// TestNames keeps out names that say nothing.
func TestNames(t *testing.T) {
	for _, p := range packages(t) {
		for _, word := range []string{"util", "utils", "helper", "helpers", "manager", "common", "misc", "data", "base"} {
			if p.Name == word || strings.HasSuffix(p.path(), "/"+word) {
				t.Errorf("%s: a package named %s", p.path(), word)
			}
		}
	}
}
