package batcher

import (
	"context"
	"time"
)

// Poll flushes over and over till d is over. It ends with the flush in hand, so that it may take longer than d by as much
// as one flush takes. An error after which it goes on is logged; one of the last flush is returned.
func (f *Flusher) Poll(ctx context.Context, d time.Duration) error {
	until, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f.PollUntil(ctx, until)
}

// PollUntil is Poll till another context is over. While no session can be opened the urgent lane has its turn.
func (f *Flusher) PollUntil(ctx, until context.Context) error {
	for {
		report, err := f.Flush(ctx)
		if over(until) {
			return err
		}
		if err != nil {
			f.Log.WithError(err).Error("flush failed, another will be tried")
		}
		switch report.Outcome {
		case Paused, Leased, Observed:
			_ = sleep(until, f.pause())
		case Waiting, Busy, Failed:
			f.wait(ctx, until, report.NextTry)
		}
		if over(until) {
			return nil
		}
	}
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
