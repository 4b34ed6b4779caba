package batcher

import (
	"context"
	"time"
)

// Poll flushes over and over till d is over. It ends with the flush in hand, so that it may take longer than d by as much
// as one flush takes; no flush waits for a first message beyond d. Errors are logged as they come. If the last flush that
// did not just wait had failed, an error is returned that stands for its: whoever invoked it must see a failure that lasts.
// It does not repeat what was logged, but wraps it.
func (f *Flusher) Poll(ctx context.Context, d time.Duration) error {
	until, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f.PollUntil(ctx, until)
}

// PollUntil is Poll till another context is over. While no session can be opened the urgent lane has its turn.
func (f *Flusher) PollUntil(ctx, until context.Context) error {
	var failed error
	for {
		report, err := f.do(ctx, steps, &run{source: f.Queue, patience: f.patience(until), yielding: f.Urgent != nil})
		switch {
		case err != nil:
			f.Log.WithError(err).Error("flush failed")
			failed = &lastingError{err}
		case report.Outcome != Waiting && report.Outcome != Leased:
			failed = nil
		}
		if over(until) || ctx.Err() != nil {
			return failed
		}
		switch report.Outcome {
		case Paused, Leased, Observed:
			_ = sleep(until, f.pause())
		case Waiting, Busy, Failed:
			f.wait(ctx, until, report.NextTry)
		}
		if over(until) {
			return failed
		}
	}
}

// lastingError stands for the error of a flush that was logged.
type lastingError struct{ logged error }

func (e *lastingError) Error() string { return "the last flush failed, its error is logged" }

func (e *lastingError) Unwrap() error { return e.logged }

// patience is how long a flush may wait for a first message.
func (f *Flusher) patience(until context.Context) time.Duration {
	if deadline, bounded := until.Deadline(); bounded {
		return min(f.Timing.Poll, max(0, time.Until(deadline)))
	}
	return f.Timing.Poll
}

// minPause is the least time between two flushes that can do nothing, also where nothing is gathered.
const minPause = 100 * time.Millisecond

func (f *Flusher) pause() time.Duration { return max(f.Timing.Quiet, minPause) }

// over reports that a context has ended, be it that its deadline has come and the context does not know yet.
func over(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return ctx.Err() != nil || bounded && !time.Now().Before(deadline)
}

// wait spends the time till the next try in the urgent lane, where there is one. What goes wrong there is logged: those
// people are on the intents queue too. A flush that failed before it had the lease, or when it gave it back, tells no
// next try.
func (f *Flusher) wait(ctx, until context.Context, next time.Time) {
	if soonest := time.Now().Add(f.pause()); next.Before(soonest) {
		next = soonest
	}
	if deadline, bounded := until.Deadline(); bounded && deadline.Before(next) {
		next = deadline
	}
	if f.Urgent == nil {
		_ = sleep(until, min(f.pause(), time.Until(next)))
		return
	}
	for !over(until) && time.Now().Before(next) {
		report, err := f.flushUrgent(ctx, next)
		if err != nil {
			f.Log.WithError(err).Warn("urgent lane failed")
		}
		if report.Outcome != Urgent {
			_ = sleep(until, min(f.pause(), time.Until(next)))
		}
	}
}
