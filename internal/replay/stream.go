package replay

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// Retention is how long a stream keeps records.
const Retention = 24 * time.Hour

const (
	// shardReaders is how many shards are read side by side. Each waits for the end of an open shard for idleFor.
	shardReaders = 8
	// A shard that closed while it was read has children, which DescribeStream may tell of a little later: it is asked
	// so often, with a pause.
	childTries = 5
	childPause = time.Second
	// trimTries is how often a shard is read from its horizon on, which moves while it is read.
	trimTries = 3
)

// Positions in the checkpoint: the time since which records are taken, and a shard's last record or its end.
const (
	sinceMark  = "since"
	shardMark  = "shard "
	shardEnded = "ended"
)

// Stream replays the records of a stream that were made since a time, to the second, until now: all shards, parents
// before children, those too that come into being meanwhile. What comes after is the function's to deliver. A stream
// keeps records for Retention.
func Stream(ctx context.Context, client StreamClient, arn string, since time.Time, o Options) (Report, error) {
	return replayed(ctx, o, func(r *run) error {
		w := &walk{
			run: r, stream: stream{client, arn}, since: since.Truncate(time.Second), began: time.Now(),
			started: map[string]bool{}, done: map[string]bool{},
		}
		if err := w.fix(sinceMark, &w.since); err != nil {
			return err
		}
		return w.walk(ctx)
	})
}

// walk is one walk through a stream.
type walk struct {
	*run
	stream       stream
	since, began time.Time
	shards       []shard
	// started are the shards that a reader was sent to, done those that were read to their end.
	started, done map[string]bool

	mu sync.Mutex // of run, while there are readers
}

// finish is how a reader came back.
type finish struct {
	shard shard
	// ended says that the shard is closed: its children, if any, are due.
	ended bool
	err   error
}

// walk sends a reader to each shard whose parent is done, until there is none left.
func (w *walk) walk(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := w.list(ctx, shard{closed: true}); err != nil {
		return err
	}
	finished := make(chan finish)
	readers := 0
	var failure error
	for {
		for _, sh := range w.shards {
			if failure == nil && readers < shardReaders && w.due(sh) {
				w.started[sh.id] = true
				readers++
				go func() {
					ended, err := w.shard(ctx, sh)
					finished <- finish{sh, ended, err}
				}()
			}
		}
		if readers == 0 {
			return failure
		}
		f := <-finished
		readers--
		w.done[f.shard.id] = true
		if f.err == nil && f.ended && failure == nil {
			f.err = w.list(ctx, f.shard)
		}
		if f.err != nil && failure == nil {
			failure = f.err
			cancel(failure)
		}
	}
}

// list lists the shards, as often as it takes to learn of the children of one that closed while it was read. A shard
// that was closed before has them in the list already.
func (w *walk) list(ctx context.Context, of shard) error {
	for try := 1; ; try++ {
		shards, enabled, err := w.stream.shards(ctx)
		if err != nil {
			return err
		}
		w.shards = shards
		hasChild := slices.ContainsFunc(shards, func(s shard) bool { return s.parent == of.id })
		if of.closed || hasChild || !enabled || try == childTries {
			return nil
		}
		if err := sleep(ctx, childPause); err != nil {
			return err
		}
	}
}

// due says that a shard is to be read now: its parent was, or is no longer in the stream.
func (w *walk) due(sh shard) bool {
	if w.started[sh.id] {
		return false
	}
	known := slices.ContainsFunc(w.shards, func(s shard) bool { return s.id == sh.parent })
	return !known || w.done[sh.parent]
}

// shard reads a shard, on from its checkpoint.
func (w *walk) shard(ctx context.Context, sh shard) (ended bool, err error) {
	from := horizon
	w.mu.Lock()
	position := w.Checkpoint.At(shardMark + sh.id)
	w.mu.Unlock()
	switch position {
	case "":
	case shardEnded:
		return true, nil
	default:
		from = after(position)
	}
	for range trimTries {
		ended, err = w.stream.read(ctx, sh, from, func(records []types.Record) (bool, error) { return w.take(ctx, sh, records) })
		if !errors.Is(err, errTrimmed) {
			break
		}
		if from != horizon {
			w.lost("shard " + sh.id + ", records after " + from.number)
		}
		from = horizon
	}
	if errors.Is(err, errTrimmed) {
		w.lost("shard " + sh.id)
		ended, err = true, nil
	}
	if err == nil && ended {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.sender.Mark(shardMark+sh.id, shardEnded)
	}
	return ended, err
}

func (w *walk) lost(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.problem(Problem{What: what, Why: trimmedWhy, Kind: Lost})
}

// take packs a page. It is enough when the records were made after the walk began.
func (w *walk) take(ctx context.Context, sh shard, records []types.Record) (enough bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	payload, err := streamPayload(records)
	if err != nil {
		return false, err
	}
	if err := w.decode(payload, w.since); err != nil {
		return false, err
	}
	last := records[len(records)-1].Dynamodb
	if last == nil {
		return false, errors.New("read shard: a record without its change")
	}
	w.sender.Mark(shardMark+sh.id, aws.ToString(last.SequenceNumber))
	if err := w.sendFull(ctx); err != nil {
		return false, err
	}
	// Times are rounded down to the second.
	return !sh.closed && aws.ToTime(last.ApproximateCreationDateTime).After(w.began), nil
}
