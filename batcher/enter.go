package batcher

import (
	"context"
	"fmt"
	"time"

	"rollcall/intent"
)

// enter enters rejects and held people into the control table, before their messages are acknowledged, if the lease still
// holds: another run may know better since, and nothing would take away what is entered after it.
func (r *run) enter(ctx context.Context) error {
	var rejects []intent.Reject
	var held []Entry
	now := time.Now()
	for i := range r.people {
		p := &r.people[i]
		switch p.action {
		case actReject:
			rejects = append(rejects, rejectOf(p.intent, p.reason, now))
		case actHold:
			if _, there := r.heldBefore[p.intent.ExternalID]; there {
				continue // held since then, and still
			}
			entry, err := encodeHeld(p, now)
			if err != nil {
				return err
			}
			held = append(held, entry)
		}
	}
	if len(rejects)+len(held) > 0 {
		if err := r.renew(ctx); err != nil {
			return err
		}
	}
	if len(rejects) > 0 {
		if err := r.Control.putRejects(ctx, rejects); err != nil {
			return err
		}
	}
	if len(held) > 0 {
		if err := r.Control.store.Put(ctx, held); err != nil {
			return fmt.Errorf("enter held people: %w", err)
		}
	}
	r.report.HeldOpen = len(r.heldBefore) + len(held)
	return nil
}

// enterDeactivated notes who is about to be deactivated, for the guard of the next 24 h, and ends the approvals of those
// who come back: should the same mistake be made twice in a day, the second counts. Without the lease it does neither:
// whoever is entered passes the guard that day, and another run may have let as many pass as may.
func (r *run) enterDeactivated(ctx context.Context) error {
	var leavers []person
	var back []Entry
	for i := range r.people {
		switch p := r.people[i]; {
		case p.fate != loaded:
		case p.action == actDeactivate:
			leavers = append(leavers, p)
		case r.past.approved[p.intent.ExternalID]:
			back = append(back, Entry{Kind: kindApproved, ID: p.intent.ExternalID})
		}
	}
	if len(back)+len(leavers) == 0 {
		return nil
	}
	if err := r.renew(ctx); err != nil {
		return err
	}
	if len(back) > 0 {
		if err := r.Control.store.Delete(ctx, back); err != nil {
			return fmt.Errorf("end approvals: %w", err)
		}
	}
	if len(leavers) == 0 {
		return nil
	}
	return r.Control.enterDeactivated(ctx, leavers, r.past, r.session.ID, time.Now())
}
