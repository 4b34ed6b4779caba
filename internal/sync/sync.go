// Package sync enqueues an intent for everyone in a table. What Okta is told is decided later, by the state of the table
// when the intent is flushed, so a sync may run at any time, twice, or while the table changes; and since it only asks
// for upserts, an empty or wrong table deactivates nobody for being absent. Whom the table no longer has, a Survey
// finds, for an operator to confirm.
package sync

import (
	"context"
	"fmt"

	"rollcall/internal/checkpoint"
	"rollcall/internal/enqueue"
	"rollcall/internal/scan"
	"rollcall/mapping"
)

// Options say what is enqueued.
type Options struct {
	// Partition and Sort name the attributes of the table's primary key; Sort is empty if it has none.
	Partition, Sort string
	// ActiveOnly leaves out the people who are inactive. Without it they are said once more too, and count for the guard
	// as often as they are.
	ActiveOnly bool
	// Attributes are the mapped attributes of Okta's profile, which a Survey compares.
	Attributes []string
	// Protected are the externalIds that a Survey never deactivates; whom an expression protects, the mapping knows.
	Protected map[string]bool
	// Segments is in how many parts the table is read side by side; scan.DefaultSegments if zero.
	Segments int
	// Checkpoint, if set, remembers how far each segment was read and enqueued, and what was done till there. It is
	// removed when all were.
	Checkpoint *checkpoint.File
	// Progress, if set, is told how many more items were read, by one goroutine at a time.
	Progress func(items int)
}

func (o Options) segments() int {
	if o.Segments == 0 {
		return scan.DefaultSegments
	}
	return o.Segments
}

// Report counts the items of a sync, those too of a part before an interruption. Each that is read is one of Enqueued, Inactive, Others and Rejects.
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
	// Interruptions is how often the run was interrupted and gone on with.
	Interruptions int `json:"interruptions,omitempty"`
}

// Sync enqueues an upsert for everyone in the table that matches. Without a queue it only counts. After an error the
// report says what was sent; to begin anew is harmless.
func Sync(ctx context.Context, table scan.Pages, m *mapping.Mapping, queue enqueue.Queue, o Options) (Report, error) {
	s := newSyncer(m, queue, o)
	err := o.Checkpoint.Done(&s.done)
	if err == nil {
		s.done.Interruptions = o.Checkpoint.Interruptions()
		s.report, s.whole = s.done, s.done
		err = scan.Table(ctx, table, o.segments(), s.start, func(p scan.Page) error { return s.page(ctx, p) })
	}
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
