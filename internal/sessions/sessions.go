// Package sessions shows an operator the identity source's import sessions and cancels those that nobody will trigger.
package sessions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/batcher"
	"rollcall/okta"
)

// Whose says to whom a session belongs, as far as can be told.
type Whose string

const (
	// Watched: rollcall triggered it, and sees to its people.
	Watched Whose = "watched"
	// StaleOne: never triggered and older than a lease, so that no living run can be at it.
	StaleOne Whose = "stale"
	// Open: never triggered and younger, or of unknown age; a run may be loading it.
	Open Whose = "open"
	// Other: triggered, and nobody watches it.
	Other Whose = "other"
	// Ended: nothing comes of it any more.
	Ended Whose = "ended"
)

// Session is a session of the identity source.
type Session struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	// Created is by Okta's clock; Age is in seconds.
	Created time.Time `json:"created,omitzero"`
	Age     float64   `json:"ageSeconds"`
	Whose   Whose     `json:"whose"`
	// People are those of a watched session.
	People int `json:"people,omitempty"`
	// Outcome is what became of it when it was to be cancelled, empty before.
	Outcome string `json:"outcome,omitempty"`
}

// Okta is what is called of Okta.
type Okta interface {
	ListSessions(ctx context.Context) ([]okta.Session, error)
	GetSession(ctx context.Context, id string) (okta.Session, error)
	CancelSession(ctx context.Context, id string) error
	Skew() (ahead time.Duration, known bool)
}

var _ Okta = (*okta.Client)(nil)

// Desk is where an operator looks after sessions.
type Desk struct {
	Okta    Okta
	Control *batcher.Control
	// Lease is the flusher's: what is older and was not triggered is of a dead run.
	Lease time.Duration
}

// List returns the sessions that Okta lists, oldest first.
func (d Desk) List(ctx context.Context) ([]Session, error) {
	listed, err := d.Okta.ListSessions(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return d.known(ctx, listed)
}

// Choose returns the sessions to cancel: the one of that ID, which need not be listed, or the stale ones.
func (d Desk) Choose(ctx context.Context, ids []string, stale bool) ([]Session, error) {
	if stale {
		all, err := d.List(ctx)
		return Stale(all), err
	}
	chosen := []okta.Session{}
	for _, id := range ids {
		session, err := d.Okta.GetSession(ctx, id)
		if okta.IsNotFound(err) {
			return nil, fmt.Errorf("okta knows no session %s of this identity source", id)
		}
		if err != nil {
			return nil, fmt.Errorf("read session: %w", err)
		}
		chosen = append(chosen, session)
	}
	return d.known(ctx, chosen)
}

// Stale returns the stale ones among sessions.
func Stale(all []Session) []Session {
	return slices.DeleteFunc(slices.Clone(all), func(s Session) bool { return s.Whose != StaleOne })
}

// Cancel cancels sessions, and notes in each what became of it. It goes on after one that Okta refuses; the error says
// which.
func (d Desk) Cancel(ctx context.Context, chosen []Session) error {
	var problems []error
	for i := range chosen {
		s := &chosen[i]
		err := d.cancel(ctx, *s)
		if err == nil {
			s.Outcome = "cancelled"
			continue
		}
		s.Outcome = "not cancelled: " + err.Error()
		problems = append(problems, fmt.Errorf("session %s: %w", s.ID, err))
	}
	return errors.Join(problems...)
}

func (d Desk) cancel(ctx context.Context, s Session) error {
	if s.Status == string(okta.StatusTriggered) {
		return errors.New("it was triggered: Okta cancels it no more, it can only be waited for")
	}
	if err := d.Okta.CancelSession(ctx, s.ID); err != nil && !okta.IsNotFound(err) {
		return err
	}
	return nil
}

// known says of sessions whose they are.
func (d Desk) known(ctx context.Context, listed []okta.Session) ([]Session, error) {
	watches, err := d.Control.Watches(ctx)
	if err != nil {
		return nil, err
	}
	ahead, _ := d.Okta.Skew()
	now := time.Now().Add(ahead)
	all := make([]Session, 0, len(listed))
	for _, s := range listed {
		one := Session{ID: s.ID, Status: string(s.Status), Created: s.Created, Age: max(0, now.Sub(s.Created).Seconds())}
		i := slices.IndexFunc(watches, func(w batcher.Watch) bool { return w.Session == s.ID })
		switch {
		case i >= 0:
			one.Whose, one.People = Watched, len(watches[i].Intents)
		case !s.Status.Active():
			one.Whose = Ended
		case s.Status == okta.StatusTriggered:
			one.Whose = Other
		case s.Created.IsZero():
			one.Whose, one.Age = Open, 0 // of unknown age: a flush leaves it to time
		case now.Sub(s.Created) > d.Lease:
			one.Whose = StaleOne
		default:
			one.Whose = Open
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b Session) int { return a.Created.Compare(b.Created) })
	return all, nil
}
