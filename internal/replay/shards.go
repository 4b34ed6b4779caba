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
	// idleFor is how long a shard must have answered without records to be taken for read to its end.
	idleFor = 10 * time.Second
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
}

// shard is a part of a stream. Its records are to be read after those of its parent.
type shard struct {
	id, parent string
	closed     bool
}

// shards lists all shards, page by page.
func (s stream) shards(ctx context.Context) (all []shard, enabled bool, err error) {
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &s.arn, Limit: aws.Int32(shardPage)}
	for {
		out, err := s.client.DescribeStream(ctx, in)
		if err != nil {
			return nil, false, fmt.Errorf("list shards: %w", err)
		}
		d := out.StreamDescription
		if d == nil {
			return nil, false, errors.New("list shards: the answer holds no stream")
		}
		for _, sh := range d.Shards {
			closed := sh.SequenceNumberRange != nil && sh.SequenceNumberRange.EndingSequenceNumber != nil
			all = append(all, shard{aws.ToString(sh.ShardId), aws.ToString(sh.ParentShardId), closed})
		}
		enabled = d.StreamStatus == types.StreamStatusEnabled
		if in.ExclusiveStartShardId = d.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return all, enabled, nil
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

// read hands the records of a shard from a place on to take, page by page, until take has enough or the shard is read to
// its end. Ended says that it is closed and has no more; one not known to be closed is also taken for read when it gave
// nothing for idleFor. The error is errTrimmed if the place is no longer there.
func (s stream) read(ctx context.Context, sh shard, from place, take func([]types.Record) (enough bool, err error)) (ended bool, err error) {
	id := sh.id
	var iterator *string
	expirations := 0
	idle := time.Now()
	for {
		if iterator == nil {
			if iterator, err = s.iterator(ctx, id, from); err != nil {
				return false, err
			}
		}
		out, err := s.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator, Limit: aws.Int32(recordPage)})
		if _, expired := errors.AsType[*types.ExpiredIteratorException](err); expired && expirations < maxExpirations {
			expirations++
			iterator = nil // it lives for 15 minutes; the next begins after what was read
			continue
		}
		if err != nil {
			return false, fmt.Errorf("read shard %s: %w", id, trimmed(err))
		}
		expirations = 0
		if n := len(out.Records); n > 0 {
			enough, err := take(out.Records)
			if enough || err != nil {
				return false, err
			}
			if last := out.Records[n-1].Dynamodb; last != nil {
				from = after(aws.ToString(last.SequenceNumber))
			}
			idle = time.Now()
		}
		if iterator = out.NextShardIterator; iterator == nil {
			return true, nil
		}
		if len(out.Records) > 0 {
			continue
		}
		if !sh.closed && time.Since(idle) >= idleFor {
			return false, nil
		}
		if err := sleep(ctx, emptyPause); err != nil {
			return false, err
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
