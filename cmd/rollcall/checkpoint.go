package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/internal/checkpoint"
	"rollcall/internal/config"
)

// checkpointFlags are the flags of a command that goes on where it was interrupted.
type checkpointFlags struct {
	path    string
	restart bool
}

func (f *checkpointFlags) register(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.path, "checkpoint", "",
		"file that remembers how far it came, removed when done; by default under ~/.local/state/rollcall, one for each source and deployment")
	cmd.Flags().BoolVar(&f.restart, "restart", false, "begin anew, whatever an interrupted run left")
}

// given says that a flag was given.
func (f *checkpointFlags) given() bool { return f.path != "" || f.restart }

// open opens the checkpoint of what a command does on a target, and says so if it goes on from one, or could have.
func (f *checkpointFlags) open(cmd *cobra.Command, what string, t *target) (*checkpoint.File, error) {
	source := what + " on " + t.identity()
	path := f.path
	if path == "" {
		var err error
		if path, err = checkpoint.Path(source); err != nil {
			return nil, err
		}
	}
	file, err := checkpoint.Open(path, source, f.restart)
	if err != nil {
		return nil, err
	}
	switch {
	case !file.Resumed.IsZero():
		fmt.Fprintf(cmd.ErrOrStderr(), "going on from where it stopped at %s, by %s; --restart begins anew\n", moment(file.Resumed), path)
	case !file.Dropped.IsZero():
		fmt.Fprintf(cmd.ErrOrStderr(), "beginning anew: the run that stopped at %s, by %s, is more than 24 hours old\n", moment(file.Dropped), path)
	}
	return file, nil
}

// identity names what a target is to a checkpoint: with another queue, table, mapping or key the positions, and what was
// enqueued till there, are of no use.
func (t *target) identity() string {
	rules := struct {
		Mapping         config.Mapping
		Key             config.Key
		ExternalIDIndex string
	}{t.Config.Mapping, t.Config.Key, t.Config.ExternalIDIndex}
	text, _ := json.Marshal(rules) // of strings alone
	sum := sha256.Sum256(text)
	return fmt.Sprintf("%s, table %s, mapping %s", t.Where, t.Config.Table, hex.EncodeToString(sum[:8]))
}

// stopped adds to why a run ended before it was done where its checkpoint is.
func stopped(err error, file *checkpoint.File) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	switch path := file.Kept(); {
	case file == nil:
		return err
	case path == "":
		return fmt.Errorf("%w: nothing was enqueued yet", err)
	default:
		return fmt.Errorf("%w: started again within a day it goes on from there, by %s; --restart begins anew", err, path)
	}
}

// wentOn is what the line at the end says of a run that was interrupted so often, and whose counts are of all its parts.
func wentOn(interruptions int) string {
	switch interruptions {
	case 0:
		return ""
	case 1:
		return "; in all, with what was done before an interruption"
	}
	return fmt.Sprintf("; in all, with what was done before %d interruptions", interruptions)
}
