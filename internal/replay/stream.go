package replay

import (
	"context"
	"errors"
	"fmt"
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
func Stream(ctx context.Context, client StreamClient, arn string, since Moment, o Options) (Report, error) {
	return replayed(ctx, o, func(r *run) error {
		w := &walk{run: r, stream: newStream(client, arn), started: map[string]bool{}, done: map[string]bool{}}
		return w.all(ctx, since)
	})
}

// walk is one walk through a stream.
type walk struct {
	*run
	stream stream
	// since and began are by the service's clock, which is ahead of this machine's by so much.
	since, began time.Time
	ahead        time.Duration
	listing
	// started are the shards that a reader was sent to, done those that were read to their end.
	started, done map[string]bool
	// doubtful says that the listing may lack a shard, or the stream be gone: a shard has ended whose children it does not
	// know, or is not there any more.
	doubtful bool

	mu sync.Mutex // of run, while there are readers
}

// finish is how a reader came back.
type finish struct {
	shard shard
	how   ending
	err   error
}

func (w *walk) all(ctx context.Context, since Moment) (err error) {
	if w.listing, err = w.stream.list(ctx); err != nil {
		return err
	}
	w.began = w.at
	w.ahead = time.Until(w.at)
	if w.since, err = w.fix(sinceMark, since, w.at); err != nil {
		return err
	}
	w.since = w.since.Truncate(time.Second)
	for {
		if err := w.walk(ctx); err != nil || !w.doubtful {
			return err
		}
		// The page of a child may have been asked for before its parent closed.
		w.doubtful = false
		if w.listing, err = w.stream.list(ctx); err != nil || !slices.ContainsFunc(w.shards, w.due) {
			return err
		}
	}
}

// walk sends a reader to each shard whose parent is done, until there is none left.
func (w *walk) walk(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	finished := make(chan finish)
	readers := 0
	var failure error
	for {
		for _, sh := range w.shards {
			if failure == nil && readers < shardReaders && w.due(sh) {
				w.started[sh.id] = true
				readers++
				go func() {
					how, err := w.shard(ctx, sh)
					finished <- finish{sh, how, err}
				}()
			}
		}
		if readers == 0 {
			return failure
		}
		f := <-finished
		readers--
		w.done[f.shard.id] = true
		if f.err == nil && failure == nil {
			f.err = w.follow(ctx, f)
		}
		if f.err != nil && failure == nil {
			failure = f.err
			cancel(failure)
		}
	}
}

// follow sees to it that the children of a shard that has ended are listed. Those of one that was closed when it was
// listed are in the list already, as a rule; of one that closed since, DescribeStream is asked as often as it takes.
func (w *walk) follow(ctx context.Context, f finish) error {
	switch {
	case f.how == gone:
		w.doubtful = true
		return nil
	case f.how != closed || w.parents[f.shard.id]:
		return nil
	case f.shard.closed:
		w.doubtful = w.doubtful || w.enabled
		return nil
	}
	for try := 1; ; try++ {
		var err error
		if w.listing, err = w.stream.list(ctx); err != nil {
			return err
		}
		if w.parents[f.shard.id] || !w.enabled || try == childTries {
			return nil
		}
		if err := sleep(ctx, childPause); err != nil {
			return err
		}
	}
}

// due says that a shard is to be read now: its parent was, or is no longer in the stream.
func (w *walk) due(sh shard) bool {
	return !w.started[sh.id] && (!w.known[sh.parent] || w.done[sh.parent])
}

// shard reads a shard, on from its checkpoint.
func (w *walk) shard(ctx context.Context, sh shard) (how ending, err error) {
	from := horizon
	w.mu.Lock()
	position := w.Checkpoint.At(shardMark + sh.id)
	w.mu.Unlock()
	switch position {
	case "":
	case shardEnded:
		return closed, nil
	default:
		from = after(position)
	}
	for range trimTries {
		how, err = w.stream.read(ctx, sh, from, func(records []types.Record) (bool, error) { return w.take(ctx, sh, records) })
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
		how, err = gone, nil
	}
	if err != nil {
		return how, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch how {
	case closed, gone:
		w.sender.Mark(shardMark+sh.id, shardEnded)
	case idle:
		w.report.Idle++
	}
	return how, nil
}

// lost notes trimmed records, if any of those asked for can be among them: all that are gone were made before Retention.
func (w *walk) lost(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	horizon := time.Now().Add(w.ahead).Add(-Retention)
	if w.since.Before(horizon) {
		what += fmt.Sprintf(", made from %s to %s", w.since.UTC().Format(time.RFC3339), horizon.UTC().Format(time.RFC3339))
		w.problem(Problem{What: what, Why: trimmedWhy, Kind: Lost})
	}
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
