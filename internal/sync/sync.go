// Package sync enqueues an intent for everyone in a table. What Okta is told is decided later, by the state of the table
// when the intent is flushed, so a sync may run at any time, twice, or while the table changes; and since it only asks
// for upserts, an empty or wrong table deactivates nobody for being absent. Whom the table no longer has, a Survey
// finds, for an operator to confirm.
package sync

import (
	"context"
	"fmt"
	"time"

	"rollcall/intent"
	"rollcall/internal/checkpoint"
	"rollcall/mapping"
)

// Pages reads a table page by page, so that a scan can go on where it stopped.
type Pages interface {
	// ScanPage reads a page of one of the segments in which a table is read side by side: the items after this key, as
	// DynamoDB JSON, and the key to go on after, empty at the segment's end. It is called by several goroutines, one a
	// segment. Of an item that is written meanwhile either state may be read, or none.
	ScanPage(ctx context.Context, segment, segments int, after intent.Key) (items [][]byte, last intent.Key, err error)
}

// Queue takes messages.
type Queue interface {
	// Send sends each body as a message that can be received after delay. It returns the indexes of the bodies that were
	// not accepted; err is nil if and only if there are none.
	Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error)
}

// DefaultSegments is in how many segments a table is read side by side.
const DefaultSegments = 4

// Options say what is enqueued.
type Options struct {
	// Partition and Sort name the attributes of the table's primary key; Sort is empty if it has none.
	Partition, Sort string
	// ActiveOnly leaves out the people who are inactive. Without it they are said once more too, and count for the guard
	// as often as they are.
	ActiveOnly bool
	// Protected are the externalIds that a Survey never deactivates; whom an expression protects, the mapping knows.
	Protected map[string]bool
	// Segments is in how many parts the table is read side by side; DefaultSegments if zero.
	Segments int
	// Checkpoint, if set, remembers how far each segment was read and enqueued. It is removed when all were.
	Checkpoint *checkpoint.File
	// Progress, if set, is told how far it is whenever messages were sent, by one goroutine at a time.
	Progress func(Report)
}

// Report counts the items of a sync. Each that is read is one of Enqueued, Inactive, Others and Rejects.
type Report struct {
	Items int `json:"items"`
	// Enqueued are the people of whom an intent was sent.
	Enqueued int `json:"enqueued"`
	// Inactive are the people left out by Options.ActiveOnly.
	Inactive int `json:"inactive"`
	// Others are items that do not match.
	Others int `json:"others"`
	// Rejects are items of which it cannot be told whose they are; each is sent as a reject.
	Rejects int `json:"rejects"`
	// Messages were sent.
	Messages int `json:"messages"`
}

// Sync enqueues an upsert for everyone in the table that matches. Without a queue it only counts. After an error the
// report says what was sent; to begin anew is harmless.
func Sync(ctx context.Context, table Pages, m *mapping.Mapping, queue Queue, o Options) (Report, error) {
	s := newSyncer(m, queue, o)
	err := scan(ctx, table, o, func(p page) error {
		for _, item := range p.items {
			if err := s.take(item); err != nil {
				return err
			}
			if s.packed >= sendAt {
				if err := s.send(ctx); err != nil {
					return err
				}
			}
		}
		s.mark(p)
		return nil
	})
	if err == nil {
		err = s.send(ctx)
	}
	if err == nil {
		err = o.Checkpoint.Remove()
	}
	if err != nil {
		return s.report, fmt.Errorf("sync: %w", err)
	}
	return s.report, nil
}
