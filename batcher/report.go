package batcher

import (
	"slices"
	"time"
)

// Outcome is how a flush ended.
type Outcome string

const (
	// Idle: nothing came and nothing was watched.
	Idle Outcome = "idle"
	// Paused: an operator paused the flusher.
	Paused Outcome = "paused"
	// Waiting: the earliest next try, set by a run before, is not yet come.
	Waiting Outcome = "waiting"
	// Leased: another run holds the lease.
	Leased Outcome = "leased"
	// Busy: a session is active, or Okta refused to open another.
	Busy Outcome = "busy"
	// Looked: ended sessions were dealt with, and no message had come.
	Looked Outcome = "looked"
	// Observed: observe-only; everything was decided and nothing sent.
	Observed Outcome = "observed"
	// Nothing: nobody had to be told to Okta, or nobody whom it knows.
	Nothing Outcome = "nothing"
	// Triggered: a session was loaded and its import started.
	Triggered Outcome = "triggered"
	// Urgent: the urgent lane took leavers out while no session could be opened.
	Urgent Outcome = "urgent"
	// Failed: the run returned an error and gave everything back.
	Failed Outcome = "failed"
	// Interrupted: the run was told to end and gave everything back.
	Interrupted Outcome = "interrupted"
)

// Report tells what a flush did. Numbers of people count each person once.
type Report struct {
	Outcome Outcome
	Session string
	// NextTry is the earliest time of the next flush that may call Okta.
	NextTry time.Time
	// Trace are the trace ids of the messages taken: of those loaded all, else at most ten.
	Trace []string
	// Messages received, and the intents in them.
	Messages, Intents int
	// Oldest is the age of the oldest message received, in seconds.
	Oldest float64
	// People are distinct; each is exactly one of Upserted, Deactivated, Nothings, Rejected, Held and Returned.
	People, Upserted, Deactivated, Nothings, Rejected, Held, Returned int
	// ImportFailures are people of ended sessions whom Okta did not apply, by its System Log.
	ImportFailures int
	// RecordRejects are records that the stream-handler or the codec refused.
	RecordRejects int
	// Shadowed counts active items whose externalId another active item with a smaller key has too.
	Shadowed int
	Loads    int
	// HoldReason is why the guard held people; empty if it did not.
	HoldReason string
	// ChangeToTrigger are the seconds from the oldest and the median change to the trigger.
	ChangeToTrigger Seconds
	// Ended are the sessions found ended by this run.
	Ended []SessionOutcome
	// Watched counts the sessions still watched when the run looked; WatchAge is how long ago the oldest import in
	// flight was triggered, in seconds.
	Watched  int
	WatchAge float64
	// LeaseWaits is 1 if another run held the lease.
	LeaseWaits int
	// RejectsOpen and HeldOpen are the people in the control table's lists, where the run read them, else -1.
	RejectsOpen, HeldOpen int
	Seconds               float64
}

// Seconds sums up a set of durations.
type Seconds struct {
	Median, Slowest float64
	Count           int
}

// since sums up the time from each of the changes to now. Unknown changes (zero) are left out.
func since(changes []time.Time, now time.Time) Seconds {
	var all []float64
	for _, c := range changes {
		if !c.IsZero() {
			all = append(all, max(0, now.Sub(c).Seconds()))
		}
	}
	if len(all) == 0 {
		return Seconds{}
	}
	slices.Sort(all)
	return Seconds{Median: all[len(all)/2], Slowest: all[len(all)-1], Count: len(all)}
}
