package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rollcall/internal/sessions"
)

func newSessions() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sessions",
		Short: "List and cancel the identity source's import sessions",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Example: `  rollcall sessions list
  rollcall sessions cancel --stale`,
	}
	cmd.AddCommand(newSessionsList(), newSessionsCancel())
	return cmd
}

func newSessionsList() *cobra.Command {
	var where targetFlags
	var output outputFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the sessions that Okta tells of, and whose they are",
		Long: `List the sessions that Okta tells of: the active ones, and perhaps ended ones. It costs one call.

  watched  rollcall triggered it and will see to its people whatever becomes of it
  stale    it was never triggered and is older than a lease: of a run that died, or of somebody else's hand
  open     it was opened a moment ago; a run may be loading it
  other    it was triggered by somebody else, or by a run that died at that moment; rollcall waits for its end`,
		Example: `  rollcall sessions list
  rollcall sessions list --output json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return onSessions(cmd, where, func(ctx context.Context, desk sessions.Desk) error {
				all, err := desk.List(ctx)
				if err != nil {
					return err
				}
				if err := output.document(cmd, map[string]any{"sessions": all}, sessionTable(all)); err != nil {
					return err
				}
				output.summary(cmd, "%s, %d stale", counted(len(all), "session", "sessions"), len(sessions.Stale(all)))
				return nil
			})
		},
	}
	where.register(cmd)
	output.register(cmd)
	return cmd
}

func newSessionsCancel() *cobra.Command {
	var (
		where  targetFlags
		output outputFlags
		write  writeFlags
		stale  bool
	)
	cmd := &cobra.Command{
		Use:   "cancel ID|--stale",
		Short: "Cancel a session that was not triggered, or all stale ones",
		Long: `Cancel a session that was not triggered, or all stale ones. A flush cancels stale ones by itself.

Okta cancels no session that was triggered: it can only be waited for. A run whose session is cancelled under its hands
gives back what it received, and nothing is lost.`,
		Example: `  rollcall sessions cancel --stale
  rollcall sessions cancel 0isAbCdEfGhIjKlMn0h7 --dry-run`,
		Args: usageArgs(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			if stale == (len(args) == 1) {
				return usageError(errors.New("name a session, or say --stale"))
			}
			return onSessions(cmd, where, func(ctx context.Context, desk sessions.Desk) error {
				chosen, err := desk.Choose(ctx, args, stale)
				if err != nil {
					return err
				}
				if !output.json() {
					if err := output.document(cmd, nil, sessionTable(chosen)); err != nil {
						return err
					}
				}
				w := work{verb: "cancel", done: "cancelled", n: len(chosen), one: "session", many: "sessions"}
				err = write.do(cmd, output, w, func() error { return desk.Cancel(ctx, chosen) })
				if output.json() { // with what became of each
					err = errors.Join(err, output.document(cmd, map[string]any{"sessions": chosen}, table{}))
				}
				return err
			})
		},
	}
	where.register(cmd)
	write.register(cmd)
	cmd.Flags().BoolVar(&stale, "stale", false, "those that were not triggered and are older than a lease")
	output.register(cmd)
	return cmd
}

func onSessions(cmd *cobra.Command, where targetFlags, do func(context.Context, sessions.Desk) error) (err error) {
	t, err := where.open(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	return do(cmd.Context(), sessions.Desk{Okta: t.Okta, Control: t.Control, Lease: t.Flusher.Timing.Lease})
}

func sessionTable(all []sessions.Session) table {
	t := table{header: []string{"SESSION", "STATUS", "CREATED", "AGE", "WHOSE", "PEOPLE"}}
	for _, s := range all {
		people := "-"
		if s.Whose == sessions.Watched {
			people = fmt.Sprint(s.People)
		}
		t.add(s.ID, s.Status, moment(s.Created), span(time.Duration(s.Age*float64(time.Second))), string(s.Whose), people)
	}
	return t
}
