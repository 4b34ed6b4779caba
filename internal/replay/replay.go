// Package replay brings records back: those that failed, from the queue or the bucket that they were put into, those of
// the stream since a time, those of a point-in-time export, those in a file. Each becomes intents as it would have in the
// stream-handler, and these are enqueued; nothing else is written. What Okta is told is decided by the table when they
// are flushed, so that an old record cannot put an old state back.
package replay

import (
	"context"
	"errors"
	"fmt"
	"time"

	"rollcall/internal/checkpoint"
	"rollcall/mapping"
	streamhandler "rollcall/stream-handler"
)

// Queue takes messages.
type Queue interface {
	// Send sends each body as a message that can be received after delay. It returns the indexes of the bodies that were
	// not accepted; err is nil if and only if there are none.
	Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error)
}

// Options are what every source needs.
type Options struct {
	Mapping *mapping.Mapping
	// Partition and Sort name the attributes of the table's primary key; Sort is empty if it has none.
	Partition, Sort string
	// Queue takes the intents; nil only counts.
	Queue Queue
	// Checkpoint, if set, remembers how far the source was read and enqueued. It is removed when all of it was.
	Checkpoint *checkpoint.File
	// Progress, if set, is told how many more records were read, by one goroutine at a time.
	Progress func(records int)
	// Problem, if set, is told each problem when it is met.
	Problem func(Problem)
}

// Report counts records and what became of them.
type Report struct {
	Records       int `json:"records"`
	Upserts       int `json:"upserts"`       // intents
	Deactivations int `json:"deactivations"` // intents
	// Ignored are records that are nothing to Okta.
	Ignored int `json:"ignored"`
	// Older are records of before the time asked for; they are not decoded.
	Older   int `json:"older"`
	Rejects int `json:"rejects"`
	// Messages were sent.
	Messages int       `json:"messages"`
	Problems []Problem `json:"problems,omitempty"`
}

// Problem is a part of the source that could not be replayed. The rest was.
type Problem struct {
	// What names the part: a file and its line, a shard and its range, a message.
	What string `json:"what"`
	Why  string `json:"why"`
}

// String returns the problem as a line.
func (p Problem) String() string { return p.What + ": " + p.Why }

// run is one replay.
type run struct {
	Options
	decoder *streamhandler.Decoder
	sender  sender
	report  Report
}

func newRun(o Options) *run {
	r := &run{Options: o, decoder: streamhandler.NewDecoder(o.Mapping)}
	r.sender = newSender(o.Queue, o.Checkpoint, &r.report)
	return r
}

// decode decodes and packs the records of a payload, {"Records":[…]}, of which those older than since are left out. An
// error is about the payload; its first records may be packed all the same, which does no harm.
func (r *run) decode(payload []byte, since time.Time) error {
	records := 0
	err := r.decoder.Decode(payload, func(d streamhandler.Decoded) error {
		records++
		if !d.Changed.IsZero() && d.Changed.Before(since) {
			r.report.Older++
			return nil
		}
		return r.sender.add(d)
	})
	r.report.Records += records
	if r.Progress != nil && records > 0 {
		r.Progress(records)
	}
	return err
}

// problem notes a part that cannot be replayed.
func (r *run) problem(what, why string) {
	p := Problem{what, why}
	r.report.Problems = append(r.report.Problems, p)
	if r.Problem != nil {
		r.Problem(p)
	}
}

// fix makes a time that of the run which is gone on with, if there is one: a duration before now is another time by then.
func (r *run) fix(name string, moment *time.Time) error {
	if text := r.Checkpoint.At(name); text != "" {
		var err error
		if *moment, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return fmt.Errorf("read position: %w", err)
		}
	}
	r.sender.mark(name, moment.Format(time.RFC3339Nano))
	return nil
}

// end sends the rest and removes the checkpoint. After an error of the source what was packed is left unsent, and not
// counted: the next run begins before it.
func (r *run) end(ctx context.Context, err error) (Report, error) {
	if err == nil {
		err = r.sender.send(ctx)
	}
	if err == nil {
		err = r.Checkpoint.Remove()
	}
	if err != nil {
		r.sender.sent.Problems = r.report.Problems
		return r.sender.sent, fmt.Errorf("replay: %w", err)
	}
	return r.report, nil
}

// errShape is returned for what is none of the shapes that a source may hold.
var errShape = errors.New("not a record, payload, on-failure record or export line")
