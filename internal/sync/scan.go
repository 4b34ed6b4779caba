package sync

import (
	"context"
	"strconv"
	"sync"

	"rollcall/intent"
)

// page is a part of a segment. A last of "" ends the segment.
type page struct {
	segment int
	items   [][]byte
	last    intent.Key
}

// segmentDone is the position of a segment that was read to its end. No key is this.
const segmentDone = "done"

// position is where to go on after the page.
func (p page) position() string {
	if p.last == "" {
		return segmentDone
	}
	return string(p.last)
}

// scan reads the segments side by side, each on from its checkpoint, and hands the pages to take, one at a time. The
// first error ends it.
func scan(ctx context.Context, table Pages, o Options, take func(page) error) error {
	segments := o.Segments
	if segments == 0 {
		segments = DefaultSegments
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var reading sync.WaitGroup
	for segment := range segments {
		after := o.Checkpoint.At(strconv.Itoa(segment))
		if after == segmentDone {
			continue
		}
		reading.Go(func() {
			p := page{segment: segment, last: intent.Key(after)}
			for {
				var err error
				if p.items, p.last, err = table.ScanPage(ctx, segment, segments, p.last); err != nil {
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
				if err != nil || p.last == "" {
					return
				}
			}
		})
	}
	reading.Wait()
	return context.Cause(ctx)
}
