package main

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/spf13/cobra"

	"rollcall/internal/credential"
	"rollcall/internal/dynamo"
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
	readRate          float64
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
are enqueued. People whom guard.protect names are left out always.

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
	flags.IntVar(&o.segments, "segments", scan.DefaultSegments, "parts of the table that are read side by side; a local house has one")
	flags.Float64Var(&o.readRate, "read-rate", 200, "most read units a second; 0 is no limit, and a local house has none")
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
	case o.readRate < 0:
		return usageError(errors.New("--read-rate is 0 or more"))
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
	table, err := o.pages(cmd, t)
	if err != nil {
		return err
	}
	options := sync.Options{
		Partition: t.Config.Key.Partition, Sort: t.Config.Key.Sort, ActiveOnly: o.activeOnly, Segments: o.segments,
	}
	if o.deactivateMissing {
		return o.survey(cmd, t, table, options)
	}
	return o.everyone(cmd, t, table, options)
}

// pages is the table as it is read at the command's rate. A local house has one segment.
func (o *syncOptions) pages(cmd *cobra.Command, t *target) (scan.Pages, error) {
	if t.House != nil {
		o.segments = 1
		return t.House, nil
	}
	return dynamo.NewTable(dynamodb.NewFromConfig(t.SDK), dynamo.TableOptions{
		Name: t.Config.Table, Attributes: t.Mapping.Attributes(), ReadRate: o.readRate,
	}), nil
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
