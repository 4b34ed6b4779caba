package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// writeFlags are the flags of a command that changes something.
type writeFlags struct {
	yes, dryRun bool
}

func (f *writeFlags) register(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.yes, "yes", false, "do not ask")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and do nothing")
}

// errDeclined is the answer no.
var errDeclined = errors.New("nothing was done")

// confirm asks the person at the terminal, unless --yes was given. It returns nil only for a yes.
func (f *writeFlags) confirm(cmd *cobra.Command, question string) error {
	if f.yes {
		return nil
	}
	if file, ok := cmd.InOrStdin().(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return usageError(errors.New("there is no terminal to ask at: give --yes, or look with --dry-run"))
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s [y/N] ", question)
	return ask(cmd.Context(), cmd.InOrStdin())
}

// ask reads an answer, and returns nil only for a yes. It does not wait longer than the context lasts: Ctrl-C is an
// answer too.
func ask(ctx context.Context, in io.Reader) error {
	answer, _ := bufio.NewReader(interruptible(ctx, in)).ReadString('\n') // what came before an error is the answer
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted: %w", errDeclined)
	}
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return nil
	}
	return errDeclined
}

// operatorName is who works at this terminal, as it is noted with what was changed.
func operatorName() string {
	name := "somebody"
	if u, err := user.Current(); err == nil && u.Username != "" {
		name = u.Username
	}
	if host, err := os.Hostname(); err == nil && host != "" {
		name += "@" + host
	}
	return name
}

// work is something to do with a number of things.
type work struct {
	// verb and done are what is done: "release", "released".
	verb, done string
	n          int
	// one and many are what it is done with: "person", "people".
	one, many string
	// remark follows the summary, if set.
	remark string
}

// do asks and does it, or says with --dry-run what would be done. With nothing to do it with nothing is asked.
func (f *writeFlags) do(cmd *cobra.Command, out outputFlags, w work, do func() error) error {
	with := counted(w.n, w.one, w.many)
	if f.dryRun {
		out.summary(cmd, "would %s %s%s", w.verb, with, w.remark)
		return nil
	}
	if w.n > 0 {
		if err := f.confirm(cmd, fmt.Sprintf("%s %s?", w.verb, with)); err != nil {
			return err
		}
		if err := do(); err != nil {
			return fmt.Errorf("%s: %w", w.verb, err)
		}
	}
	out.summary(cmd, "%s %s%s", w.done, with, w.remark)
	return nil
}
