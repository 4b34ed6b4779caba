package embedded

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/cenkalti/backoff/v4"
)

// Handler is a function as an event source mapping calls it: {"Records":[…]} in, the records that failed out.
type Handler func(ctx context.Context, payload []byte) (events.DynamoDBEventResponse, error)

// Mapping is how change records are delivered: the settings of an event source mapping that local mode has. The zero
// value delivers up to 1,000 records at once and does not wait for more.
type Mapping struct {
	// BatchSize is the most records of one call; 1,000 if zero.
	BatchSize int
	// Window is how long a batch that is not full waits for more.
	Window time.Duration
	// Timeout is the function's; a minute if zero.
	Timeout time.Duration
	// Retrying is told why records come again, and when. It may be nil.
	Retrying func(err error, records int, wait time.Duration)
}

// Retries start after minWait and come at least every maxWait.
const (
	minWait = 100 * time.Millisecond
	maxWait = 10 * time.Second
)

// Dispatch delivers the table's change records to the function until ctx is over; the call that is in progress then is
// waited for. It returns an error only if the file cannot be read or written.
//
// Records are delivered at least once and in order, with Lambda's rules. Where the function reports records as failed,
// those from the lowest on come again. Where it fails, the batch is halved and comes again. Records are dropped only
// when they were consumed, so that a process killed in between delivers them once more. Unlike Lambda, which gives up
// after a day, this goes on trying. One Dispatch of a table may run at a time.
func (t *Table) Dispatch(ctx context.Context, m Mapping, handle Handler) error {
	if m.BatchSize == 0 {
		m.BatchSize = 1000
	}
	if m.Timeout == 0 {
		m.Timeout = time.Minute
	}
	d := dispatcher{table: t, Mapping: m, handle: handle, size: m.BatchSize, waits: backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(minWait), backoff.WithMaxInterval(maxWait), backoff.WithMaxElapsedTime(0))}
	for ctx.Err() == nil {
		if err := d.next(ctx); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
	}
	return nil
}

type dispatcher struct {
	Mapping
	table  *Table
	handle Handler
	// size is the size of the next batch: BatchSize, or less after a failure.
	size  int
	waits *backoff.ExponentialBackOff
}

// next delivers one batch, or waits for one.
func (d *dispatcher) next(ctx context.Context) error {
	records, err := d.gather(ctx)
	if err != nil || len(records) == 0 {
		return err
	}
	// A batch in progress is finished when the program is told to end, as Lambda would.
	working := context.WithoutCancel(ctx)
	done, failure := d.deliver(working, records)
	if done > 0 {
		if err := d.table.trim(working, records[done-1].sequence); err != nil {
			return err
		}
	}
	if failure == nil {
		d.size = d.BatchSize
		d.waits.Reset()
		return nil
	}
	if done > 0 {
		d.waits.Reset()
	}
	wait := d.waits.NextBackOff()
	if d.Retrying != nil {
		d.Retrying(failure, len(records)-done, wait)
	}
	return pause(ctx, wait, nil)
}

// gather returns the next records, or none after having waited a moment for some.
func (d *dispatcher) gather(ctx context.Context) ([]record, error) {
	rung := d.table.db.records.wait()
	records, err := d.table.head(ctx, d.size)
	switch {
	case err != nil:
		return nil, err
	case len(records) == 0:
		return nil, pause(ctx, pollEvery, rung)
	case len(records) < d.size && d.Window > 0:
		if err := pause(ctx, d.Window, nil); err != nil {
			return nil, err
		}
		return d.table.head(ctx, d.size)
	default:
		return records, nil
	}
}

// deliver calls the function and returns how many of the records, from the first on, are consumed, and why not all.
func (d *dispatcher) deliver(ctx context.Context, records []record) (done int, failure error) {
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	response, err := d.handle(ctx, payload(records))
	if err != nil {
		d.size = max(1, len(records)/2)
		return 0, fmt.Errorf("the function failed: %w", err)
	}
	if len(response.BatchItemFailures) == 0 {
		return len(records), nil
	}
	index := make(map[string]int, len(records))
	for i, r := range records {
		index[r.number()] = i
	}
	done = len(records)
	for _, f := range response.BatchItemFailures {
		at, ok := index[f.ItemIdentifier]
		if !ok {
			d.size = max(1, len(records)/2)
			return 0, errors.New("the function reported a record that it was not given")
		}
		done = min(done, at)
	}
	return done, fmt.Errorf("the function reported %d records of %d as failed", len(response.BatchItemFailures), len(records))
}
