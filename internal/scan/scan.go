// Package scan reads a whole table, in segments side by side.
package scan

import (
	"context"
	"sync"

	"rollcall/intent"
)

// Pages reads a table page by page, so that a scan can go on where it stopped.
type Pages interface {
	// ScanPage reads a page of one of the segments in which a table is read side by side: the items after this key, as
	// DynamoDB JSON, and the key to go on after, empty at the segment's end. It is called by several goroutines, one a
	// segment. Of an item that is written meanwhile either state may be read, or none.
	ScanPage(ctx context.Context, segment, segments int, after intent.Key) (items [][]byte, last intent.Key, err error)
}

// DefaultSegments is in how many segments a table is read where nobody says otherwise.
const DefaultSegments = 4

// Page is a part of a segment. A Last of "" ends the segment.
type Page struct {
	Segment int
	Items   [][]byte
	Last    intent.Key
}

// Start says after which key a segment is to be read, or that it was read to its end.
type Start func(segment int) (after intent.Key, done bool)

// Table reads so many segments of a table, from start on, or whole where start is nil, and hands the pages to take, one
// at a time. The first error ends it.
func Table(ctx context.Context, table Pages, segments int, start Start, take func(Page) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var reading sync.WaitGroup
	for segment := range segments {
		p := Page{Segment: segment}
		if start != nil {
			var done bool
			if p.Last, done = start(segment); done {
				continue
			}
		}
		reading.Go(func() {
			for {
				var err error
				if p.Items, p.Last, err = table.ScanPage(ctx, segment, segments, p.Last); err != nil {
					cancel(err) // the first one stays the cause
					return
				}
				mu.Lock()
				if err = context.Cause(ctx); err == nil {
					err = take(p)
				}
				mu.Unlock()
				if err != nil {
					cancel(err)
				}
				if err != nil || p.Last == "" {
					return
				}
			}
		})
	}
	reading.Wait()
	return context.Cause(ctx)
}
