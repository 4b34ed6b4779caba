package batcher

import (
	"context"
	"errors"
	"time"

	"rollcall/intent"
)

// Queue is the intents queue: a standard SQS queue, or something that keeps its promises and no more. Messages may come
// twice and in any order. Calls are split by the implementation as its service asks (SQS: ten messages, 1 MiB).
type Queue interface {
	// Receive returns up to ten messages, hidden from other receivers for the queue's visibility timeout. It returns
	// none when none came within wait (at most 20 s).
	Receive(ctx context.Context, wait time.Duration) ([]Received, error)
	// Send sends each body as a message that can be received after delay (at most 15 min). It returns the indexes of
	// the bodies that were not accepted; err is nil if and only if there are none.
	Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error)
	// Delete deletes the messages of these receipts. One already gone is not an error.
	Delete(ctx context.Context, receipts []string) error
	// Postpone makes the messages of these receipts visible again after d from now (0 to 12 h): it extends the time of
	// those in work and gives back the others. One already gone is not an error.
	Postpone(ctx context.Context, receipts []string, d time.Duration) error
}

// Received is a message as the queue hands it out.
type Received struct {
	Body    string
	Receipt string
	// Count is how often the message was received, this time included.
	Count int
	// Sent is when the message was sent.
	Sent time.Time
}

// Table reads the items that say what people are now. A missing answer is an error, never an absent item.
type Table interface {
	// Get reads the items with these keys, strongly consistent, as DynamoDB JSON ({"id":{"S":"jane"},…}). A key that is
	// neither in found nor in bad does not exist. Bad holds keys that do not fit the table's key schema; they do not
	// fail the others. Keys may repeat and be any number.
	Get(ctx context.Context, keys []intent.Key) (found map[intent.Key][]byte, bad map[intent.Key]error, err error)
	// Find returns the keys under which a person may be: the one made of the externalId where that is the partition
	// key, else what the index on externalId answers (which may lag). It returns none when it knows of none.
	Find(ctx context.Context, externalID string) ([]intent.Key, error)
	// Count returns about how many items the table holds. DynamoDB renews it every six hours.
	Count(ctx context.Context) (int64, error)
}

// Store is the control table: small entries under a kind and an ID. All reads are strongly consistent.
type Store interface {
	// Get returns the entry, with Version 0 when there is none.
	Get(ctx context.Context, kind, id string) (Entry, error)
	// List returns the entries of a kind in order of their IDs (bytewise).
	List(ctx context.Context, kind string) ([]Entry, error)
	// Put writes entries whatever is stored. They are not one transaction: after an error some may be written.
	Put(ctx context.Context, entries []Entry) error
	// Swap writes the entry if the stored version is the entry's, 0 meaning that there must be none, and returns
	// ErrConflict if not.
	Swap(ctx context.Context, entry Entry) error
	// Delete deletes each entry whose stored version is the given one, or whatever is stored where the given version is
	// 0. One that is not there or has another version is left, without an error.
	Delete(ctx context.Context, entries []Entry) error
}

// Entry is one entry of the control table.
type Entry struct {
	Kind, ID string
	// Value is a JSON object of at most MaxValueBytes.
	Value []byte
	// Version counts the writes of this entry, from 1. Each Put and Swap raises it by one; the store sets it.
	Version int64
	// Expires is when the entry ceases to be; zero is never. Stores do not return expired entries.
	Expires time.Time
}

// MaxValueBytes is the most that an entry's value may be long: DynamoDB's item limit of 400 KB, with room to spare for
// key and bookkeeping.
const MaxValueBytes = 380_000

// ErrConflict is returned by Store.Swap when somebody else wrote first.
var ErrConflict = errors.New("control entry was changed by somebody else")
