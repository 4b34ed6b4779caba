package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"rollcall/internal/checkpoint"
	"rollcall/internal/progress"
	"rollcall/internal/replay"
)

func newReplay() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Bring records back: failed ones, those of the stream, of an export, or of a file",
		Long: `Bring records back, and enqueue whom they are about. Only a record that somebody's item was deleted, or became another's or
nobody's, asks for a deactivation; any other asks for an upsert, also of an inactive item. So nobody whose item is missing
now is deactivated unless a record said that they left.
` + onlyIntents,
		Example: `  rollcall replay stream --since 2h
  rollcall replay file records.jsonl`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newReplayQueue(), newReplayBucket(), newReplayStream(), newReplayExport(), newReplayFile())
	return cmd
}

// replayFlags are the flags of each source.
type replayFlags struct {
	target     targetFlags
	output     outputFlags
	dryRun     bool
	checkpoint checkpointFlags
}

// register adds the flags; resumable are those of a source that does not remember by itself what was done.
func (f *replayFlags) register(cmd *cobra.Command, resumable bool) {
	f.target.register(cmd)
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "read and count, and enqueue nothing")
	if resumable {
		f.checkpoint.register(cmd)
	}
	f.output.register(cmd)
}

// replaySource reads a source on a target.
type replaySource struct {
	// name names the source and what of it is read, for its checkpoint; empty for one that has none.
	name string
	// parts is what replay.Options.Parts counts; empty where records are all that can be counted.
	parts string
	read  func(context.Context, *target, replay.Options) (replay.Report, error)
}

// onAWS is run of a source that is nowhere else.
func (f *replayFlags) onAWS(cmd *cobra.Command, what string, source replaySource) error {
	if f.target.dir != "" {
		return usageError(fmt.Errorf("%s is on AWS only: a local house has none; replay file and sync work on it", what))
	}
	return f.run(cmd, source)
}

// run replays a source, and ends with exit code 1 where some of it could not be.
func (f *replayFlags) run(cmd *cobra.Command, source replaySource) (err error) {
	t, err := f.target.open(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	o := replay.Options{Mapping: t.Mapping, Partition: t.Config.Key.Partition, Sort: t.Config.Key.Sort}
	if !f.dryRun {
		o.Queue = t.Queue
		if o.Checkpoint, err = f.goOn(cmd, source, t); err != nil {
			return err
		}
	}
	bar := source.bar(cmd.ErrOrStderr(), &o)
	o.Problem = func(p replay.Problem) { bar.Printf("%s", problemLine(p)) }
	report, failure := source.read(cmd.Context(), t, o)
	bar.Stop()
	if report.More > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "and %s that %s not shown\n", counted(report.More, "problem", "problems"), plural(report.More, "is", "are"))
	}
	if err := f.report(cmd, report); err != nil || failure != nil {
		return errors.Join(stopped(failure, o.Checkpoint), err)
	}
	if report.ProblemCount() > 0 {
		return &exitError{code: exitFailed}
	}
	return nil
}

// goOn opens the source's checkpoint, if it has one, and tells the problems of the part before an interruption, which
// count as those of this one do.
func (f *replayFlags) goOn(cmd *cobra.Command, source replaySource, t *target) (*checkpoint.File, error) {
	if source.name == "" {
		return nil, nil
	}
	file, err := f.checkpoint.open(cmd, "replay "+source.name, t)
	if err != nil {
		return nil, err
	}
	var before replay.Report
	if err := file.Done(&before); err != nil {
		return nil, err
	}
	for _, p := range before.Problems {
		fmt.Fprintf(cmd.ErrOrStderr(), "before that: %s\n", problemLine(p))
	}
	return file, nil
}

// bar counts the source's parts towards their number, or else its records.
func (s replaySource) bar(out io.Writer, o *replay.Options) *progress.Bar {
	if s.parts == "" {
		bar := progress.Start(out, "records", 0)
		o.Progress = bar.Add
		return bar
	}
	bar := progress.Start(out, s.parts, 0)
	records := 0
	o.Parts = bar.Set
	o.Progress = func(n int) {
		records += n
		bar.Note(counted(records, "record", "records"))
	}
	return bar
}

// problemLine is a problem, with what to do about it where there is something.
func problemLine(p replay.Problem) string {
	switch p.Kind {
	case replay.Lost:
		return p.String() + ": rollcall sync recovers whom they are about"
	case replay.Elsewhere:
		return p.String() + ": bring them back with rollcall replay queue"
	}
	return p.String()
}

// report prints what was done. The problems were told when they were met.
func (f *replayFlags) report(cmd *cobra.Command, r replay.Report) error {
	if f.output.json() {
		if err := f.output.document(cmd, r, table{}); err != nil {
			return err
		}
	}
	what := fmt.Sprintf("%s and %s", counted(r.Upserts, "upsert", "upserts"), counted(r.Deactivations, "deactivation", "deactivations"))
	older := ""
	if r.Older > 0 {
		older = fmt.Sprintf("%d older, ", r.Older)
	}
	f.output.summary(cmd, "%s of %s: %s%d nothing to Okta, %s, %s%s%s%s", done(f.dryRun, what), counted(r.Records, "record", "records"),
		older, r.Ignored, counted(r.Rejects, "reject", "rejects"), counted(r.ProblemCount(), "problem", "problems"), openShards(r), later(r), wentOn(r.Interruptions))
	return nil
}

// openShards says how the end of shards was found that have none yet.
func openShards(r replay.Report) string {
	if r.Idle == 0 {
		return ""
	}
	return fmt.Sprintf("; %s still open and read until nothing came", counted(r.Idle, "shard is", "shards are"))
}

// later says what another run is needed for.
func later(r replay.Report) string {
	if r.Until.IsZero() {
		return ""
	}
	return fmt.Sprintf("; failures put there since %s need another run", moment(r.Until))
}
