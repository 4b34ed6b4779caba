// Package foresee says what the next flush would do, as far as that can be told without doing any of it: nothing is
// written, and no message is taken.
package foresee

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/review"
	"rollcall/internal/sessions"
	"rollcall/internal/status"
	"rollcall/okta"
)

// Peeker looks into a queue without taking anything. SQS cannot.
type Peeker interface {
	// Peek hands every message to look, oldest first, and whether it can be received now.
	Peek(ctx context.Context, look func(body string, visible bool) error) error
}

// Outlook is what the next flush would do.
type Outlook struct {
	// Outcome is how it would end. Triggered stands for a session that is opened, as far as there is anybody to tell.
	Outcome batcher.Outcome `json:"outcome"`
	// NextTry is when it may begin, LeasedUntil when another run's lease ends; each only where that is what keeps it.
	NextTry     time.Time `json:"nextTry,omitzero"`
	LeasedUntil time.Time `json:"leasedUntil,omitzero"`
	// Waiting are the messages that it could receive, about.
	Waiting int64 `json:"waiting"`
	// Sessions are those that Okta lists; not asked for where a flush would not.
	Sessions []sessions.Session `json:"sessions,omitempty"`
	// Problem is why Okta could not be asked: the flush would fail.
	Problem string `json:"problem,omitempty"`
	// People is nil where the queue cannot be looked into, or a flush would receive nothing.
	People *People `json:"people,omitempty"`
}

// People are those that the flush would take along, by what it would do about them.
type People struct {
	Messages   int    `json:"messages"`
	People     int    `json:"people"`
	Upsert     int    `json:"upsert"`
	Deactivate int    `json:"deactivate"`
	Nothing    int    `json:"nothing"`
	Reject     int    `json:"reject"`
	Hold       int    `json:"hold"`
	HoldReason string `json:"holdReason,omitempty"`
}

// Source is what is looked at.
type Source struct {
	Control *batcher.Control
	// Flusher is never run; it is asked what it would decide.
	Flusher *batcher.Flusher
	Okta    sessions.Okta
	Queue   status.Depther
	// Peek is nil where the queue cannot be looked into.
	Peek Peeker
}

// Look goes through the steps of a flush.
func (s Source) Look(ctx context.Context) (Outlook, error) {
	state, err := s.Control.State(ctx)
	if err != nil {
		return Outlook{}, err
	}
	var o Outlook
	if o.Waiting, _, _, err = s.Queue.Depth(ctx); err != nil {
		return Outlook{}, err
	}
	watches, err := s.Control.Watches(ctx)
	if err != nil {
		return Outlook{}, err
	}
	now := time.Now()
	switch {
	case state.Paused:
		o.Outcome = batcher.Paused
		return o, nil
	case state.Owner != "" && now.Before(state.Until):
		o.Outcome, o.LeasedUntil = batcher.Leased, state.Until
		return o, nil
	case now.Before(state.NextTry):
		o.Outcome, o.NextTry = batcher.Waiting, state.NextTry
		return o, nil
	case o.Waiting == 0 && len(watches) == 0:
		o.Outcome = batcher.Idle
		return o, nil
	}
	if err := s.people(ctx, &o); err != nil {
		return Outlook{}, err
	}
	if state.ObserveOnly {
		o.Outcome = batcher.Observed
		return o, nil
	}
	return o, s.org(ctx, &o)
}

// org asks Okta, as the flush would before it opens anything.
func (s Source) org(ctx context.Context, o *Outlook) error {
	desk := sessions.Desk{Okta: s.Okta, Control: s.Control, Lease: s.Flusher.Timing.Lease}
	listed, err := desk.List(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil:
		o.Outcome, o.Problem = batcher.Failed, err.Error()
		return nil
	}
	o.Sessions = listed
	o.Outcome = batcher.Triggered
	switch {
	case inFlight(listed):
		o.Outcome = batcher.Busy
	case o.Waiting == 0:
		o.Outcome = batcher.Looked
	case o.People != nil && o.People.Upsert+o.People.Deactivate == 0:
		o.Outcome = batcher.Nothing
	}
	return nil
}

// inFlight says that a session is active that the flush would not cancel.
func inFlight(all []sessions.Session) bool {
	for _, s := range all {
		if okta.Status(s.Status).Active() && s.Whose != sessions.StaleOne {
			return true
		}
	}
	return false
}

// maxPeople is the most distinct people of one session.
const maxPeople = okta.MaxLoads * okta.MaxLoadPeople

// errEnough ends a look into the queue.
var errEnough = errors.New("enough")

// people decides about whom the flush would take along. The oldest message settles which group travels; a message that
// cannot be read becomes a reject, and one of a newer release is left.
func (s Source) people(ctx context.Context, o *Outlook) error {
	if s.Peek == nil || o.Waiting == 0 {
		return nil
	}
	p := &People{}
	var intents []intent.Intent
	ids := map[string]bool{}
	group, first := "", true
	err := s.Peek.Peek(ctx, func(body string, visible bool) error {
		m, err := intent.Decode(body)
		switch {
		case !visible || errors.Is(err, intent.ErrNewer):
			return nil
		case err != nil:
			p.Messages++
			p.Reject++
			return nil
		case first:
			group, first = m.Group, false
		case m.Group != group:
			return nil
		}
		p.Messages++
		p.Reject += len(m.Rejects)
		for _, in := range m.Intents {
			ids[in.ExternalID] = true
		}
		intents = append(intents, m.Intents...)
		if len(ids) >= maxPeople {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return err
	}
	decisions, err := review.Foresee(ctx, s.Flusher, batcher.Coalesce(intents))
	if err != nil {
		return fmt.Errorf("foresee: %w", err)
	}
	p.count(decisions)
	o.People = p
	return nil
}

func (p *People) count(decisions []batcher.Decision) {
	p.People = len(decisions)
	for _, d := range decisions {
		switch d.Action {
		case batcher.DoUpsert:
			p.Upsert++
		case batcher.DoDeactivate:
			p.Deactivate++
		case batcher.DoReject:
			p.Reject++
		case batcher.DoHold:
			p.Hold, p.HoldReason = p.Hold+1, d.Reason
		default:
			p.Nothing++
		}
	}
}
