// Package replay brings records back: those that failed, from the queue or the bucket that they were put into, those of
// the stream since a time, those of a point-in-time export, those in a file. Each becomes intents as it would have in the
// stream-handler, but that an inactive item asks for an upsert, and these are enqueued; nothing else is written. What Okta
// is told is decided by the table when they are flushed, so that an old record cannot put an old state back, and nobody
// whose item is missing is deactivated unless a record said that they left.
package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/internal/checkpoint"
	"rollcall/internal/enqueue"
	"rollcall/mapping"
	streamhandler "rollcall/stream-handler"
)

// Options are what every source needs.
type Options struct {
	Mapping *mapping.Mapping
	// Partition and Sort name the attributes of the table's primary key; Sort is empty if it has none.
	Partition, Sort string
	// Queue takes the intents; nil only counts.
	Queue enqueue.Queue
	// Checkpoint, if set, remembers how far the source was read and enqueued, and what was done till there. It is removed
	// when all of it was.
	Checkpoint *checkpoint.File
	// Progress, if set, is told how many more records were read, by one goroutine at a time.
	Progress func(records int)
	// Parts, if set, is told how many of the source's parts are done, of how many: the files of an export.
	Parts func(done, of int)
	// Problem, if set, is told each problem when it is met, as far as Report keeps them.
	Problem func(Problem)
}

// Report counts records and what became of them, those of a run too that was interrupted and gone on with.
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
	Messages int `json:"messages"`
	// Problems are the first maxProblems, More how many there were beyond.
	Problems []Problem `json:"problems,omitempty"`
	More     int       `json:"moreProblems,omitempty"`
	// Idle are shards of the stream that are still open: each was read until nothing came for idleFor.
	Idle int `json:"openShards,omitempty"`
	// Until is the end that Bucket set itself: what was put there later needs another run.
	Until time.Time `json:"until,omitzero"`
	// Interruptions is how often the run was interrupted and gone on with.
	Interruptions int `json:"interruptions,omitempty"`
}

// ProblemCount is how many problems there were.
func (r Report) ProblemCount() int { return len(r.Problems) + r.More }

// maxProblems is how many problems are kept and told one by one. Where there are more, they are of one kind.
const maxProblems = 100

// Problem is a part of the source that could not be replayed. The rest was.
type Problem struct {
	// What names the part: a file and its line, a shard and its range, a message.
	What string `json:"what"`
	Why  string `json:"why"`
	// Kind tells apart problems about which there is something to do.
	Kind Kind `json:"kind,omitempty"`
}

// Kind is what sort of problem it is, as far as that says what to do.
type Kind string

const (
	// Lost: the stream no longer has the records. Whom they were about only the table can tell.
	Lost Kind = "lost"
	// Elsewhere: it says where in the stream records are, and holds none.
	Elsewhere Kind = "elsewhere"
)

// String returns the problem as a line.
func (p Problem) String() string { return p.What + ": " + p.Why }

// run is one replay.
type run struct {
	Options
	decoder *streamhandler.Decoder
	sender  *enqueue.Sender
	// report counts what was read, of which sent counts what was sent.
	report, sent Report
	// before are the problems of the part before an interruption: met again, they are no others.
	before map[Problem]bool
}

// newRun begins a replay, or goes on with the one of the checkpoint.
func newRun(o Options) (*run, error) {
	r := &run{
		Options: o, decoder: streamhandler.NewDecoder(o.Mapping), sender: enqueue.New("replay", o.Queue, o.Checkpoint),
		before: map[Problem]bool{},
	}
	if err := o.Checkpoint.Done(&r.report); err != nil {
		return nil, err
	}
	r.report.Interruptions, r.report.Idle = o.Checkpoint.Interruptions(), 0 // which are read on from where they were
	for _, p := range r.report.Problems {
		r.before[p] = true
	}
	r.sent = r.report
	return r, nil
}

// replayed runs a replay to its end.
func replayed(ctx context.Context, o Options, read func(*run) error) (Report, error) {
	r, err := newRun(o)
	if err != nil {
		return Report{}, fmt.Errorf("replay: %w", err)
	}
	return r.end(ctx, read(r))
}

// decode decodes and packs the records of a payload, {"Records":[…]}, of which those older than since are left out. An
// error is about the payload; its first records may be packed all the same, which does no harm.
func (r *run) decode(payload []byte, since time.Time) error {
	records := 0
	err := r.decoder.Decode(payload, func(d streamhandler.Decoded) error {
		records++
		if !d.Changed.IsZero() && d.Changed.Before(since) {
			r.report.Older++
			r.sender.Read(1)
			return nil
		}
		return r.add(d)
	})
	r.report.Records += records
	if r.Progress != nil && records > 0 {
		r.Progress(records)
	}
	return err
}

// problem notes a part that cannot be replayed.
func (r *run) problem(p Problem) {
	switch {
	case r.before[p]:
		return
	case len(r.report.Problems) == maxProblems:
		r.report.More++
		return
	}
	// A slice of its own: what was sent before keeps the one that it has.
	r.report.Problems = append(slices.Clip(r.report.Problems), p)
	if r.Problem != nil {
		r.Problem(p)
	}
}

// broken notes a part whose content is of no use.
func (r *run) broken(what string, reason error) {
	p := Problem{What: what, Why: reason.Error()}
	if errors.Is(reason, errRange) {
		p.Kind = Elsewhere
	}
	r.problem(p)
}

// end sends the rest and removes the checkpoint. After an error of the source what was packed is left unsent, and not
// counted: the next run begins before it.
func (r *run) end(ctx context.Context, err error) (Report, error) {
	if err == nil {
		err = r.send(ctx)
	}
	if err == nil {
		err = r.Checkpoint.Remove()
	}
	if err != nil {
		r.sent.Problems, r.sent.More = r.report.Problems, r.report.More
		return r.sent, fmt.Errorf("replay: %w", err)
	}
	return r.report, nil
}

// errShape is returned for what is none of the shapes that a source may hold.
var errShape = errors.New("not a record, payload, on-failure record or export line")
