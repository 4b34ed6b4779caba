// Package intent is the message between the two functions: who changed, never what they are.
//
// A stream record becomes an Intent: "Okta should be told about this person". What Okta is told is decided when the
// batch is flushed, from the item in the table at that moment. An intent therefore carries the person's externalId and
// the key of the item, and no attribute of the item besides. Protected is the one exception: see adr 0014.
package intent

import (
	"errors"
	"time"
)

// Kind is what the record asked for.
type Kind uint8

const (
	// Upsert asks to tell Okta about a person whose item was there.
	Upsert Kind = iota
	// Deactivate asks to take a person out whose item was deleted, inactive, or no longer theirs.
	Deactivate
)

// String returns the kind's word on the wire.
func (k Kind) String() string {
	if k == Deactivate {
		return "deactivate"
	}
	return "upsert"
}

// Key is the primary key of an item as canonical DynamoDB JSON, {"id":{"S":"jane"}}: attribute names sorted, no white
// space, strings escaped no more than JSON needs. Two keys are of the same item if and only if they are equal as strings.
type Key string

// Intent says that Okta should be told about one person. Intents of one person may be joined, repeated, reordered and
// replayed at will, since none of them says what the person is.
type Intent struct {
	ExternalID string
	Kind       Kind
	// Keys are the items under which the person was seen, sorted, each once. It is empty where only the externalId is
	// known, as for a deactivation that an operator asked for; resolve then finds the items by externalId.
	Keys []Key
	// Changed is when the oldest change that the intent stands for was made, to the second; zero if it is not known.
	Changed time.Time
	// Approved means that an operator confirmed a deactivation; it passes the guard.
	Approved bool
	// Protected means that an expression of guard.protect held for the last item that a record of the person had. It is
	// the one thing that an intent says of an item, and counts only where there is no item any more to be judged.
	Protected bool
	// Again marks the one repetition of a deactivation that Okta had nobody for.
	Again bool
	// Attempt counts the sessions that took the intent along and failed.
	Attempt int
	// Suspect counts the refused loads that the intent was in without being singled out.
	Suspect int
}

// Reject is a record or a person that cannot be told to Okta until somebody mends it. It never carries values of an
// item: the reason names the rule and the attribute.
type Reject struct {
	// ExternalID is the person, if the record let it be known.
	ExternalID string
	// Kind is what the rejected intent asked for and Protected what it said, so that a retry asks for the same.
	Kind      Kind
	Protected bool
	// Key is the item's, if the record let it be known.
	Key Key
	// Record names the stream record by event ID or sequence number, if it came from one.
	Record string
	Reason string
	// At is when it was rejected.
	At time.Time
}

// Message is what one message of the queue holds: at most MaxIntents intents.
type Message struct {
	// Trace follows the message from the stream records to the session; a UUID.
	Trace string
	// Group, when set, names intents that must travel in a session of their own since sessions with them failed.
	Group   string
	Intents []Intent
	// Rejects are records that the sender could not turn into intents; the receiver enters them into the control table.
	Rejects []Reject
}

const (
	// Version is the version of the wire form that Append writes.
	Version = 1
	// MaxIntents is the most intents, or rejects, that a message holds.
	MaxIntents = 200
	// MaxBytes is the most that a message may be long. SQS takes 1 MiB, many servers that speak its protocol 256 KiB,
	// 262,144 bytes; this leaves room for the attributes that they count in.
	MaxBytes = 240 << 10
)

var (
	// ErrNewer is returned for a message that a newer release wrote. It must be left where it is.
	ErrNewer = errors.New("message of a newer version")
	// ErrUnreadable is returned for a message that no release could read.
	ErrUnreadable = errors.New("unreadable message")
)
