package batcher

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"rollcall/intent"
)

// UrgentLane takes leavers out one by one while no session can be opened. It has a queue of its own, on which the
// stream-handler puts deactivations a second time; what is lost there is on the intents queue all the same.
type UrgentLane struct {
	Queue Queue
	// PerMinute is the most calls to Okta in any 60 s.
	PerMinute int

	mu    sync.Mutex
	spent []time.Time // the latest calls, oldest first, at most PerMinute
	seen  map[string]time.Time
	// accepted is when Okta last took somebody out.
	accepted time.Time
	// yielded is set by a run that left the lane its turn, till the next.
	yielded atomic.Bool
}

// memory is how long the lane remembers whom it has seen to: as long as the queue keeps a copy.
const memory = time.Hour

// pause returns how long the budget has no call left; 0 if it has one.
func (l *UrgentLane) pause(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fullFor(now)
}

func (l *UrgentLane) fullFor(now time.Time) time.Duration {
	if len(l.spent) < l.PerMinute {
		return 0
	}
	return max(0, l.spent[0].Add(time.Minute).Sub(now))
}

// left returns how many calls the budget has.
func (l *UrgentLane) left(now time.Time) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := l.PerMinute
	for _, at := range l.spent {
		if now.Before(at.Add(time.Minute)) {
			n--
		}
	}
	return n
}

// book takes a call from the budget, and returns false if it has none.
func (l *UrgentLane) book() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if l.fullFor(now) > 0 {
		return false
	}
	if len(l.spent) == l.PerMinute {
		l.spent = l.spent[1:]
	}
	l.spent = append(l.spent, now)
	return true
}

// remember notes that somebody was seen to, by the table as it was at a time.
func (l *UrgentLane) remember(externalID string, at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[string]time.Time{}
	}
	for id, seen := range l.seen {
		if at.Sub(seen) > memory {
			delete(l.seen, id)
		}
	}
	if at.After(l.seen[externalID]) {
		l.seen[externalID] = at
	}
}

// took notes that Okta took somebody out, and tookAny tells whether it did so lately: then a refusal is not for want of
// a right.
func (l *UrgentLane) took(at time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted = at
}

func (l *UrgentLane) tookAny(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.accepted.IsZero() && now.Sub(l.accepted) < memory
}

// knows tells whether the lane has seen to what an intent says.
func (l *UrgentLane) knows(in intent.Intent) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return covers(l.seen[in.ExternalID], in)
}

// covers tells whether what was done by the table as it was at a time includes an intent's change. Of a change whose time
// is not known it does not say so.
func covers(at time.Time, in intent.Intent) bool {
	return !in.Changed.IsZero() && !in.Changed.After(at)
}

// urgentSteps are one round of the urgent lane. Everybody who has a turn is said again before the first call, so that no
// call that lands late has the last word, whatever becomes of this process.
var urgentSteps = []step{
	{"take lease", (*run).takeLease},
	{"receive urgent", (*run).receiveUrgent},
	{"pass over", (*run).passOver},
	{"resolve", (*run).resolve},
	{"guard", (*run).guard},
	{"take turns", (*run).takeTurns},
	{"say again", (*run).sayAgain},
	{"deactivate", (*run).deactivate},
	{"judge refusals", (*run).judgeUrgent},
	{"acknowledge urgent", (*run).acknowledgeUrgent},
}

// round is the state of a round of the urgent lane.
type round struct {
	// until is when the flushes have their turn again.
	until time.Time
	// fresh are those of the inbox of whom an intent says something new.
	fresh map[string]bool
	// read is when the table was read, or a little before.
	read time.Time
	// back are those who go back to the urgent queue, by externalId, with the time till they come again.
	back    map[string]time.Duration
	refused []refusal
}

// flushUrgent works off one batch of what the urgent queue gives till a time. Nobody is deactivated while anybody is held:
// then something is wrong that an operator has to look at.
func (f *Flusher) flushUrgent(ctx context.Context, until time.Time) (Report, error) {
	r := &run{mode: takingOut, source: f.Urgent.Queue}
	r.round.until, r.round.back = until, map[string]time.Duration{}
	return f.do(ctx, urgentSteps, r)
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
	n, err := r.take(ctx, min(r.Timing.Poll, time.Until(r.round.until)))
	if err != nil {
		return err
	}
	if n == 0 || len(r.inbox.deliveries) == 0 {
		return r.stop(Idle)
	}
	return nil
}

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
	return sleep(ctx, time.Until(youngest.Add(r.Timing.IndexLag)))
}

// takeTurns settles who has a turn: as many as the budget has calls. The others go back.
func (r *run) takeTurns(context.Context) error {
	now := time.Now()
	left := r.Urgent.left(now)
	for i := range r.people {
		p := &r.people[i]
		switch {
		case !r.round.fresh[p.intent.ExternalID]:
			p.fate, p.action = settled, actNothing
		case p.action != actDeactivate:
			p.fate = repeated
		case left == 0:
			r.comeAgain(p, r.Urgent.pause(now))
		default:
			p.fate = repeated
			left--
		}
	}
	return nil
}

// comeAgain has a person go back to the urgent queue for a while.
func (r *run) comeAgain(p *person, after time.Duration) {
	p.fate = returned
	r.round.back[p.intent.ExternalID] = max(after, minPause)
}

// sayAgain puts everybody who has a turn on the intents queue once more, whatever they were resolved to: a session that is
// still being imported may bring a leaver back, and a call that Okta acts on late may take out somebody who has come back
// since.
func (r *run) sayAgain(ctx context.Context) error {
	var again []intent.Intent
	for i := range r.people {
		if r.people[i].fate == repeated {
			again = append(again, r.people[i].intent)
		}
	}
	return r.send(ctx, r.Queue, "", again, r.Timing.Again)
}

// acknowledgeUrgent deletes the messages whose people were all seen to. The others come again as they are, so that they
// grow older: what is an hour old in this queue is forgotten.
func (r *run) acknowledgeUrgent(ctx context.Context) error {
	for i := range r.people {
		if p := &r.people[i]; p.fate != returned {
			r.Urgent.remember(p.intent.ExternalID, r.round.read)
		}
	}
	var done []string
	for _, d := range r.inbox.deliveries {
		after := time.Duration(-1)
		for _, in := range d.message.Intents {
			if wait, goes := r.round.back[in.ExternalID]; goes && (after < 0 || wait < after) {
				after = wait
			}
		}
		if after < 0 {
			done = append(done, d.Receipt)
			continue
		}
		if err := r.source.Postpone(ctx, []string{d.Receipt}, after); err != nil {
			return fmt.Errorf("give back messages: %w", err)
		}
	}
	if len(done) > 0 {
		if err := r.source.Delete(ctx, done); err != nil {
			return fmt.Errorf("acknowledge messages: %w", err)
		}
	}
	r.inbox.take()
	return r.stop(Urgent)
}
