package batcher

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"rollcall/intent"
	"rollcall/okta"
)

const (
	// groupFrom is the attempt from which intents travel in sessions of their own: each such session that fails is
	// halved, so that 10,000 people are down to one after 14 more.
	groupFrom = 3
	// maxAttempts is the number of failed sessions after which a person is rejected.
	maxAttempts = 20
)

// completed reports how long each change took and whom the import did not apply, and drops the watch.
func (r *run) completed(ctx context.Context, w Watch, s okta.Session) error {
	if err := r.readFailures(ctx, w); err != nil {
		return err
	}
	if err := r.note(ctx, w, s); err != nil {
		return err
	}
	return r.Control.dropWatch(ctx, w)
}

// failedSession enqueues the intents of a session that did not complete, each one attempt older, and drops the watch.
// Done twice, after a crash in between, it only says the same people twice.
func (r *run) failedSession(ctx context.Context, w Watch, s okta.Session) error {
	if err := r.requeue(ctx, w, s.Status); err != nil {
		return err
	}
	if err := r.note(ctx, w, s); err != nil {
		return err
	}
	r.Log.WithField("session", w.Session).WithField("status", string(s.Status)).Warn("session failed, its people are queued again")
	return r.Control.dropWatch(ctx, w)
}

func (r *run) note(ctx context.Context, w Watch, s okta.Session) error {
	ended := time.Now()
	if s.Status == okta.StatusCompleted && !s.LastUpdated.IsZero() {
		skew, _ := r.Okta.Skew()
		ended = s.LastUpdated.Add(-skew)
	}
	changes := make([]time.Time, len(w.Intents))
	for i := range w.Intents {
		changes[i] = w.Intents[i].Changed
	}
	took := since(changes, ended)
	outcome := SessionOutcome{
		Session: w.Session, Status: string(s.Status), Ended: ended.UTC(), People: len(w.Intents),
		Median: took.Median, Slowest: took.Slowest,
	}
	r.report.Ended = append(r.report.Ended, outcome)
	return r.Control.putOutcome(ctx, outcome)
}

func (r *run) requeue(ctx context.Context, w Watch, status okta.Status) error {
	var together, apart []intent.Intent
	var rejects []intent.Reject
	for _, in := range w.Intents {
		in.Attempt++
		switch {
		case in.Attempt > maxAttempts:
			rejects = append(rejects, rejectOf(in, fmt.Sprintf("%d sessions with this person ended in %s", maxAttempts, status), time.Now()))
		case in.Attempt >= groupFrom:
			apart = append(apart, in)
		default:
			together = append(together, in)
		}
	}
	if len(rejects) > 0 {
		if err := r.Control.putRejects(ctx, rejects); err != nil {
			return err
		}
	}
	if err := r.sendOf(ctx, w.Session, r.Queue, "", together, 0); err != nil {
		return err
	}
	half := (len(apart) + 1) / 2
	for group := range slices.Chunk(apart, max(1, half)) {
		if err := r.sendOf(ctx, w.Session, r.Queue, uuid.NewString(), group, 0); err != nil {
			return err
		}
	}
	return nil
}

func firstKey(in intent.Intent) intent.Key {
	if len(in.Keys) == 0 {
		return ""
	}
	return in.Keys[0]
}
