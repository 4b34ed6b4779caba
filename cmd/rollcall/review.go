package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/idhash"
	"rollcall/internal/review"
)

// reviewFlags are the flags of the commands on people who wait for an operator: held and rejects.
type reviewFlags struct {
	target  targetFlags
	output  outputFlags
	write   writeFlags
	showIDs bool
	all     bool
}

// register adds the flags to a command that only lists, or to one that writes.
func (f *reviewFlags) register(cmd *cobra.Command, writes bool) {
	f.target.register(cmd)
	cmd.Flags().BoolVar(&f.showIDs, "show-ids", false, "show externalIds instead of their keyed hashes")
	if writes {
		f.write.register(cmd)
		cmd.Flags().BoolVar(&f.all, "all", false, "all of them")
	}
	f.output.register(cmd)
}

// pick is whom the arguments mean: IDs, or --all.
func (f *reviewFlags) pick(args []string) (review.Pick, error) {
	if f.all == (len(args) > 0) {
		return review.Pick{}, usageError(errors.New("name people as they are listed, or by externalId, or say --all"))
	}
	return review.Pick{All: f.all, Names: args}, nil
}

// reviewer reads the lists of a target.
func (f *reviewFlags) reviewer(t *target) review.Reviewer {
	return review.Reviewer{Control: t.Control, Flusher: t.Flusher, Hash: idhash.New(t.Store).Name, Name: t.shown(f.showIDs)}
}

// shown says what of an externalId a command shows.
func (t *target) shown(ids bool) func(externalID string) string {
	if ids {
		return func(externalID string) string { return externalID }
	}
	return t.Name
}

// operator is the person at this terminal.
func (t *target) operator() batcher.Operator {
	return batcher.Operator{Control: t.Control, Queue: t.Queue, Who: operatorName()}
}

// foreseen counts what would happen: "2 deactivate, 1 upsert".
func foreseen(entries []review.Entry) string {
	count := map[batcher.Action]int{}
	for _, e := range entries {
		count[e.Now]++
	}
	text := ""
	for _, a := range []batcher.Action{batcher.DoDeactivate, batcher.DoUpsert, batcher.DoNothing, batcher.DoHold, batcher.DoReject, ""} {
		if count[a] == 0 {
			continue
		}
		if text != "" {
			text += ", "
		}
		text += fmt.Sprintf("%d %s", count[a], outlook(a, ""))
	}
	return text
}

// outlook is what would happen, in words.
func outlook(now batcher.Action, why string) string {
	text := string(now)
	if now == "" {
		text = "unknown"
	}
	if why != "" {
		text += ": " + why
	}
	return text
}

// waiting is a list of those who wait for an operator.
type waiting struct {
	// name is the list's in JSON, now the heading of what would happen.
	name, now string
	read      func(review.Reviewer, context.Context, review.Pick) ([]review.Entry, error)
}

// list prints the picked entries and does something about them. Where the table cannot be read, they are printed and
// dealt with all the same, and the command fails.
func (f *reviewFlags) list(cmd *cobra.Command, w waiting, pick review.Pick,
	do func(context.Context, *target, []review.Entry) error,
) (err error) {
	t, err := f.target.open(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	entries, problem := w.read(f.reviewer(t), cmd.Context(), pick)
	if entries == nil && problem != nil {
		return problem
	}
	rows := table{header: []string{"PERSON", "SINCE", w.now, "REASON"}}
	for _, e := range entries {
		rows.add(e.Person, moment(e.Since), outlook(e.Now, e.Why), e.Reason)
	}
	if err := f.output.document(cmd, map[string]any{w.name: entries}, rows); err != nil {
		return err
	}
	return errors.Join(do(cmd.Context(), t, entries), problem)
}
