package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/review"
)

// rejectsList are the people and records that are rejected.
var rejectsList = waiting{name: "rejects", now: "ON RETRY", read: review.Reviewer.Rejects}

func newRejects() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rejects",
		Short: "Decide about people whom Okta cannot be told of",
		Long: `Decide about rejects: people whom Okta would refuse, or refused, and records that nobody can read. Each names the rule
and the attribute, never the value.

A reject goes by itself once its item is mended: the change is told like any other.`,
		Example: `  rollcall rejects list
  rollcall rejects retry --all`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newRejectsList(), newRejectsRetry(), newRejectsDiscard())
	return cmd
}

func newRejectsList() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List who and what is rejected, since when, why, and what a retry would come to",
		Long: `List who and what is rejected, since when, why, and what a retry would come to by the table as it is now. An unknown
outlook is of a reject without an externalId: only a change of the item, or a sync, can say who that is. Nothing is
written, and Okta is not called: what Okta alone refuses is not foreseen.`,
		Example: `  rollcall rejects list
  rollcall rejects list --show-ids --output json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return f.list(cmd, rejectsList, review.Pick{All: true}, func(_ context.Context, _ *target, entries []review.Entry) error {
				f.output.summary(cmd, "%s%s", counted(len(entries), "reject", "rejects"), would(entries, "a retry"))
				return nil
			})
		},
	}
	f.register(cmd, false)
	return cmd
}

func newRejectsRetry() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "retry ID…|--all",
		Short: "Enqueue rejected people once more",
		Long: `Enqueue rejected people once more, to be told by the table as it is when they are flushed. Those who are still wrong
come back. Rejects without an externalId stay: only a change of their item, or a sync, can say who they are. Doing it
twice does no harm.

People are named by externalId, or as they are listed.`,
		Example: `  rollcall rejects retry --all
  rollcall rejects retry jane --dry-run`,
		Args: usageArgs(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.writeRejects(cmd, args, work{verb: "retry", done: "retried", one: "reject", many: "rejects"}, func(o batcher.Operator, ctx context.Context, rejects []batcher.Reject) error {
				_, err := o.Retry(ctx, rejects)
				return err
			})
		},
	}
	f.register(cmd, true)
	return cmd
}

func newRejectsDiscard() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "discard ID…|--all",
		Short: "Forget rejects",
		Long: `Forget rejects. The people stay as they are in Okta until something says them again: a change of their item, or a
sync.`,
		Example: `  rollcall rejects discard record:d03c8b8d9c2f6a41
  rollcall rejects discard --all --yes`,
		Args: usageArgs(cobra.ArbitraryArgs),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.writeRejects(cmd, args, work{verb: "discard", done: "discarded", one: "reject", many: "rejects"}, batcher.Operator.DiscardRejects)
		},
	}
	f.register(cmd, true)
	return cmd
}

// writeRejects retries or discards the picked rejects. A retry leaves those of whom nobody knows who they are.
func (f *reviewFlags) writeRejects(cmd *cobra.Command, args []string, w work,
	write func(batcher.Operator, context.Context, []batcher.Reject) error,
) error {
	pick, err := f.pick(args)
	if err != nil {
		return err
	}
	return f.list(cmd, rejectsList, pick, func(ctx context.Context, t *target, entries []review.Entry) error {
		rejects := make([]batcher.Reject, len(entries))
		left := 0
		for i, e := range entries {
			rejects[i] = e.Reject
			if _, known := e.Reject.Intent(); !known && w.verb == "retry" {
				left++
			}
		}
		w.n = len(rejects) - left
		if left > 0 {
			w.remark = fmt.Sprintf("; %s left: only a change of the item, or a sync, can say who that is", counted(left, "is", "are"))
		}
		return f.write.do(cmd, f.output, w, func() error { return write(t.operator(), ctx, rejects) })
	})
}
