package main

import (
	"context"

	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/review"
)

// heldList are the people whom the guard holds.
var heldList = waiting{name: "held", now: "ON RELEASE", read: review.Reviewer.Held}

func newHeld() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "held",
		Short: "Decide about deactivations that the guard holds",
		Long: `Decide about deactivations that the guard holds: too many people were to be deactivated within 24 hours.

While anybody is held, every further deactivation that nobody approved is held too. Upserts go on.`,
		Example: `  rollcall held list
  rollcall held release --all`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newHeldList(), newHeldRelease(), newHeldDiscard())
	return cmd
}

func newHeldList() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List who is held, since when, why, and what a release would come to",
		Long: `List who is held, since when, why, and what a release would come to by the table as it is now: deactivate, or upsert
for those whose item is active again. Nothing is written, and Okta is not called.`,
		Example: `  rollcall held list
  rollcall held list --show-ids --output json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.list(cmd, heldList, review.Pick{All: true}, func(_ context.Context, _ *target, entries []review.Entry) error {
				f.output.summary(cmd, "%s held%s", counted(len(entries), "person is", "people are"), would(entries, "a release"))
				return nil
			})
		},
	}
	f.register(cmd, false)
	return cmd
}

// would says what the entries would come to, nothing if there are none.
func would(entries []review.Entry, what string) string {
	if len(entries) == 0 {
		return ""
	}
	return "; " + what + " would come to: " + foreseen(entries)
}

func newHeldRelease() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "release ID…|--all",
		Short: "Enqueue held people as approved",
		Long: `Enqueue held people as approved: the guard lets them pass, and does not count them. What Okta is told is decided by the
table when they are flushed, so that those whose items were restored in the meantime are upserted. Doing it twice does no
harm.

People are named by externalId, or by the hash under which they are listed.`,
		Example: `  rollcall held release --all --dry-run
  rollcall held release jane 5d1c0b7f3a2e49886c01`,
		Args: usageArgs(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.writeHeld(cmd, args, "release", "released", batcher.Operator.Release)
		},
	}
	f.register(cmd, true)
	return cmd
}

func newHeldDiscard() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "discard ID…|--all",
		Short: "Forget held people: they stay as they are in Okta",
		Long: `Forget held people. They stay as they are in Okta until something says them again: a change of their item, or a
sync. Of a person who really left nothing does: a discarded leaver stays active until you say rollcall deactivate.`,
		Example: `  rollcall held discard jane
  rollcall held discard --all --dry-run`,
		Args: usageArgs(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.writeHeld(cmd, args, "discard", "discarded", batcher.Operator.Discard)
		},
	}
	f.register(cmd, true)
	return cmd
}

// writeHeld releases or discards the picked people.
func (f *reviewFlags) writeHeld(cmd *cobra.Command, args []string, verb, done string,
	write func(batcher.Operator, context.Context, []batcher.Held) error,
) error {
	pick, err := f.pick(args)
	if err != nil {
		return err
	}
	return f.list(cmd, heldList, pick, func(ctx context.Context, t *target, entries []review.Entry) error {
		held := make([]batcher.Held, len(entries))
		for i, e := range entries {
			held[i] = e.Held
		}
		return f.write.do(cmd, f.output, work{verb: verb, done: done, n: len(held), one: "person", many: "people"}, func() error {
			return write(t.operator(), ctx, held)
		})
	})
}
