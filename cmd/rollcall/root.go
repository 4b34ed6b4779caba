package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes of every command.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitPending   = 3 // plan: there are changes to make
	exitUnhealthy = 4 // status, doctor
)

// exitError is an error that ends the command with a code of its own. Without err nothing is printed: the command has
// said what there is to say.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// run is the whole program but for the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	if exit, ok := errors.AsType[*exitError](err); ok {
		if exit.err != nil {
			fmt.Fprintf(stderr, "rollcall: %v\n", exit.err)
		}
		return exit.code
	}
	fmt.Fprintf(stderr, "rollcall: %v\n", err)
	return exitFailed
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "rollcall",
		Short: "Keep an Okta org's people in step with a DynamoDB table",
		Example: `  rollcall demo
  rollcall local --rate-limit 0 --cooldown 0
  rollcall config check rollcall.yaml
  rollcall status`,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError(fmt.Errorf("unknown command %q for %q: see rollcall --help", args[0], cmd.CommandPath()))
			}
			return cmd.Help()
		},
		Args: cobra.ArbitraryArgs,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError(fmt.Errorf("%w: see %s --help", err, cmd.CommandPath()))
	})
	root.AddCommand(commands()...)
	return root
}

// commands are the commands of rollcall, one file each.
func commands() []*cobra.Command {
	return []*cobra.Command{
		newConfig(),
		newMapping(),
		newPopulate(),
		newVersion(),
		newOktasim(),
		newDemo(),
		newLocal(),
		newHeld(),
		newRejects(),
		newDeactivate(),
		newPause(),
		newResume(),
		newObserve(),
		newStatus(),
		newSessions(),
		newFlush(),
		newDoctor(),
		newSetup(),
		newPlan(),
		newExplain(),
		newSync(),
		newReplay(),
	}
}

func usageError(err error) error { return &exitError{code: exitUsage, err: err} }

// usageArgs makes a check of positional arguments a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return usageError(fmt.Errorf("%w: see %s --help", err, cmd.CommandPath()))
		}
		return nil
	}
}
