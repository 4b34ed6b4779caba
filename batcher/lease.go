package batcher

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// errLeaseLost ends a run whose lease another run has taken, after a pause longer than the lease.
var errLeaseLost = errors.New("lease lost to another run")

// takeLease takes the lease, or stops: another run has it, an operator paused, or it is too early for another try.
func (r *run) takeLease(ctx context.Context) error {
	now := time.Now()
	outcome := Outcome("")
	state, err := r.Control.Change(ctx, func(s *State) bool {
		switch {
		case s.Paused:
			outcome = Paused
		case s.Owner != "" && s.Owner != r.owner && now.Before(s.Until):
			outcome = Leased
		case r.mode == loading && now.Before(s.NextTry):
			outcome = Waiting
		default:
			outcome = ""
			s.Owner, s.Until = r.owner, now.Add(r.Timing.Lease)
			return true
		}
		return false
	})
	if err != nil {
		return err
	}
	r.state = state
	r.report.NextTry = state.NextTry
	if outcome == Leased {
		r.report.LeaseWaits = 1
	}
	if outcome != "" {
		return r.stop(outcome)
	}
	r.leased.Store(true)
	return nil
}

// renew prolongs the lease, if it is still this run's.
func (r *run) renew(ctx context.Context) error {
	now := time.Now()
	ours := false
	_, err := r.Control.Change(ctx, func(s *State) bool {
		if ours = s.Owner == r.owner; ours {
			s.Until = now.Add(r.Timing.Lease)
		}
		return ours
	})
	if err != nil {
		return fmt.Errorf("renew lease: %w", err)
	}
	if !ours {
		return errLeaseLost
	}
	return nil
}

// keep renews the lease and the messages' visibility while the steps are running. It ends the run's context if the
// lease is lost; an error of the control table does so only when the lease is about to run out. The returned function
// ends it and waits for it.
func (r *run) keep(ctx context.Context, end context.CancelCauseFunc) func() {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		renewed, extended := time.Now(), time.Now()
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(r.Timing.Renew):
			}
			if !r.leased.Load() {
				renewed = time.Now()
				continue
			}
			switch err := r.renew(ctx); {
			case err == nil:
				renewed = time.Now()
			case errors.Is(err, errLeaseLost) || time.Since(renewed)+r.Timing.Renew > r.Timing.Lease:
				end(err)
				return
			}
			if time.Since(extended) < r.Timing.Visibility/3 {
				continue
			}
			// Not extended in time, the messages come twice, which is harmless.
			if r.source.Postpone(ctx, r.inbox.receipts(), r.Timing.Visibility) == nil {
				extended = time.Now()
			}
		}
	}()
	return func() { cancel(); <-done }
}

// release gives the lease back and sets the earliest next try: later when no session can be opened, and doubling with
// the runs that failed in a row. A round of the urgent lane says nothing about sessions.
func (r *run) release(ctx context.Context, failed bool) error {
	if !r.leased.Load() {
		return nil
	}
	state, err := r.Control.Change(ctx, func(s *State) bool {
		if s.Owner != r.owner {
			return false
		}
		s.Owner, s.Until = "", time.Time{}
		if r.judged {
			s.Refusals = r.state.Refusals
		}
		switch {
		case r.mode == takingOut:
		case failed:
			s.Failures++
			s.NextTry = time.Now().Add(r.backoff(s.Failures))
		case r.report.Outcome == Busy:
			if s.NextTry = time.Now().Add(r.busyFor()); r.nextTry.IsZero() { // a run that yielded has learned nothing
				s.Failures = 0
			}
		default:
			s.Failures, s.NextTry = 0, time.Time{}
		}
		return true
	})
	if err != nil {
		return fmt.Errorf("release lease: %w", err)
	}
	r.report.NextTry = state.NextTry
	return nil
}

// backoff is how long to stay away after that many failed runs in a row.
func (r *run) backoff(failures int) time.Duration {
	d := r.Timing.MinBackoff
	for range failures - 1 {
		if d *= 2; d >= r.Timing.MaxBackoff {
			return r.Timing.MaxBackoff
		}
	}
	return d
}
