package batcher

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/intent"
)

// sendBack sends the people who go back while others of their message do not, and those who are to be said again.
func (r *run) sendBack(ctx context.Context, untouched func(delivery) bool) error {
	apart := map[string]bool{}
	for _, d := range r.inbox.deliveries {
		if untouched(d) {
			continue
		}
		for i := range d.message.Intents {
			apart[d.message.Intents[i].ExternalID] = true
		}
	}
	var back, again []intent.Intent
	for i := range r.people {
		p := &r.people[i]
		in := p.intent
		switch p.fate {
		case returned:
			if apart[in.ExternalID] {
				back = append(back, in)
			}
		case suspected:
			in.Suspect++
			back = append(back, in)
		case repeated:
			in.Again = true
			again = append(again, in)
		}
	}
	if err := r.send(ctx, r.Queue, r.group, back, 0); err != nil {
		return err
	}
	return r.send(ctx, r.Queue, r.group, again, r.Timing.Again)
}

// giveBackRest makes every message that is still in the inbox visible again.
func (r *run) giveBackRest(ctx context.Context) error {
	rest := r.inbox.take()
	if len(rest) == 0 {
		return nil
	}
	var away time.Duration
	switch r.report.Outcome {
	case Busy:
		away = r.busyFor()
	case Failed:
		away = r.backoff(r.state.Failures + 1)
	case Observed:
		away = r.Timing.Busy // so that they are loaded soon once the flusher is set to work
	}
	if err := r.source.Postpone(ctx, receipts(rest), away); err != nil {
		return fmt.Errorf("give back messages: %w", err)
	}
	return nil
}

// send sends intents as messages of a group, all of them or an error.
func (r *run) send(ctx context.Context, queue Queue, group string, intents []intent.Intent, delay time.Duration) error {
	return r.sendOf(ctx, r.session.ID, queue, group, intents, delay)
}

// sendOf is send for the people of a session. They go on under a new trace id, which the log ties to the session.
func (r *run) sendOf(ctx context.Context, session string, queue Queue, group string, intents []intent.Intent, delay time.Duration) error {
	if len(intents) == 0 {
		return nil
	}
	trace := uuid.NewString()
	r.Log.WithField("trace", trace).WithField("session", session).WithField("intents", len(intents)).Info("intents sent again")
	bodies, err := intent.Pack(intent.Message{Trace: trace, Group: group, Intents: intents})
	if err != nil {
		return fmt.Errorf("encode messages: %w", err)
	}
	if failed, err := queue.Send(ctx, bodies, delay); err != nil {
		return fmt.Errorf("send %d of %d messages: %w", len(failed), len(bodies), err)
	}
	return nil
}
