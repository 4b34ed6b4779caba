// Package batcher takes intents from the queue, asks the table what those people are now, and tells Okta in one
// identity source session at a time. Flush, in flush.go, is the whole of it as one list of steps; every other file is
// one of the steps or what the steps share.
package batcher

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/mapping"
	"rollcall/okta"
)

// Flusher runs flushes. Its fields are set once, before the first flush.
type Flusher struct {
	Queue Queue
	// Urgent is nil where the urgent lane is off.
	Urgent  *UrgentLane
	Table   Table
	Control *Control
	Okta    *okta.Client
	Mapping *mapping.Mapping
	// Indexed says that a person may lie under several keys, so that resolve asks Table.Find as well as the intents.
	Indexed bool
	// Guard is the brake on mass deactivation. Where Guard.People is 0, it is asked of Table.Count at each flush.
	Guard GuardLimits
	// Protected are the externalIds of guard.protect. Its expressions are the mapping's: they judge the item, and of an item
	// that is gone the stream-handler has judged what it was.
	Protected map[string]bool
	// Uploads is the most uploads under way at once; 0 is 4.
	Uploads int
	Timing  Timing
	Log     *logrus.Entry
	// Name makes a logged externalId into what may be logged of it; nil logs none.
	Name func(externalID string) string
	// Observe is told the report of every flush; nil is none.
	Observe func(Report)
	// Loaded is told after each load how many were sent, of how many, by several goroutines; nil is none.
	Loaded func(done, of int)

	// logDenied is until when Okta's System Log is left alone, since Okta has refused to show it: Unix nanoseconds.
	logDenied atomic.Int64
	// logNext is from when a flush with nothing to do looks whether the log is to be read on, in Unix nanoseconds.
	logNext atomic.Int64
}

// Timing is every duration of a flush.
type Timing struct {
	// Lease is how long a run owns the control item without renewing it, which it does every Renew.
	Lease, Renew time.Duration
	// Poll is how long a flush waits for a first message in one call (SQS: at most 20 s).
	Poll time.Duration
	// Quiet and Gather bound the wait for the rest of a burst: it is over when nothing came for Quiet. SQS takes no less
	// than a second for a poll that asks every server of the queue.
	Quiet, Gather time.Duration
	// Busy is how long messages stay away when no session can be opened.
	Busy time.Duration
	// MinBackoff doubles to MaxBackoff with the runs that fail in a row.
	MinBackoff, MaxBackoff time.Duration
	// Visibility is the queue's visibility timeout, and what the messages in work are extended to while a flush is running.
	// A message that was received and never heard of, since the answer was lost or the process died, is back after it.
	Visibility time.Duration
	// Again is the delay after which a deactivation that Okta had nobody for is said once more.
	Again time.Duration
	// IndexLag is how long the urgent lane waits after a change for the index on externalId to have heard of it, where there
	// is one. Nobody promises a bound for DynamoDB's; it is normally well below a second.
	IndexLag time.Duration
	// Recheck is the pause between two reads of a session whose status may lag.
	Recheck time.Duration
	// Reserve is kept free at the end of the deadline for the trigger, which may have to wait for the next window of
	// the rate limit, and for what comes after it.
	Reserve time.Duration
	// Cleanup bounds what a run does after it was told to end.
	Cleanup time.Duration
	// Overdue is the age from which a session in TRIGGERED is taken for stuck.
	Overdue time.Duration
}

// DefaultTiming returns the durations of production.
func DefaultTiming() Timing {
	return Timing{
		Lease: 90 * time.Second, Renew: 20 * time.Second,
		Poll: 20 * time.Second, Quiet: time.Second, Gather: 5 * time.Second,
		Busy:       time.Minute,
		MinBackoff: 15 * time.Second, MaxBackoff: 15 * time.Minute,
		Visibility: 2 * time.Minute,
		Again:      15 * time.Minute,
		IndexLag:   5 * time.Second,
		Recheck:    time.Second,
		Reserve:    90 * time.Second,
		Cleanup:    20 * time.Second,
		Overdue:    time.Hour,
	}
}

// maxPeople is the most distinct people of one session: okta.MaxLoads loads of okta.MaxLoadPeople.
const maxPeople = okta.MaxLoads * okta.MaxLoadPeople

// Validate returns everything that is missing.
func (f *Flusher) Validate() error {
	var problems []error
	missing := func(is bool, what string) {
		if is {
			problems = append(problems, fmt.Errorf("flusher needs %s", what))
		}
	}
	missing(f.Queue == nil, "a queue")
	missing(f.Urgent != nil && (f.Urgent.Queue == nil || f.Urgent.PerMinute < 1), "a queue and a budget for the urgent lane")
	missing(f.Table == nil, "a table")
	missing(f.Control == nil, "a control table")
	missing(f.Okta == nil, "a client of Okta")
	missing(f.Mapping == nil, "a mapping")
	missing(f.Log == nil, "a logger")
	missing(f.Timing.Lease <= f.Timing.Renew, "a lease longer than its renewal")
	return errors.Join(problems...)
}

// sleep waits for d, or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
