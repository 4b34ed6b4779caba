package batcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/intent"
	"rollcall/okta"
)

// urgentTries is how often a call is tried at most, once more than once: the connection may have died while it was idle.
const urgentTries = 2

// deactivate takes out those whose turn it is, by calls that may have the share of the rate limit that others are left.
// One person whom Okta refuses stops nobody else. It ends with credentials that are refused, with an outage, and where
// the rate limit is used up: those who are left come again.
func (r *run) deactivate(ctx context.Context) error {
	turns := r.turns()
	if len(turns) == 0 {
		return nil
	}
	leavers := make([]person, len(turns))
	for i, n := range turns {
		leavers[i] = r.people[n]
	}
	if err := r.Control.enterDeactivated(ctx, leavers, r.past, "urgent", time.Now()); err != nil {
		return err
	}
	client := r.Okta.On(okta.Terms{Whole: true, Patience: -1, Tries: urgentTries, Admit: r.Urgent.book})
	for i, n := range turns {
		p := &r.people[n]
		err := client.DeleteUser(ctx, p.intent.ExternalID)
		throttled, isThrottled := errors.AsType[*okta.ThrottledError](err)
		switch class := okta.Classify(err); {
		case err == nil:
			r.report.Deactivated++
			r.Urgent.took(time.Now())
		case okta.IsNotFound(err): // of somebody whom Okta does not have there is nobody to take out
		case okta.IsForbidden(err), class == okta.Refused:
			r.round.refused = append(r.round.refused, refusal{person: n, err: err})
		case isThrottled:
			r.othersLater(turns[i:], max(time.Until(throttled.Until), r.Urgent.pause(time.Now())))
			return nil
		case class == okta.Throttled, class == okta.Concurrency:
			r.othersLater(turns[i:], minPause)
			return nil
		default:
			r.othersLater(turns[i:], r.Timing.MinBackoff)
			r.fault = advise(err)
			return nil
		}
	}
	return nil
}

// turns are the people to take out, by their places.
func (r *run) turns() (turns []int) {
	for i := range r.people {
		if p := &r.people[i]; p.action == actDeactivate && p.fate == repeated {
			turns = append(turns, i)
		}
	}
	return turns
}

func (r *run) othersLater(people []int, after time.Duration) {
	for _, n := range people {
		r.comeAgain(&r.people[n], after)
	}
}

// errMayNot is what a round ends in when Okta lets nobody be taken out.
var errMayNot = errors.New("Okta lets nobody be taken out: see that the admin role of the credentials may deactivate users")

// judgeUrgent makes rejects of those whom Okta does not let be taken out, where it lately took out somebody else. Otherwise
// the setup may be at fault, for which nobody is rejected: they come again.
func (r *run) judgeUrgent(ctx context.Context) error {
	now := time.Now()
	if len(r.round.refused) > 0 && !r.Urgent.tookAny(now) {
		for _, f := range r.round.refused {
			r.comeAgain(&r.people[f.person], r.Timing.Busy)
		}
		r.fault = errors.Join(r.fault, fmt.Errorf("%w: %w", errMayNot, r.round.refused[0].err))
		return nil
	}
	var rejects []intent.Reject
	for _, f := range r.round.refused {
		rejects = append(rejects, rejectOf(r.people[f.person].intent, refusalReason(f.err), now))
	}
	if len(rejects) == 0 {
		return nil
	}
	r.report.Rejected = len(rejects)
	return r.Control.putRejects(ctx, rejects)
}
