package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/internal/credential"
	"rollcall/internal/enqueue"
	"rollcall/internal/progress"
	"rollcall/internal/scan"
	"rollcall/internal/sync"
)

// syncOptions are the flags of rollcall sync.
type syncOptions struct {
	target            targetFlags
	output            outputFlags
	write             writeFlags
	checkpoint        checkpointFlags
	segments          int
	readRate          rateFlag
	activeOnly        bool
	deactivateMissing bool
	// approve is how many deactivations are approved, where approveSaid says that it was given.
	approve     int
	approveSaid bool
}

// onlyIntents is what the help of each command that recovers says.
const onlyIntents = `
It enqueues who is to be looked at and nothing else: what Okta is told is decided by the state of the table when that is
flushed. So it is safe to run at any time, twice, or in the wrong order, also while the table changes.`

func newSync() *cobra.Command {
	o := syncOptions{target: targetFlags{scopes: credential.ToCompare}}
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Enqueue everyone in the table",
		Long: `Enqueue everyone in the table who matches, to be told to Okta as the table has them.
` + onlyIntents + `

Without --deactivate-missing an empty, wrong or half restored table deactivates nobody for not being in it. Those whose
item is there and inactive are deactivated, as far as the guard lets them; --active-only leaves them out.

With --deactivate-missing it asks Okta first whom it has, then reads the table, and shows how many it would create, change
and deactivate before it asks. What is confirmed passes the guard, and no more than that is enqueued: who answers yes at the
terminal approves the deactivations shown, and --approve-deactivations N approves them if they are N at most. Are they
more, nothing is enqueued and the exit code is 1. With --yes alone nobody approved them: they are left out, and the others
are enqueued. People whom guard.protect names by externalId are left out always; an expression of it judges items, and those
missing have none.

A sync that was interrupted goes on where it stopped when it is started again within a day. One with --deactivate-missing
begins anew: it enqueues nothing before its look is complete.`,
		Example: `  rollcall sync --config rollcall.yaml
  rollcall sync --segments 8 --read-rate 1000
  rollcall sync --deactivate-missing --dry-run
  rollcall sync --deactivate-missing --yes --approve-deactivations 12`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return o.run(cmd) },
	}
	o.target.register(cmd)
	o.write.register(cmd)
	flags := cmd.Flags()
	flags.IntVar(&o.segments, "segments", scan.DefaultSegments, "parts of the table that are read side by side")
	o.readRate.register(cmd)
	flags.BoolVar(&o.activeOnly, "active-only", false, "leave out people who are inactive in the table")
	flags.BoolVar(&o.deactivateMissing, "deactivate-missing", false, "deactivate whom Okta has and the table has not, after asking")
	flags.IntVar(&o.approve, "approve-deactivations", 0, "approve the deactivations if they are so many at most, with --deactivate-missing")
	o.checkpoint.register(cmd)
	o.output.register(cmd)
	return cmd
}

func (o *syncOptions) run(cmd *cobra.Command) (err error) {
	o.approveSaid = cmd.Flags().Changed("approve-deactivations")
	switch {
	case o.segments < 1 || o.segments > 1_000_000:
		return usageError(errors.New("--segments is 1 to 1000000"))
	case o.approveSaid && !o.deactivateMissing:
		return usageError(errors.New("--approve-deactivations is for --deactivate-missing"))
	case o.approve < 0:
		return usageError(errors.New("--approve-deactivations is 0 or more"))
	case o.checkpoint.given() && o.deactivateMissing:
		return usageError(errors.New("--checkpoint and --restart are of no use to --deactivate-missing, which begins anew each time"))
	case o.activeOnly && o.deactivateMissing:
		return usageError(errors.New("--active-only and --deactivate-missing say opposite things"))
	}
	t, err := o.target.open(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	rate, err := o.readRate.of(cmd, t.Config)
	if err != nil {
		return err
	}
	table := t.pages(rate)
	options := sync.Options{
		Partition: t.Config.Key.Partition, Sort: t.Config.Key.Sort, ActiveOnly: o.activeOnly, Segments: o.segments,
	}
	if o.deactivateMissing {
		return o.survey(cmd, t, table, options)
	}
	return o.everyone(cmd, t, table, options)
}

// everyone enqueues whom the table has.
func (o *syncOptions) everyone(cmd *cobra.Command, t *target, table scan.Pages, options sync.Options) (err error) {
	what := fmt.Sprintf("sync --segments %d --active-only=%t", o.segments, o.activeOnly)
	queue := enqueue.Queue(t.Queue)
	if o.write.dryRun {
		queue = nil
	} else if options.Checkpoint, err = o.checkpoint.open(cmd, what, t); err != nil {
		return err
	}
	total, err := t.Table.Count(cmd.Context())
	if err != nil {
		return err
	}
	bar := progress.Start(cmd.ErrOrStderr(), "items", int(total))
	var before sync.Report // of the part before an interruption
	if err := options.Checkpoint.Done(&before); err != nil {
		return err
	}
	bar.Add(before.Items)
	options.Progress = bar.Add
	report, err := sync.Sync(cmd.Context(), table, t.Mapping, queue, options)
	bar.Stop()
	return errors.Join(o.report(cmd, report), stopped(err, options.Checkpoint))
}

// report prints what was done.
func (o *syncOptions) report(cmd *cobra.Command, r sync.Report) error {
	if o.output.json() {
		if err := o.output.document(cmd, r, table{}); err != nil {
			return err
		}
	}
	o.output.summary(cmd, "%s of %s: %d not people, %d inactive and left out, %s%s",
		done(o.write.dryRun, counted(r.Enqueued, "person", "people")), counted(r.Items, "item", "items"), r.Others, r.Inactive,
		counted(r.Rejects, "reject", "rejects"), wentOn(r.Interruptions))
	return nil
}

// done says what was enqueued, or would be.
func done(dryRun bool, what string) string {
	if dryRun {
		return "would enqueue " + what
	}
	return "enqueued " + what
}
