package batcher

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/okta"
)

// cancelIdle cancels a session that has nothing to trigger: no load was accepted, or only deactivations were and Okta knows
// none of those people. The latter are said once more later, since a person whose create is still being imported is
// unknown until it is done. Nobody of the run is loaded then, and nothing is left to do but to acknowledge.
func (r *run) cancelIdle(ctx context.Context) error {
	idle, err := r.idle(ctx)
	if err != nil || !idle {
		return err
	}
	for i := range r.people {
		if p := &r.people[i]; p.fate == loaded {
			p.fate = settled
			if !p.intent.Again {
				p.fate = repeated
			}
		}
	}
	r.report.Outcome = Nothing
	return r.cancelOpen(ctx)
}

// idle reports whether the session holds nothing. After uploads of deactivations alone Okta is asked; since the status
// may lag behind an upload, it is asked twice before it is believed.
func (r *run) idle(ctx context.Context) (bool, error) {
	some := false
	for i := range r.people {
		if r.people[i].fate != loaded {
			continue
		}
		if r.people[i].action == actUpsert {
			return false, nil
		}
		some = true
	}
	if !some {
		return true, nil
	}
	for n := range 2 {
		if n > 0 {
			if err := sleep(ctx, r.Timing.Recheck); err != nil {
				return false, err
			}
		}
		session, err := r.Okta.GetSession(ctx, r.session.ID)
		if err != nil {
			return false, fmt.Errorf("read session: %w", err)
		}
		if session.Status != okta.StatusCreated {
			return false, nil
		}
	}
	return true, nil
}

// trigger starts the import of a session that holds something, if the lease is still this run's. It returns nil only if
// that was started.
func (r *run) trigger(ctx context.Context) error {
	if !r.open {
		return nil
	}
	if err := r.renew(ctx); err != nil {
		return err
	}
	_, err := r.Okta.StartImport(ctx, r.session.ID)
	if okta.Classify(err) == okta.Refused {
		// The status may lag behind the uploads: once more, a little later.
		if err := sleep(ctx, r.Timing.Recheck); err != nil {
			return err
		}
		_, err = r.Okta.StartImport(ctx, r.session.ID)
	}
	if err != nil {
		started, readErr := r.wasStarted(ctx, err)
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		if !started {
			return err
		}
	}
	r.open = false
	r.report.Outcome = Triggered
	r.triggered = time.Now()
	var changes []time.Time
	for i := range r.people {
		if p := &r.people[i]; p.fate == loaded {
			changes = append(changes, p.intent.Changed)
		}
	}
	r.report.ChangeToTrigger = since(changes, r.triggered)
	return nil
}

// wasStarted finds out whether a trigger that failed started the import all the same. A status that lags says no more
// than CREATED or IN_PROGRESS; then the answer to a cancellation does, since Okta cancels nothing that was triggered.
func (r *run) wasStarted(ctx context.Context, err error) (bool, error) {
	if !okta.Ambiguous(err) && okta.Classify(err) != okta.Refused {
		return false, nil
	}
	session, err := r.Okta.GetSession(ctx, r.session.ID)
	if err != nil {
		return false, fmt.Errorf("read session: %w", err)
	}
	switch session.Status {
	case okta.StatusTriggered, okta.StatusCompleted, okta.StatusError:
		return true, nil
	case okta.StatusCreated, okta.StatusInProgress:
	default:
		r.open = false
		return false, nil
	}
	err = r.Okta.CancelSession(ctx, r.session.ID)
	switch {
	case err == nil, okta.IsNotFound(err):
		r.open = false
		return false, nil
	case okta.Classify(err) == okta.Refused:
		return true, nil
	default:
		return false, fmt.Errorf("cancel session: %w", err)
	}
}
