package main

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"rollcall/internal/progress"
	"rollcall/internal/scan"
	"rollcall/internal/sync"
)

// surveyResult is what a sync with --deactivate-missing found and did.
type surveyResult struct {
	*sync.Survey

	// GuardLimit is how many deactivations in 24 h the guard lets pass unapproved, DeactivatedLately how many there were.
	GuardLimit        int `json:"guardLimit"`
	DeactivatedLately int `json:"deactivatedLately"`
	// Approved are the deactivations that were enqueued, LeftOut those that were not for want of an approval.
	Approved int `json:"approved"`
	LeftOut  int `json:"leftOut"`
	Enqueued int `json:"enqueued"`
}

// survey shows what a sync would come to, asks, and enqueues it.
func (o *syncOptions) survey(cmd *cobra.Command, t *target, pages scan.Pages, options sync.Options) error {
	options.Attributes, options.Protected = t.attributes(), t.Config.ProtectedIDs()
	count, err := t.Table.Count(cmd.Context())
	if err != nil {
		return err
	}
	s, err := o.look(cmd, t, pages, int(count), options)
	if err != nil {
		return err
	}
	guard, err := t.Flusher.GuardState(cmd.Context())
	if err != nil {
		return err
	}
	result := surveyResult{Survey: s, GuardLimit: guard.Limit, DeactivatedLately: len(guard.Deactivated)}
	if !o.output.json() {
		if err := o.output.document(cmd, nil, surveyTable(s)); err != nil {
			return err
		}
	}
	approved, err := o.approved(cmd, result)
	if err == nil && !o.write.dryRun {
		var report sync.Report
		report, err = s.Enqueue(cmd.Context(), t.Queue, approved)
		result.Enqueued = report.Enqueued
		if approved {
			result.Approved = s.Deactivations()
		} else {
			result.LeftOut = s.Deactivations()
		}
	}
	if o.output.json() {
		err = errors.Join(err, o.output.document(cmd, result, table{}))
	}
	if err != nil {
		return err
	}
	o.tell(cmd, result)
	return nil
}

// tell prints the line at the end.
func (o *syncOptions) tell(cmd *cobra.Command, r surveyResult) {
	people, deactivations, remark := r.Enqueued, r.Approved, ""
	switch {
	case o.write.dryRun:
		people, deactivations = r.Upserts()+r.Deactivations(), r.Deactivations()
		if deactivations > 0 {
			remark = fmt.Sprintf("; the deactivations need an approval: at the terminal, or --approve-deactivations %d", deactivations)
		}
	case r.LeftOut > 0:
		remark = fmt.Sprintf("; %s left out, which nobody approved: answer at the terminal, or give --approve-deactivations %d",
			counted(r.LeftOut, "deactivation was", "deactivations were"), r.LeftOut)
	}
	o.output.summary(cmd, "%s: %d to create, %d to change, %d to reactivate, %d to deactivate, %d unchanged%s",
		done(o.write.dryRun, counted(people, "person", "people")), r.Create, r.Change, r.Reactivate, deactivations, r.Unchanged, remark)
}

func (o *syncOptions) look(cmd *cobra.Command, t *target, pages scan.Pages, count int, options sync.Options) (*sync.Survey, error) {
	users := progress.Start(cmd.ErrOrStderr(), "people listed by Okta", 0)
	var items *progress.Bar
	options.Progress = func(n int) {
		if items == nil {
			users.Stop()
			items = progress.Start(cmd.ErrOrStderr(), "items", count)
		}
		items.Add(n)
	}
	s, err := sync.Look(cmd.Context(), pages, t.Okta, t.Mapping, options, func() { users.Add(1) })
	if items != nil {
		items.Stop()
	} else {
		users.Stop()
	}
	return s, err
}

// approved asks, and returns whether the deactivations are approved: all of them, by --approve-deactivations or by
// somebody at the terminal who said yes to their number, or none. Fewer than there are cannot be: which ones would be
// left to chance.
func (o *syncOptions) approved(cmd *cobra.Command, r surveyResult) (bool, error) {
	needed := r.Deactivations()
	if o.approveSaid && o.approve < needed {
		return false, fmt.Errorf("%s approved and %d would be needed: nothing was enqueued",
			counted(o.approve, "deactivation is", "deactivations are"), needed)
	}
	if o.write.dryRun {
		return false, nil
	}
	if err := o.write.confirm(cmd, surveyQuestion(r)); err != nil {
		return false, err
	}
	return needed > 0 && (o.approveSaid || !o.write.yes), nil
}

// surveyQuestion asks with everything that the decision rests on.
func surveyQuestion(r surveyResult) string {
	question := fmt.Sprintf("enqueue %d to create, %d to change, %d to reactivate, %d unchanged", r.Create, r.Change, r.Reactivate, r.Unchanged)
	if r.Rejected > 0 {
		question += fmt.Sprintf(", %d who will be rejected", r.Rejected)
	}
	question += fmt.Sprintf(", and %d to deactivate", r.Deactivations())
	if r.Deactivations() == 0 {
		return question + "?"
	}
	return fmt.Sprintf("%s (%d not in the table, %d inactive), which is %.1f %% of the %s whom Okta has; unapproved the guard lets %d pass in 24 h, and %d did?",
		question, r.Missing, r.Leavers, 100*float64(r.Deactivations())/float64(r.Listed), counted(r.Listed, "person", "people"),
		r.GuardLimit, r.DeactivatedLately)
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
		{s.Protected, "protected by guard.protect, left out"},
		{s.Unchanged, "unchanged, enqueued all the same"},
		{s.Rejected, "will be rejected: their item breaks a rule"},
		{s.Inactive, "inactive on both sides, left out"},
	} {
		t.add(strconv.Itoa(row.n), row.what)
	}
	return t
}
