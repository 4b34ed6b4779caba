package replay

import (
	"context"
	"errors"
	"fmt"
	"math/big"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"golang.org/x/time/rate"
)

// StreamClient is what is called of DynamoDB Streams. Throttled calls are retried by the SDK's client.
type StreamClient interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

var _ StreamClient = (*dynamodbstreams.Client)(nil)

const (
	// shardPage is the most shards of one DescribeStream.
	shardPage = 100
	// recordPage is the most records of one GetRecords.
	recordPage = 1000
	// emptyPause is the time after an answer without records: an open shard answers so at its end, and before.
	emptyPause = 250 * time.Millisecond
	// An open shard is taken for read to its end when it answered without records for so long, and so often in a row: a
	// few slow answers say nothing.
	idleFor     = 10 * time.Second
	idleAnswers = 20
	// describesPerSecond is half of what DynamoDB allows: the functions ask too.
	describesPerSecond = 5
	// maxExpirations is how many iterators in a row may have expired before they gave anything.
	maxExpirations = 3
)

// errTrimmed is returned where records are asked for that the stream no longer has.
var errTrimmed = errors.New("trimmed: the stream keeps records for 24 hours")

// trimmedWhy is why trimmed records are not there.
const trimmedWhy = "trimmed, since a stream keeps records for 24 hours"

// stream reads the shards of one stream.
type stream struct {
	client StreamClient
	arn    string
	pace   *rate.Limiter // of DescribeStream
}

func newStream(client StreamClient, arn string) stream {
	return stream{client, arn, rate.NewLimiter(describesPerSecond, 1)}
}

// shard is a part of a stream. Its records are to be read after those of its parent.
type shard struct {
	id, parent string
	closed     bool
}

// listing is a stream as it was listed.
type listing struct {
	// at is when it was begun, by the service's clock.
	at      time.Time
	shards  []shard
	enabled bool
	// known are the shards' ids, parents those of which one is a child.
	known, parents map[string]bool
}

// list lists all shards, page by page, which is one call for each hundred.
func (s stream) list(ctx context.Context) (listing, error) {
	l := listing{known: map[string]bool{}, parents: map[string]bool{}}
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &s.arn, Limit: aws.Int32(shardPage)}
	for {
		if err := s.pace.Wait(ctx); err != nil {
			return listing{}, fmt.Errorf("list shards: %w", err)
		}
		out, err := s.client.DescribeStream(ctx, in)
		if err != nil {
			return listing{}, fmt.Errorf("list shards: %w", err)
		}
		d := out.StreamDescription
		if d == nil {
			return listing{}, errors.New("list shards: the answer holds no stream")
		}
		if l.at.IsZero() {
			l.at = serviceTime(out.ResultMetadata)
		}
		for _, sh := range d.Shards {
			ended := sh.SequenceNumberRange != nil && sh.SequenceNumberRange.EndingSequenceNumber != nil
			one := shard{aws.ToString(sh.ShardId), aws.ToString(sh.ParentShardId), ended}
			l.shards = append(l.shards, one)
			l.known[one.id], l.parents[one.parent] = true, true
		}
		l.enabled = d.StreamStatus == types.StreamStatusEnabled
		if in.ExclusiveStartShardId = d.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return l, nil
		}
	}
}

// place is where in a shard to read on.
type place struct {
	kind   types.ShardIteratorType
	number string // none from the horizon on
}

var horizon = place{kind: types.ShardIteratorTypeTrimHorizon}

func at(number string) place { return place{types.ShardIteratorTypeAtSequenceNumber, number} }

func after(number string) place { return place{types.ShardIteratorTypeAfterSequenceNumber, number} }

// ending is how the reading of a shard ended.
type ending int

const (
	// enough: take had enough.
	enough ending = iota
	// closed: the shard is closed and has no more; its children, if any, are due.
	closed
	// idle: an open shard gave nothing for idleFor.
	idle
	// gone: the shard is not there any more.
	gone
)

// read hands the records of a shard from a place on to take, page by page, until take has enough or the shard is read to
// its end. The error is errTrimmed if the place is no longer there.
func (s stream) read(ctx context.Context, sh shard, from place, take func([]types.Record) (stop bool, err error)) (how ending, err error) {
	id := sh.id
	var iterator *string
	expirations, empty := 0, 0
	since := time.Now() // nothing came
	for {
		if iterator == nil {
			if iterator, err = s.iterator(ctx, id, from); err != nil {
				return enough, err
			}
		}
		out, err := s.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(recordPage)})
		if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired && expirations < maxExpirations {
			expirations++
			iterator = nil // it lives for 15 minutes; the next begins after what was read
			continue
		}
		if err != nil {
			return enough, fmt.Errorf("read shard %s: %w", id, trimmed(err))
		}
		expirations = 0
		iterator = out.NextShardIterator
		if n := len(out.Records); n > 0 {
			stop, err := take(out.Records)
			if stop || err != nil {
				return enough, err
			}
			if last := out.Records[n-1].Dynamodb; last != nil {
				from = after(aws.ToString(last.SequenceNumber))
			}
			empty, since = 0, time.Now()
		} else {
			empty++
		}
		switch {
		case iterator == nil:
			return closed, nil
		case empty == 0:
			continue
		case !sh.closed && empty >= idleAnswers && time.Since(since) >= idleFor:
			return idle, nil
		}
		if err := sleep(ctx, emptyPause); err != nil {
			return enough, err
		}
	}
}

func (s stream) iterator(ctx context.Context, id string, from place) (*string, error) {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &s.arn, ShardId: &id, ShardIteratorType: from.kind}
	if from.number != "" {
		in.SequenceNumber = &from.number
	}
	out, err := s.client.GetShardIterator(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read shard %s: %w", id, trimmed(err))
	}
	if out.ShardIterator == nil {
		return nil, fmt.Errorf("read shard %s: the answer holds no iterator", id)
	}
	return out.ShardIterator, nil
}

// trimmed turns what says that records, or their whole shard, are no longer there into errTrimmed.
func trimmed(err error) error {
	if _, ok := errors.AsType[*types.TrimmedDataAccessException](err); ok {
		return errTrimmed
	}
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); ok {
		return errTrimmed
	}
	return err
}

// number reads a sequence number: 21 to 40 digits, of any length, so that as text they do not compare.
func number(text string) (*big.Int, error) {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok || n.Sign() < 0 {
		return nil, errors.New("a sequence number is not a number")
	}
	return n, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
