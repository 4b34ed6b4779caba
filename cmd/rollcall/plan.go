package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rollcall/internal/compare"
	"rollcall/internal/credential"
	"rollcall/internal/plan"
	"rollcall/internal/progress"
)

func newPlan() *cobra.Command {
	var f planFlags
	cmd := &cobra.Command{
		Use:   "plan",
		Short: "Compare the table with Okta, person by person; exit code 3 means that they differ",
		Long: `Compare the table with Okta, person by person, and say what it would take to make them equal: create, update (which
attributes), reactivate, deactivate (inactive in the table, or not in it), rejected (why). Unchanged people are counted.
Then: whether the guard would hold the deactivations, and how many loads, sessions and calls to Okta it takes, and how
many minutes at the current rate limit; the imports themselves come on top.

It writes nothing and enqueues nothing: rollcall sync does. It reads the whole table once, and lists Okta's users, one
call for 500 of them, which needs the scope okta.apps.read. What changes meanwhile, or is on its way in the queue, shows
as a difference.

The exit code is 0 if there is nothing to do and 3 if changes are pending. Rejected people alone are no change.`,
		Example: `  rollcall plan
  rollcall plan --show-ids --show-values --output json
  rollcall plan --summary --read-rate 1000
  rollcall plan --data .rollcall`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd) },
	}
	f.where.scopes = credential.ToCompare
	f.where.register(cmd)
	cmd.Flags().BoolVar(&f.showIDs, "show-ids", false, "show externalIds instead of their keyed hashes")
	cmd.Flags().BoolVar(&f.showValues, "show-values", false, "show the values of attributes that differ, old → new; they are personal data")
	cmd.Flags().BoolVar(&f.summary, "summary", false, "show the totals alone, and no people")
	f.readRate.register(cmd)
	f.output.register(cmd)
	return cmd
}

type planFlags struct {
	where               targetFlags
	output              outputFlags
	readRate            rateFlag
	showIDs, showValues bool
	summary             bool
}

func (f *planFlags) run(cmd *cobra.Command) (err error) {
	t, err := f.where.open(cmd)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	rate, err := f.readRate.of(cmd, t.Config)
	if err != nil {
		return err
	}
	items, err := t.Table.Count(cmd.Context())
	if err != nil {
		return fmt.Errorf("count the table's items: %w", err)
	}
	users := progress.Start(cmd.ErrOrStderr(), "users listed", 0)
	var scanned *progress.Bar
	stop := func() {
		if scanned == nil {
			users.Stop()
		} else {
			scanned.Stop()
		}
	}
	p, err := plan.Make(cmd.Context(), plan.Options{
		Table: t.pages(rate), Okta: t.Okta, Mapping: t.Mapping, Attributes: t.attributes(),
		Partition: t.Config.Key.Partition, Sort: t.Config.Key.Sort, Flusher: t.Flusher, Name: t.shown(f.showIDs),
		Values: f.showValues, RateShare: t.Config.Okta.RateShare,
		Listed: users.Add,
		Scanned: func(n int) {
			if scanned == nil {
				users.Stop()
				scanned = progress.Start(cmd.ErrOrStderr(), "items read", int(items))
			}
			scanned.Add(n)
		},
	})
	stop()
	if err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	return f.print(cmd, p)
}

func (f *planFlags) print(cmd *cobra.Command, p plan.Plan) error {
	if f.summary {
		p.People = []plan.Person{}
	}
	rows := table{header: []string{"PERSON", "CHANGE", "WHAT"}}
	for _, person := range p.People {
		rows.add(person.Person, string(person.Change), whatChanges(person, f.showValues))
	}
	if err := f.output.document(cmd, p, rows); err != nil {
		return err
	}
	if !f.output.json() {
		for _, line := range planRemarks(p) {
			fmt.Fprintln(cmd.OutOrStdout(), line)
		}
	}
	t := p.Totals
	if t.Pending() == 0 {
		f.output.summary(cmd, "nothing to do: %d unchanged, %d rejected", t.Unchanged, t.Rejected)
		return nil
	}
	f.output.summary(cmd, "%d to create, %d to update, %d to reactivate, %d to deactivate; %d unchanged, %d rejected",
		t.Create, t.Update, t.Reactivate, t.Deactivate, t.Unchanged, t.Rejected)
	return &exitError{code: exitPending}
}

// planRemarks says what is to be known beyond the people.
func planRemarks(p plan.Plan) (lines []string) {
	if p.Totals.Missing > 0 {
		lines = append(lines, fmt.Sprintf("not in the table: %s of those to deactivate; rollcall sync says them only with --deactivate-missing",
			counted(p.Totals.Missing, "person", "people")))
	}
	if p.Guard.Holds != "" {
		lines = append(lines, "the guard would hold the deactivations: "+p.Guard.Holds)
	}
	if c := p.Cost; c.Calls > 0 {
		pace := "; no rate limit is known"
		switch {
		case c.Problem != "":
			pace = "; the rate limit is not known: " + c.Problem
		case c.RateLimit > 0:
			pace = fmt.Sprintf(", at least %s at %d calls a minute", span(time.Duration(c.Minutes*float64(time.Minute))), c.RateLimit)
		}
		lines = append(lines, fmt.Sprintf("it takes %s, %s, %s to Okta%s, and the time of the imports",
			counted(c.Sessions, "session", "sessions"), counted(c.Loads, "load", "loads"), counted(c.Calls, "call", "calls"), pace))
	}
	return lines
}

// whatChanges is the last column of a person.
func whatChanges(p plan.Person, values bool) string {
	if p.Why != "" {
		return p.Why // of those who have no attributes to change
	}
	return differences(p.Attributes, values)
}

// differences names the attributes that differ.
func differences(attributes []compare.Attribute, values bool) string {
	parts := make([]string, len(attributes))
	for i, a := range attributes {
		parts[i] = a.Name
		if values {
			parts[i] += ": " + shownValue(a.Old) + " → " + shownValue(a.New)
		}
	}
	return strings.Join(parts, ", ")
}

func shownValue(v *string) string {
	if v == nil {
		return "none"
	}
	return fmt.Sprintf("%q", *v)
}
