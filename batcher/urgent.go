package batcher

import (
	"context"
	"fmt"
	"sync"
	"time"

	"rollcall/intent"
	"rollcall/okta"
)

// UrgentLane takes leavers out one by one while no session can be opened. It has a queue of its own, on which the
// stream-handler puts deactivations a second time; what is lost there is on the intents queue all the same.
type UrgentLane struct {
	Queue Queue
	// PerMinute is the most calls to Okta in any 60 s.
	PerMinute int

	mu    sync.Mutex
	spent []time.Time // the latest calls, oldest first, at most PerMinute
}

// next returns how long to wait before another call, and counts it if that is not at all.
func (l *UrgentLane) next(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.spent) >= l.PerMinute {
		if wait := l.spent[0].Add(time.Minute).Sub(now); wait > 0 {
			return wait
		}
		l.spent = l.spent[1:]
	}
	l.spent = append(l.spent, now)
	return 0
}

// urgentSteps are one round of the urgent lane.
var urgentSteps = []step{
	{"take lease", (*run).takeLease},
	{"receive urgent", (*run).receiveUrgent},
	{"resolve", (*run).resolve},
	{"guard", (*run).guard},
	{"deactivate", (*run).deactivate},
	{"say again", (*run).sayAgain},
}

// flushUrgent works off what the urgent queue gives till a time, or one batch of it. Nobody is deactivated while anybody
// is held: then something is wrong that an operator has to look at.
func (f *Flusher) flushUrgent(ctx context.Context, until time.Time) (Report, error) {
	return f.do(ctx, urgentSteps, &run{until: until, source: f.Urgent.Queue})
}

// receiveUrgent takes one batch off the urgent queue.
func (r *run) receiveUrgent(ctx context.Context) error {
	held, err := r.Control.Held(ctx)
	if err != nil {
		return err
	}
	if len(held) > 0 || r.state.ObserveOnly {
		return r.stop(Idle)
	}
	n, err := r.take(ctx, min(r.Timing.Poll, time.Until(r.until)))
	if err != nil {
		return err
	}
	if n == 0 || len(r.inbox.deliveries) == 0 {
		return r.stop(Idle)
	}
	return r.awaitIndex(ctx)
}

// indexLag is how long an index on externalId is waited for. Nobody promises a bound; it is normally well below a second.
const indexLag = 5 * time.Second

// awaitIndex gives the index on externalId, where there is one, the time to learn of changes that came just now: somebody
// who was moved to another key is not to be taken for a leaver. A flush comes later by itself.
func (r *run) awaitIndex(ctx context.Context) error {
	if !r.Indexed {
		return nil
	}
	youngest := time.Time{}
	for _, d := range r.inbox.deliveries {
		if d.Sent.After(youngest) {
			youngest = d.Sent
		}
	}
	return sleep(ctx, time.Until(youngest.Add(indexLag)))
}

// deactivate takes out those whom the guard lets pass, as many as the budget and the time allow. The others have not had
// their turn: they go back to the urgent queue.
func (r *run) deactivate(ctx context.Context) error {
	for i := range r.people {
		r.people[i].fate = repeated
	}
	for i := range r.people {
		p := &r.people[i]
		if p.action != actDeactivate {
			continue
		}
		if !r.turn(ctx) {
			p.fate = returned
			continue
		}
		if err := r.Control.enterDeactivated(ctx, []person{*p}, r.past, "urgent", time.Now()); err != nil {
			return err
		}
		err := r.Okta.DeleteUser(ctx, p.intent.ExternalID)
		switch {
		case err == nil:
			r.report.Deactivated++
		case okta.IsNotFound(err):
		case okta.Classify(err) == okta.Throttled:
			p.fate = returned
		default:
			return err
		}
	}
	return nil
}

// turn waits for the budget to allow a call, and returns false if that is not before the end.
func (r *run) turn(ctx context.Context) bool {
	for {
		now := time.Now()
		wait := r.Urgent.next(now)
		if wait == 0 {
			return true
		}
		if now.Add(wait).After(r.until) || sleep(ctx, wait) != nil {
			return false
		}
	}
}

// sayAgain puts everybody who had a turn on the intents queue once more, whatever they were resolved to: a session that
// is still being imported may bring a leaver back, and a call that Okta acts on late may take out somebody who has come
// back since. Then the messages are done.
func (r *run) sayAgain(ctx context.Context) error {
	var again, back []intent.Intent
	for i := range r.people {
		if r.people[i].fate == returned {
			back = append(back, r.people[i].intent)
		} else {
			again = append(again, r.people[i].intent)
		}
	}
	if err := r.send(ctx, r.Queue, "", again, r.Timing.Again); err != nil {
		return err
	}
	if err := r.send(ctx, r.source, "", back, 0); err != nil {
		return err
	}
	if err := r.source.Delete(ctx, r.inbox.receipts()); err != nil {
		return fmt.Errorf("acknowledge messages: %w", err)
	}
	r.inbox.take()
	return r.stop(Urgent)
}
