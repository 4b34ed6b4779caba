package batcher

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/intent"
)

// Operator is what a person at the command line may do. Whatever it does can be done again: intents are enqueued before
// entries are deleted, and saying a person twice is harmless.
type Operator struct {
	Control *Control
	Queue   Queue
	// Who is noted with what was changed.
	Who string
}

// Pause stops every run before it receives anything.
func (o Operator) Pause(ctx context.Context) error {
	return o.change(ctx, func(s *State) { s.Paused = true })
}

// Resume ends a pause and observe-only, and any waiting after failures.
func (o Operator) Resume(ctx context.Context) error {
	return o.change(ctx, func(s *State) {
		s.Paused, s.ObserveOnly = false, false
		s.NextTry, s.Failures = time.Time{}, 0
	})
}

// Observe lets runs do everything but open a session.
func (o Operator) Observe(ctx context.Context) error {
	return o.change(ctx, func(s *State) { s.Paused, s.ObserveOnly = false, true })
}

func (o Operator) change(ctx context.Context, change func(*State)) error {
	_, err := o.Control.Change(ctx, func(s *State) bool {
		change(s)
		s.ChangedBy, s.ChangedAt = o.Who, time.Now().UTC()
		return true
	})
	return err
}

// Release enqueues held people as approved. They are resolved like any other, so that those whose items were restored
// in the meantime are upserted.
func (o Operator) Release(ctx context.Context, held []Held) error {
	intents := make([]intent.Intent, len(held))
	entries := make([]Entry, len(held))
	for i, h := range held {
		intents[i], entries[i] = h.Intent, h.entry
		intents[i].Approved = true
	}
	return o.enqueue(ctx, intents, entries)
}

// Discard forgets held people: they stay as they are in Okta, until something says them again.
func (o Operator) Discard(ctx context.Context, held []Held) error {
	entries := make([]Entry, len(held))
	for i, h := range held {
		entries[i] = h.entry
	}
	return o.enqueue(ctx, nil, entries)
}

// Retry enqueues rejected people, to be resolved by the state of the table. It returns those of whom no externalId is
// known, and leaves them: only a change of their item can say who they are.
func (o Operator) Retry(ctx context.Context, rejects []Reject) (unknown []Reject, err error) {
	var intents []intent.Intent
	var entries []Entry
	for _, r := range rejects {
		in, known := r.Intent()
		if !known {
			unknown = append(unknown, r)
			continue
		}
		intents, entries = append(intents, in), append(entries, r.entry)
	}
	return unknown, o.enqueue(ctx, intents, entries)
}

// DiscardRejects forgets rejects.
func (o Operator) DiscardRejects(ctx context.Context, rejects []Reject) error {
	entries := make([]Entry, len(rejects))
	for i, r := range rejects {
		entries[i] = r.entry
	}
	return o.enqueue(ctx, nil, entries)
}

// Deactivate enqueues deactivations that the guard lets pass. A person whose item is active is upserted all the same.
func (o Operator) Deactivate(ctx context.Context, externalIDs []string) error {
	intents := make([]intent.Intent, len(externalIDs))
	for i, id := range externalIDs {
		intents[i] = intent.Intent{
			ExternalID: id, Kind: intent.Deactivate, Approved: true, Changed: time.Now().Truncate(time.Second),
		}
	}
	return o.enqueue(ctx, intents, nil)
}

// enqueue sends intents and then deletes the entries that they stand for.
func (o Operator) enqueue(ctx context.Context, intents []intent.Intent, entries []Entry) error {
	if len(intents) > 0 {
		bodies, err := intent.Pack(intent.Message{Trace: uuid.NewString(), Intents: intents})
		if err != nil {
			return fmt.Errorf("encode messages: %w", err)
		}
		if failed, err := o.Queue.Send(ctx, bodies, 0); err != nil {
			return fmt.Errorf("send %d of %d messages: %w", len(failed), len(bodies), err)
		}
	}
	if len(entries) > 0 {
		if err := o.Control.store.Delete(ctx, entries); err != nil {
			return fmt.Errorf("delete entries: %w", err)
		}
	}
	return nil
}
