package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/review"
	"rollcall/okta"
)

// deactivation is a person whom an operator asks to deactivate.
type deactivation struct {
	Person string         `json:"person"`
	Now    batcher.Action `json:"now"`
	Why    string         `json:"why,omitempty"`
}

func newDeactivate() *cobra.Command {
	var f reviewFlags
	cmd := &cobra.Command{
		Use:   "deactivate ID…",
		Short: "Enqueue deactivations that the guard lets pass",
		Long: `Enqueue the deactivation of people by externalId, approved: the guard lets them pass, and does not count them. It is for
people whom the table no longer has and whom Okta still has.

The table has the last word when they are flushed: somebody whose item is active is upserted, not deactivated, so mend
the item first. People whom guard.protect names by externalId are never deactivated and not enqueued; an expression of it
judges the item, if there still is one.`,
		Example: `  rollcall deactivate jane joe --dry-run
  rollcall deactivate jane --yes`,
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return runDeactivate(cmd, args, &f) },
	}
	f.target.register(cmd)
	f.write.register(cmd)
	cmd.Flags().BoolVar(&f.showIDs, "show-ids", false, "show externalIds instead of their keyed hashes")
	f.output.register(cmd)
	return cmd
}

func runDeactivate(cmd *cobra.Command, ids []string, f *reviewFlags) (err error) {
	for i, id := range ids {
		if err := okta.CheckExternalID(id); err != nil { // of an unset variable, say
			return usageError(fmt.Errorf("argument %d: %w", i+1, err))
		}
	}
	t, err := f.target.open(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	intents := make([]intent.Intent, len(ids))
	for i, id := range ids {
		intents[i] = intent.Intent{ExternalID: id, Kind: intent.Deactivate, Approved: true}
	}
	decisions, err := review.Foresee(cmd.Context(), t.Flusher, batcher.Coalesce(intents))
	if err != nil {
		return err
	}
	all, wanted := []deactivation{}, []string{}
	rows := table{header: []string{"PERSON", "WHEN FLUSHED"}}
	for _, d := range decisions {
		one := deactivation{Person: t.shown(f.showIDs)(d.Intent.ExternalID), Now: d.Action, Why: d.Reason}
		if d.Action == batcher.DoUpsert {
			one.Why = "the item is active"
		}
		if d.Action != batcher.DoReject || !d.Protected {
			wanted = append(wanted, d.Intent.ExternalID)
		}
		all = append(all, one)
		rows.add(one.Person, outlook(one.Now, one.Why))
	}
	if err := f.output.document(cmd, map[string]any{"people": all}, rows); err != nil {
		return err
	}
	w := work{verb: "enqueue", done: "enqueued", n: len(wanted), one: "approved deactivation", many: "approved deactivations"}
	if n := len(all) - len(wanted); n > 0 {
		w.remark = fmt.Sprintf("; %s protected and left out", counted(n, "person is", "people are"))
	}
	return f.write.do(cmd, f.output, w, func() error { return t.operator().Deactivate(cmd.Context(), wanted) })
}
