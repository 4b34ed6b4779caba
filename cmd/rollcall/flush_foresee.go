package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/foresee"
)

// foreseeFlush says what the next flush would do.
func foreseeFlush(cmd *cobra.Command, output outputFlags, t *target) error {
	source := foresee.Source{Control: t.Control, Flusher: t.Flusher, Okta: t.Okta, Queue: t.Queue, Peek: t.peeker()}
	o, err := source.Look(cmd.Context())
	if err != nil {
		return fmt.Errorf("look ahead: %w", err)
	}
	if err := output.document(cmd, o, outlookTable(o)); err != nil {
		return err
	}
	output.summary(cmd, "the next flush %s", wouldEnd(o))
	return nil
}

// peeker looks into the target's intents queue, nil where that cannot be done.
func (t *target) peeker() foresee.Peeker {
	if t.House == nil {
		return nil
	}
	return t.House.Queue
}

func outlookTable(o foresee.Outlook) (t table) {
	t.add("waiting", counted(int(o.Waiting), "message", "messages"))
	if p := o.People; p != nil {
		t.add("people", fmt.Sprintf("%d: %d to upsert, %d to deactivate, %d nothing to tell, %d to reject, %d to hold",
			p.People, p.Upsert, p.Deactivate, p.Nothing, p.Reject, p.Hold))
		if p.HoldReason != "" {
			t.add("would hold because", p.HoldReason)
		}
	}
	for _, s := range o.Sessions {
		t.add("session", fmt.Sprintf("%s %s, %s", s.ID, s.Status, s.Whose))
	}
	return t
}

// wouldEnd says in a line how a flush would end.
func wouldEnd(o foresee.Outlook) string {
	switch o.Outcome {
	case batcher.Triggered:
		return "would open a session, load it and start the import"
	case batcher.Failed:
		return "would fail: " + o.Problem
	case batcher.Busy:
		return "would give everything back: a session is in flight at Okta"
	case batcher.Waiting:
		return "may begin at " + moment(o.NextTry) + " at the earliest; rollcall resume ends the wait"
	case batcher.Leased:
		return "would wait: another run is at work, until " + moment(o.LeasedUntil) + " if it does not renew its lease"
	case batcher.Looked:
		return "would settle the sessions that have ended, and has no message"
	case batcher.Observed:
		return "would send nothing and give everything back: observe-only"
	case batcher.Nothing:
		return "would tell Okta of nobody"
	}
	return "would do nothing: " + outcomeMeans[o.Outcome]
}
