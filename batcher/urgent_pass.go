package batcher

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rollcall/okta"
)

// passOver deletes the messages of which nobody needs a call any more: a session has taken those leavers along that was
// triggered after they left, or the lane has seen to them. It costs Okta nothing. Then it gives the index its time.
func (r *run) passOver(ctx context.Context) error {
	told, err := r.toldBySession(ctx)
	if err != nil {
		return err
	}
	r.round.fresh = map[string]bool{}
	done := r.inbox.keepOnly(func(d delivery) (keep bool) {
		for _, in := range d.message.Intents {
			if !covers(told[in.ExternalID], in) && !r.Urgent.knows(in) {
				r.round.fresh[in.ExternalID], keep = true, true
			}
		}
		return keep
	})
	if len(done) > 0 {
		if err := r.source.Delete(ctx, receipts(done)); err != nil {
			return fmt.Errorf("acknowledge messages: %w", err)
		}
	}
	if len(r.inbox.deliveries) == 0 {
		return r.stop(Urgent)
	}
	if err := r.awaitIndex(ctx); err != nil {
		return err
	}
	r.round.read = time.Now()
	return nil
}

// toldBySession returns those of the inbox whose deactivation is in a session that was triggered and did not fail, with
// the time at which it was entered. A session that is still being imported will take them out: a call would be a second.
func (r *run) toldBySession(ctx context.Context) (map[string]time.Time, error) {
	told := map[string]time.Time{}
	good := map[string]bool{}
	watches, err := r.Control.Watches(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range watches {
		good[w.Session] = true
	}
	for _, kind := range []string{kindDeactivated, kindApproved} {
		entries, err := r.Control.store.List(ctx, kind)
		if err != nil {
			return nil, fmt.Errorf("list %s entries: %w", kind, err)
		}
		for _, e := range entries {
			var d Deactivated
			if !r.inbox.people[e.ID] || json.Unmarshal(e.Value, &d) != nil || d.Session == urgentSession {
				continue
			}
			is, known := good[d.Session]
			if !known {
				if is, err = r.Control.hasCompleted(ctx, d.Session); err != nil {
					return nil, err
				}
				good[d.Session] = is
			}
			if is && d.At.After(told[e.ID]) {
				told[e.ID] = d.At
			}
		}
	}
	return told, nil
}

// hasCompleted tells whether a session is known to have been imported.
func (c *Control) hasCompleted(ctx context.Context, session string) (bool, error) {
	e, err := c.store.Get(ctx, kindSession, session)
	if err != nil {
		return false, fmt.Errorf("read session outcome: %w", err)
	}
	var o SessionOutcome
	return e.Version != 0 && json.Unmarshal(e.Value, &o) == nil && o.Status == string(okta.StatusCompleted), nil
}

// urgentSession stands for a session where the urgent lane deactivated somebody.
const urgentSession = "urgent"

// sweepUrgent forgets the urgent copies of what the intents queue had for a flush that found it empty: they have been
// taken by a flush. What came since stays. What goes wrong is logged: it loses nobody, and the copies are forgotten
// within the hour by themselves.
func (r *run) sweepUrgent(ctx context.Context) {
	for {
		batch, err := r.Urgent.Queue.Receive(ctx, 0)
		var old, young []string
		for _, m := range batch {
			if m.Sent.Before(r.started) {
				old = append(old, m.Receipt)
			} else {
				young = append(young, m.Receipt)
			}
		}
		if err == nil && len(old) > 0 {
			err = r.Urgent.Queue.Delete(ctx, old)
		}
		if err == nil && len(young) > 0 {
			err = r.Urgent.Queue.Postpone(ctx, young, 0)
		}
		if err != nil {
			r.Log.WithError(err).Warn("urgent queue not swept")
		}
		if err != nil || len(batch) == 0 || len(young) > 0 {
			return
		}
	}
}
