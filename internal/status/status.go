// Package status tells how the house is doing, from what it has written down: the queues and the control table. Okta is
// not asked, so that a look costs none of its rate limit and works while it is away.
package status

import (
	"time"

	"rollcall/batcher"
)

// Limits beyond which the house is not healthy.
const (
	// MaxMessageAge is how old the oldest message may be: a deactivation of somebody whom Okta does not know is put off for
	// 15 minutes, and then waits for its session.
	MaxMessageAge = 20 * time.Minute
	// MaxBehind is how far the stream-handler may be behind the table.
	MaxBehind = time.Minute
	// MaxFailures is how many flushes may fail in a row: one or two mend themselves.
	MaxFailures = 2
	// sessionsShown is how many ended sessions are told of.
	sessionsShown = 5
)

// Modes of the flusher.
const (
	Running = "running"
	Paused  = "paused"
	Observe = "observe-only"
)

// Status is how the house is doing.
type Status struct {
	// Mode is Running, Paused or Observe; ChangedBy set it at ChangedAt, where anybody ever did.
	Mode      string    `json:"mode"`
	ChangedBy string    `json:"changedBy,omitempty"`
	ChangedAt time.Time `json:"changedAt,omitzero"`
	// LeasedUntil is when the lease of the run at work ends; zero if none is at work.
	LeasedUntil time.Time `json:"leasedUntil,omitzero"`
	// NextTry is the earliest time of the next call to Okta, zero if it is now; Failures are the flushes that failed in a
	// row.
	NextTry  time.Time `json:"nextTry,omitzero"`
	Failures int       `json:"failures"`
	Queues   []Queue   `json:"queues"`
	// StreamHandler is the function whose distance was asked for, empty where there is none; Behind is how many seconds it
	// is behind the table, nil if that is not known.
	StreamHandler string   `json:"streamHandler,omitempty"`
	Behind        *float64 `json:"behindSeconds,omitempty"`
	// Watched are the sessions that Okta is importing, oldest first.
	Watched []Watched `json:"watched"`
	// Sessions are the latest that ended, newest first.
	Sessions []batcher.SessionOutcome `json:"sessions"`
	Held     int                      `json:"held"`
	Rejects  int                      `json:"rejects"`
	// Deactivated counts the people of the last 24 h whom nobody approved. More than Limit, and the next are held; Limit
	// is negative where the table could not be asked how many items it has.
	Deactivated int `json:"deactivated"`
	Limit       int `json:"deactivatedLimit"`
	// Unhealthy are the reasons why the house is not healthy; none if it is.
	Unhealthy []Reason `json:"unhealthy"`
	// Unknown are parts that could not be read, with the reason.
	Unknown []string `json:"unknown,omitempty"`
}

// Reason is why the house is not healthy.
type Reason struct {
	Kind Kind   `json:"kind"`
	Text string `json:"text"`
}

// Kind is what sort of reason it is.
type Kind string

// Kinds of reasons.
const (
	NotRunning  Kind = "not-running"
	Failing     Kind = "failing"
	QueueUnread Kind = "queue-unread"
	QueueOld    Kind = "queue-old"
	StreamOld   Kind = "stream-behind"
	Overdue     Kind = "session-overdue"
	SessionLost Kind = "session-failed"
	HeldPeople  Kind = "held"
	Rejected    Kind = "rejects"
)

// Queue is the depth of a queue.
type Queue struct {
	Name string `json:"name"`
	// Visible messages can be received now; Hidden ones are in work, given back or delayed.
	Visible int64 `json:"visible"`
	Hidden  int64 `json:"hidden"`
	// Oldest is the age of the oldest message in seconds; nil if that is not known.
	Oldest *float64 `json:"oldestSeconds,omitempty"`
}

// Watched is a session that was triggered and is not known to have ended.
type Watched struct {
	Session   string    `json:"session"`
	Triggered time.Time `json:"triggered"`
	People    int       `json:"people"`
}

// Healthy tells whether there is no reason to look further.
func (s Status) Healthy() bool { return len(s.Unhealthy) == 0 }
