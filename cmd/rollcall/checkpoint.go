package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"rollcall/internal/checkpoint"
)

func registerCheckpoint(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "checkpoint", "",
		"file that remembers how far it came, removed when done; by default under ~/.local/state/rollcall, named after the source")
}

// openCheckpoint opens the checkpoint of a source and says so if it goes on from one.
func openCheckpoint(cmd *cobra.Command, path, source string) (*checkpoint.File, error) {
	if path == "" {
		var err error
		if path, err = checkpoint.Path(source); err != nil {
			return nil, err
		}
	}
	file, err := checkpoint.Open(path, source)
	if err != nil {
		return nil, err
	}
	if !file.Resumed.IsZero() {
		fmt.Fprintf(cmd.ErrOrStderr(), "going on from where it stopped at %s; to begin anew delete %s\n", moment(file.Resumed), path)
	}
	return file, nil
}

// errInterrupted is what is left to say of a command with a checkpoint that was told to end.
var errInterrupted = errors.New("interrupted: start it again and it goes on where it stopped")

// interrupted makes an error that stands for an interruption errInterrupted, where there is a checkpoint to go on from.
func interrupted(err error, file *checkpoint.File) error {
	if file != nil && errors.Is(err, context.Canceled) {
		return errInterrupted
	}
	return err
}

// place names what the target's table is, for the name of a checkpoint.
func (f *targetFlags) place(t *target) string {
	if t.House == nil {
		return t.Config.Table
	}
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return f.dir
	}
	return dir
}
