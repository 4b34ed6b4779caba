package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"rollcall/internal/replay"
)

func newReplayFile() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "file FILE|-",
		Short: "Replay a file of JSON lines",
		Long: `Replay a file of JSON lines, or standard input for -. Each line is a stream record, a payload as Lambda delivers it, a
record of the on-failure bucket, or a line of a full or incremental export, told apart by its shape. A line that is none of
those is named, and the rest goes on; the exit code is then 1.
` + onlyIntents + `

A replay that was interrupted goes on where it stopped when it is started again within a day, unless it read standard
input.`,
		Example: `  rollcall replay file records.jsonl
  zcat export/data/*.json.gz | rollcall replay file - --data .rollcall --dry-run`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.file(cmd, args[0]) },
	}
	f.register(cmd, true)
	return cmd
}

func (f *replayFlags) file(cmd *cobra.Command, path string) (err error) {
	var in io.Reader
	var source replaySource
	if path == "-" {
		in, path = cmd.InOrStdin(), "standard input"
	} else {
		file, problem := os.Open(path)
		if problem != nil {
			return fmt.Errorf("open file: %w", problem)
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		if source.name, err = fileSource(path, file); err != nil {
			return err
		}
		in = file
	}
	if source.name == "" && f.checkpoint.given() {
		return usageError(errors.New("--checkpoint and --restart are for a file: standard input cannot be read twice"))
	}
	source.read = func(ctx context.Context, _ *target, o replay.Options) (replay.Report, error) {
		return replay.File(ctx, path, in, o)
	}
	return f.run(cmd, source)
}

// fileSource names a file as it is now: one that was written since is another.
func fileSource(path string, file *os.File) (string, error) {
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("open file: %w", err)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("open file: %w", err)
	}
	return fmt.Sprintf("file %s of %d bytes of %s", full, info.Size(), info.ModTime().UTC().Format("2006-01-02T15:04:05.999999999")), nil
}
