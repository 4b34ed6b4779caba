package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
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
		Long: `Replay a file of JSON lines, or standard input for -, packed with gzip or not. Each line is a stream record, a payload as Lambda delivers it, a
record of the on-failure bucket, or a line of a full or incremental export, told apart by its shape. A line that is none of
those is named, and the rest goes on; the exit code is then 1.
` + onlyIntents + `

A replay that was interrupted goes on where it stopped when it is started again within a day, unless it read standard
input.`,
		Example: `  rollcall replay file records.jsonl
  cat export/data/*.json.gz | rollcall replay file - --data .rollcall --dry-run`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return f.file(cmd, args[0]) },
	}
	f.register(cmd, true)
	return cmd
}

func (f *replayFlags) file(cmd *cobra.Command, path string) (err error) {
	if path == "-" {
		if f.checkpoint.given() {
			return usageError(errors.New("--checkpoint and --restart are for a file: standard input cannot be read twice"))
		}
		return f.run(cmd, replaySource{read: func(ctx context.Context, _ *target, o replay.Options) (replay.Report, error) {
			in, err := unpacked(bufio.NewReader(interruptible(ctx, cmd.InOrStdin())))
			if err != nil {
				return replay.Report{}, err
			}
			return replay.File(ctx, "standard input", in, o)
		}})
	}
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open file: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	name, size, err := fileSource(path, file)
	if err != nil {
		return err
	}
	return f.run(cmd, replaySource{
		name: name, parts: "KB",
		read: func(ctx context.Context, _ *target, o replay.Options) (replay.Report, error) {
			in, err := openLines(file, func(read int64) { o.Parts(int(read/1000), int(size/1000)) })
			if err != nil {
				return replay.Report{}, err
			}
			return replay.File(ctx, path, in, o)
		},
	})
}

// fileSource names a file as it is now, one that was written since being another, and tells its size in bytes.
func fileSource(path string, file *os.File) (name string, size int64, err error) {
	info, err := file.Stat()
	if err != nil {
		return "", 0, fmt.Errorf("open file: %w", err)
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return "", 0, fmt.Errorf("open file: %w", err)
	}
	return fmt.Sprintf("file %s of %d bytes of %s", full, info.Size(), info.ModTime().UTC().Format("2006-01-02T15:04:05.999999999")),
		info.Size(), nil
}
