package main

import (
	"context"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"rollcall/internal/embedded"
	"rollcall/internal/items"
)

// TestMain lets scripts run this program under its name.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"rollcall": func() { os.Exit(process()) },
	})
}

// TestScripts runs testdata/script. Besides rollcall a script has items-api, which serves an empty table until the script
// ends and sets ITEMS_URL, and the other commands of houseCommands.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Cmds:                houseCommands,
		Setup: func(env *testscript.Env) error {
			env.Setenv("ROLLCALL_GATHER_QUIET", "200ms") // nobody waits for bursts here
			return nil
		},
	})
}

func serveItems(ts *testscript.TestScript, _ bool, _ []string) {
	db, err := embedded.Open(ts.MkAbs("items"))
	ts.Check(err)
	table, err := db.Table(context.Background(), embedded.TableOptions{
		Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}},
	})
	ts.Check(err)
	api := httptest.NewServer(&items.Handler{Table: table})
	ts.Defer(func() {
		api.Close()
		ts.Check(db.Close())
	})
	ts.Setenv("ITEMS_URL", api.URL+"/items")
}

// TestEveryCommandHasAnExample walks the commands: help without an example, or a command that takes no notice of
// arguments it does not know, fails.
func TestEveryCommandHasAnExample(t *testing.T) {
	var walk func(*cobra.Command)
	walk = func(cmd *cobra.Command) {
		if !strings.Contains(cmd.Example, cmd.CommandPath()) {
			t.Errorf("%s: its help has no example that runs it", cmd.CommandPath())
		}
		if cmd.Short == "" || cmd.RunE == nil || cmd.Args == nil {
			t.Errorf("%s: needs Short, RunE and Args", cmd.CommandPath())
		}
		for _, child := range cmd.Commands() {
			walk(child)
		}
	}
	walk(newRoot())
}
