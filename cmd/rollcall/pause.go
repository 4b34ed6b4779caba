package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/batcher"
)

// mode is what an operator lets the flusher do.
type mode struct {
	use, short, long string
	set              func(batcher.Operator, context.Context) error
	// done is the summary, would the one of --dry-run.
	done, would string
}

func newPause() *cobra.Command {
	return newMode(mode{
		use: "pause", short: "Stop every flush before it receives anything",
		long: `Stop every flush before it receives anything. Changes wait in the queue, for 14 days on AWS; a flush that is at work
finishes, and sessions that Okta is importing go on. The pause outlives restarts and deployments: only rollcall resume, or
rollcall observe, ends it.`,
		set: batcher.Operator.Pause, done: "paused", would: "pause",
	})
}

func newResume() *cobra.Command {
	return newMode(mode{
		use: "resume", short: "End a pause or observe-only, and any waiting after failures",
		long: `End a pause or observe-only, and any waiting after failures. What waited in the queue is told by the table as it is
now.`,
		set: batcher.Operator.Resume, done: "resumed", would: "resume",
	})
}

func newObserve() *cobra.Command {
	return newMode(mode{
		use: "observe", short: "Let flushes do everything but open a session",
		long: `Let flushes do everything but open a session: they receive, read the table, ask the guard, log what they would have
told Okta, and give everything back. It is the way to go live. At log.level debug they log each person, hashed.

Nothing is lost, and nobody is entered as held. rollcall resume ends it.`,
		set: batcher.Operator.Observe, done: "observing: nothing is told to Okta", would: "set to observe-only",
	})
}

func newMode(m mode) *cobra.Command {
	var (
		where  targetFlags
		output outputFlags
		dryRun bool
	)
	cmd := &cobra.Command{
		Use: m.use, Short: m.short, Long: m.long,
		Example: fmt.Sprintf("  rollcall %[1]s\n  rollcall %[1]s --data .rollcall", m.use),
		Args:    usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			t, err := where.open(cmd)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, t.Close()) }()
			summary := "would " + m.would
			if !dryRun {
				if err := m.set(t.operator(), cmd.Context()); err != nil {
					return fmt.Errorf("%s: %w", m.use, err)
				}
				summary = m.done
			}
			state, err := t.Control.State(cmd.Context())
			if err != nil {
				return err
			}
			if output.json() {
				if err := output.document(cmd, state, table{}); err != nil {
					return err
				}
			}
			output.summary(cmd, "%s", summary)
			return nil
		},
	}
	where.register(cmd)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().Bool("yes", false, "as of other commands that write; this one never asks")
	output.register(cmd)
	return cmd
}
