package batcher

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rollcall/okta"
)

// look finds out how things stand at Okta before anything is opened: it settles the watched sessions that have ended,
// cancels what a dead run left behind, and stops while a session is in flight. With nothing received and nothing watched
// it stops without having called Okta.
func (r *run) look(ctx context.Context) error {
	watches, err := r.Control.Watches(ctx)
	if err != nil {
		return err
	}
	empty := len(r.inbox.deliveries) == 0
	if empty && len(watches) == 0 {
		return r.stop(Idle)
	}
	if r.state.ObserveOnly {
		return nil
	}
	sessions, err := r.before().ListSessions(ctx)
	if err != nil {
		return fmt.Errorf("list sessions: %w", err)
	}
	inFlight := false
	for _, w := range watches {
		flying, err := r.lookAt(ctx, w, sessions)
		if err != nil {
			return err
		}
		if flying {
			inFlight = true
			r.noteInFlight(w.Triggered)
		}
	}
	for _, s := range sessions {
		if !s.Status.Active() || slices.ContainsFunc(watches, func(w Watch) bool { return w.Session == s.ID }) {
			continue
		}
		stale, err := r.cancelStale(ctx, s)
		if err != nil {
			return err
		}
		inFlight = inFlight || !stale
	}
	if inFlight {
		return r.stop(Busy)
	}
	if empty {
		return r.stop(Looked)
	}
	return nil
}

// lookAt settles a watched session that has ended and reports whether it is still in flight. What the list does not
// show, or shows as ended, is read by itself: the list may lag and need not hold ended sessions.
func (r *run) lookAt(ctx context.Context, w Watch, listed []okta.Session) (inFlight bool, err error) {
	r.report.Watched++
	i := slices.IndexFunc(listed, func(s okta.Session) bool { return s.ID == w.Session })
	if i >= 0 && listed[i].Status.Active() {
		return true, nil
	}
	session, err := r.before().GetSession(ctx, w.Session)
	switch {
	case okta.IsNotFound(err):
		session.Status = statusGone
	case err != nil:
		return false, fmt.Errorf("read watched session: %w", err)
	}
	switch session.Status {
	case okta.StatusCompleted:
		err = r.completed(ctx, w, session)
	case okta.StatusError, okta.StatusExpired, okta.StatusClosed, statusGone:
		err = r.failedSession(ctx, w, session)
	default:
		return true, nil
	}
	r.report.Watched--
	return false, err
}

// statusGone stands for a session that Okta does not know any more.
const statusGone okta.Status = "GONE"

// noteInFlight notes the age of an import in flight. Of one whose time Okta does not tell nothing is known.
func (r *run) noteInFlight(triggered time.Time) {
	if !triggered.IsZero() {
		r.report.WatchAge = max(r.report.WatchAge, time.Since(triggered).Seconds())
	}
}

// cancelStale cancels an active session that nobody watches and that is older than the lease, and so of a run that is
// dead. A younger one may be of a run that is only slow, one of which Okta does not tell the age as well, and a triggered
// one cannot be cancelled: they are left to time.
func (r *run) cancelStale(ctx context.Context, s okta.Session) (cancelled bool, err error) {
	if s.Status == okta.StatusTriggered {
		r.noteInFlight(s.LastUpdated)
		return false, nil
	}
	if s.Created.IsZero() || r.oktaNow().Sub(s.Created) <= r.Timing.Lease {
		return false, nil
	}
	err = r.before().CancelSession(ctx, s.ID)
	switch {
	case err == nil, okta.IsNotFound(err):
		r.Log.WithField("session", s.ID).Warn("stale session cancelled")
		return true, nil
	case okta.Classify(err) == okta.Refused:
		return false, nil // triggered or ended in the meantime: the next look will see
	default:
		return false, fmt.Errorf("cancel stale session: %w", err)
	}
}

// oktaNow is the time by Okta's clock.
func (r *run) oktaNow() time.Time {
	skew, _ := r.Okta.Skew()
	return time.Now().Add(skew)
}
