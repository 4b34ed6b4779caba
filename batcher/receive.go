package batcher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"rollcall/intent"
)

const (
	// maxMessages bounds what a run takes along when the same people change over and over: 500 messages of 200 intents
	// are about 25 MB.
	maxMessages = 500
	// restTime bounds the reception of the rest.
	restTime = 30 * time.Second
)

// receive takes the first batch of messages: it waits for one, and then for the rest of its burst, so that the head of
// a burst does not take the session alone.
func (r *run) receive(ctx context.Context) error {
	n, err := r.take(ctx, r.patience)
	if err != nil || n == 0 {
		return err
	}
	end := time.Now().Add(r.gather())
	for n > 0 && len(r.inbox.deliveries) < maxMessages && time.Now().Before(end) {
		if n, err = r.take(ctx, r.Timing.Quiet); err != nil {
			return err
		}
	}
	if err := r.choose(ctx); err != nil {
		return err
	}
	r.tell()
	return nil
}

// receiveRest takes along what else there is, now that a session is open.
func (r *run) receiveRest(ctx context.Context) error {
	end := time.Now().Add(restTime)
	for n := 1; n > 0 && len(r.inbox.deliveries) < maxMessages && time.Now().Before(end); {
		var err error
		if n, err = r.take(ctx, r.Timing.Quiet); err != nil {
			return err
		}
	}
	if err := r.choose(ctx); err != nil {
		return err
	}
	r.tell()
	return nil
}

// tell reports the messages of the inbox, also of a run that gives them back.
func (r *run) tell() {
	r.report.Messages = len(r.inbox.deliveries)
	r.report.Oldest = r.inbox.age(time.Now()).Seconds()
	r.report.Intents, r.report.Trace = 0, nil
	for i := range r.inbox.deliveries {
		d := &r.inbox.deliveries[i]
		r.report.Intents += len(d.message.Intents)
		if d.message.Trace != "" {
			r.report.Trace = append(r.report.Trace, d.message.Trace)
		}
	}
}

// errNeverFits is said of a message that none of ours can be, and that would be given back for ever.
var errNeverFits = errors.New("message of more people than a session holds")

// take receives one batch and returns how many messages were taken along. A message that no release can read becomes a
// reject; one of a newer release is left to it, but counts, so that a heap of those does not end receiving; one with
// rejects is sent on without them, and is received again; one whose people are more than a session holds is given back at
// once, and counts as none taken, so that receiving ends.
func (r *run) take(ctx context.Context, wait time.Duration) (int, error) {
	batch, err := r.source.Receive(ctx, wait)
	if err != nil {
		return 0, fmt.Errorf("receive messages: %w", err)
	}
	var rejects []intent.Reject
	var spent, surplus, onward []string
	taken := 0
	for _, m := range batch {
		message, err := intent.Decode(m.Body)
		if len(message.Intents) > maxPeople {
			err = errNeverFits
		}
		switch {
		case errors.Is(err, intent.ErrNewer):
			r.Log.WithError(err).Warn("message left for a newer release")
			taken++ // there may be others behind it
			continue
		case err != nil:
			rejects = append(rejects, unreadable(m, err))
			spent = append(spent, m.Receipt)
			continue
		}
		rejects = append(rejects, message.Rejects...)
		switch {
		case len(message.Rejects) > 0:
			if len(message.Intents) > 0 {
				message.Rejects = nil
				bodies, err := intent.Pack(message)
				if err != nil {
					return 0, fmt.Errorf("encode messages: %w", err)
				}
				onward = append(onward, bodies...)
			}
			spent = append(spent, m.Receipt)
		case len(message.Intents) == 0:
			spent = append(spent, m.Receipt)
		case !r.inbox.fits(message):
			surplus = append(surplus, m.Receipt)
		default:
			r.inbox.add(delivery{Received: m, message: message})
		}
		taken++
	}
	if len(surplus) > 0 {
		taken = 0
		if err := r.source.Postpone(ctx, surplus, 0); err != nil {
			return 0, fmt.Errorf("give back messages: %w", err)
		}
	}
	return taken, r.enterRejects(ctx, rejects, onward, spent)
}

// enterRejects enters rejects, sends on without them the messages that held intents too, and then deletes those of either
// kind. So they are entered once, and what an operator discards stays discarded however often those people go back.
func (r *run) enterRejects(ctx context.Context, rejects []intent.Reject, onward, spent []string) error {
	r.report.RecordRejects += len(rejects)
	if len(rejects) > 0 {
		if err := r.Control.putRejects(ctx, rejects); err != nil {
			return err
		}
	}
	if len(onward) > 0 {
		if failed, err := r.source.Send(ctx, onward, 0); err != nil {
			return fmt.Errorf("send %d of %d messages: %w", len(failed), len(onward), err)
		}
	}
	if len(spent) > 0 {
		if err := r.source.Delete(ctx, spent); err != nil {
			return fmt.Errorf("delete messages: %w", err)
		}
	}
	return nil
}

// unreadable is the reject of a message: the body's hash names it, since the body itself must not be kept.
func unreadable(m Received, err error) intent.Reject {
	sum := sha256.Sum256([]byte(m.Body))
	return intent.Reject{Record: "message " + hex.EncodeToString(sum[:8]), Reason: err.Error(), At: time.Now()}
}

// choose settles on one kind of traveller: people whose sessions failed go in a session of their group alone. The
// oldest message decides, so that neither kind starves; the others are given back.
func (r *run) choose(ctx context.Context) error {
	first := r.inbox.oldest()
	if first == nil {
		return nil
	}
	group := first.message.Group
	if r.session.ID != "" {
		group = r.group
	}
	r.group = group
	others := r.inbox.keepOnly(func(d delivery) bool { return d.message.Group == group })
	if len(others) == 0 {
		return nil
	}
	if err := r.source.Postpone(ctx, receipts(others), r.Timing.Busy); err != nil {
		return fmt.Errorf("give back messages: %w", err)
	}
	return nil
}
