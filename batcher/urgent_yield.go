package batcher

import (
	"context"
	"errors"
	"time"

	"rollcall/intent"
	"rollcall/okta"
)

// A flush that waits for the rate limit holds the lease for up to a minute, and nobody can be taken out meanwhile. So
// where there is an urgent lane a flush does not wait before it has a session: it ends as busy till the next window, and the
// lane has its turn, on the share of the limit that others are left. A flush that has a session goes on to its end.

// yields has a step do so.
func yields(do func(*run, context.Context) error) func(*run, context.Context) error {
	return func(r *run, ctx context.Context) error {
		if r.yielding && r.Urgent.yielded.Swap(false) {
			r.yielding = false
		}
		err := do(r, ctx)
		throttled, is := errors.AsType[*okta.ThrottledError](err)
		if !is || !r.yielding || r.open {
			return err
		}
		return r.yield(throttled.Until)
	}
}

// yield ends the run as busy till a time. The next run does not yield: where others leave little of each window, a flush
// must come to its calls in the end.
func (r *run) yield(until time.Time) error {
	r.Urgent.yielded.Store(true)
	r.nextTry = until
	return r.stop(Busy)
}

// awaitRoom ends a run that yields where the window has no room for the calls of a small session: once one is open, the
// lane has no turn. One is listed after it was opened; of one that holds leavers alone the status is read twice.
func (r *run) awaitRoom(context.Context) error {
	reads := 3
	for _, d := range r.inbox.deliveries {
		for i := range d.message.Intents {
			if d.message.Intents[i].Kind != intent.Deactivate {
				reads = 1
			}
		}
	}
	if at := r.Okta.NextSession(reads); r.yielding && !r.state.ObserveOnly && !at.IsZero() {
		return r.yield(at)
	}
	return nil
}

// before is the client of Okta for what comes before a session is open.
func (r *run) before() *okta.Client {
	if !r.yielding {
		return r.Okta
	}
	return r.Okta.On(okta.Terms{Patience: -1})
}

// urgentGather is the longest wait for the rest of a burst where the urgent lane waits for its turn. What comes later is
// taken along all the same, once a session is open.
const urgentGather = 2 * time.Second

// gather is the longest wait for the rest of a burst.
func (r *run) gather() time.Duration {
	if r.yielding {
		return min(r.Timing.Gather, urgentGather)
	}
	return r.Timing.Gather
}

// busyFor is how long a run that can open no session stays away.
func (r *run) busyFor() time.Duration {
	if wait := time.Until(r.nextTry); wait > 0 {
		return wait
	}
	return r.Timing.Busy
}
