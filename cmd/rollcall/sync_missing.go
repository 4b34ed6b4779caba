package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"rollcall/internal/progress"
	"rollcall/internal/sync"
)

// survey shows what a sync would come to, asks, and enqueues it.
func (o *syncOptions) survey(cmd *cobra.Command, t *target, pages sync.Pages, options sync.Options) error {
	s, err := o.look(cmd, t, pages, options)
	if err != nil {
		return err
	}
	if !o.output.json() {
		if err := o.output.document(cmd, nil, surveyTable(s)); err != nil {
			return err
		}
	}
	result := surveyResult{Survey: s}
	if !o.write.dryRun {
		if result.Approved, err = o.approved(cmd, s); err != nil {
			return err
		}
		var report sync.Report
		report, err = s.Enqueue(cmd.Context(), t.Queue, result.Approved)
		result.Enqueued = report.Enqueued
	}
	if o.output.json() {
		err = errors.Join(err, o.output.document(cmd, result, table{}))
	}
	people := result.Enqueued
	if o.write.dryRun {
		people = s.Create + s.Change + s.Reactivate + s.Unchanged + s.Rejected + s.Deactivations()
	}
	o.output.summary(cmd, "%s: %d to create, %d to change, %d to reactivate, %d to deactivate (%d approved), %d unchanged",
		done(o.write.dryRun, counted(people, "person", "people")), s.Create, s.Change, s.Reactivate, s.Deactivations(),
		result.Approved, s.Unchanged)
	return err
}

// surveyResult is what the command did.
type surveyResult struct {
	*sync.Survey

	Approved int `json:"approved"`
	Enqueued int `json:"enqueued"`
}

func (o *syncOptions) look(cmd *cobra.Command, t *target, pages sync.Pages, options sync.Options) (*sync.Survey, error) {
	users := progress.Start(cmd.ErrOrStderr(), "people listed by Okta", 0)
	var items *progress.Bar
	shown := 0
	options.Progress = func(r sync.Report) {
		if items == nil {
			users.Stop()
			items = progress.Start(cmd.ErrOrStderr(), "items", 0)
		}
		items.Add(r.Items - shown)
		shown = r.Items
	}
	s, err := sync.Look(cmd.Context(), pages, t.Okta, t.Mapping, options, func() { users.Add(1) })
	if items != nil {
		items.Stop()
	} else {
		users.Stop()
	}
	return s, err
}

// approved asks, and returns how many deactivations are approved: as many as --approve-deactivations says, else those that
// somebody at the terminal said yes to, else none.
func (o *syncOptions) approved(cmd *cobra.Command, s *sync.Survey) (int, error) {
	question := fmt.Sprintf("enqueue %d to create, %d to change, %d to reactivate, and %d to deactivate (%d not in the table, %d inactive)?",
		s.Create, s.Change, s.Reactivate, s.Deactivations(), s.Missing, s.Leavers)
	if err := o.write.confirm(cmd, question); err != nil {
		return 0, err
	}
	switch {
	case o.approve >= 0:
		return min(o.approve, s.Deactivations()), nil
	case o.write.yes:
		return 0, nil
	}
	return s.Deactivations(), nil
}

func surveyTable(s *sync.Survey) table {
	t := table{header: []string{"PEOPLE", "WHAT"}}
	for _, row := range []struct {
		n    int
		what string
	}{
		{s.Create, "to create"},
		{s.Change, "to change"},
		{s.Reactivate, "to reactivate"},
		{s.Leavers, "to deactivate: inactive in the table"},
		{s.Missing, "to deactivate: not in the table"},
		{s.Unchanged, "unchanged, enqueued all the same"},
		{s.Rejected, "will be rejected: their item breaks a rule"},
		{s.Inactive, "inactive on both sides, left out"},
	} {
		t.add(strconv.Itoa(row.n), row.what)
	}
	return t
}
