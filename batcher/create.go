package batcher

import (
	"context"
	"fmt"

	"rollcall/okta"
)

// create opens a session, and makes sure that it is the only one: a session that another opened at the same moment, or
// that the list did not show before, must not be in flight beside it.
func (r *run) create(ctx context.Context) error {
	if r.state.ObserveOnly {
		return nil
	}
	session, err := r.before().CreateSession(ctx)
	switch {
	case okta.Classify(err) == okta.Refused:
		return r.stop(Busy)
	case okta.Ambiguous(err):
		// The session may exist. It has no loads, nobody watches it, and a later look cancels it as stale.
		return fmt.Errorf("outcome unknown, a later run will look: %w", err)
	case err != nil:
		return err
	}
	r.session, r.open, r.report.Session = session, true, session.ID
	sessions, err := r.Okta.ListSessions(ctx)
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	for _, s := range sessions {
		if s.ID != session.ID && s.Status.Active() {
			return r.stop(Busy)
		}
	}
	return nil
}

// cancelOpen cancels the session of this run if it was not triggered. A session that cannot be cancelled now is
// cancelled as stale by a later run.
func (r *run) cancelOpen(ctx context.Context) error {
	if !r.open || r.session.ID == "" {
		return nil
	}
	err := r.Okta.CancelSession(ctx, r.session.ID)
	if err == nil || okta.IsNotFound(err) || okta.Classify(err) == okta.Refused {
		r.open = false
		return nil
	}
	return fmt.Errorf("cancel session: %w", err)
}
