package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// fakeShard is a shard of fakeStream. Its iterators are "id/index/generation".
type fakeShard struct {
	id, parent string
	records    []types.Record
	closed     bool
	// gone says that it is still listed, and cannot be read any more.
	gone bool
	// trimmed is how many of the first records are gone.
	trimmed int
	// empty is how many answers hold nothing before the first record.
	empty int
}

// fakeStream is a stream that keeps the order in which its shards were first read, and fails a read of a shard whose
// parent was not read to its end.
type fakeStream struct {
	mu     sync.Mutex
	shards []*fakeShard
	// perPage is how many records an answer holds, shardsPerPage how many shards; all if zero.
	perPage, shardsPerPage int
	// expireEvery makes each n-th call of GetRecords find its iterator expired.
	expireEvery int
	// before, if set, is called at each GetRecords, to change the stream.
	before func(call int)
	// describing, if set, is called before each DescribeStream. Its pages are of fixed places: a shard that comes into being
	// meanwhile may be on a page that was asked for already.
	describing func(page int)
	// slow is how long GetRecords takes.
	slow time.Duration
	// hideNew is how many DescribeStreams do not yet tell of shards added by before.
	hideNew  int
	told     int
	calls    int
	pages    int
	order    []string
	drained  map[string]bool
	problems []string
	err      error
}

func (f *fakeStream) shard(id string) *fakeShard {
	for _, s := range f.shards {
		if s.id == id {
			return s
		}
	}
	return nil
}

func (f *fakeStream) DescribeStream(_ context.Context, in *dynamodbstreams.DescribeStreamInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	if *in.Limit > 100 {
		return nil, errors.New("ValidationException: Limit")
	}
	f.pages++
	if f.describing != nil {
		f.describing(f.pages)
	}
	visible := f.shards
	if f.told > 0 && len(visible) > f.told && f.hideNew > 0 {
		f.hideNew--
		visible = visible[:f.told]
	}
	from := 0
	if in.ExclusiveStartShardId != nil {
		from = 1 + slices.IndexFunc(visible, func(s *fakeShard) bool { return s.id == *in.ExclusiveStartShardId })
	}
	d := &types.StreamDescription{StreamStatus: types.StreamStatusEnabled}
	for i, s := range visible[from:] {
		if i == f.shardsPerPage && i > 0 {
			d.LastEvaluatedShardId = d.Shards[i-1].ShardId
			break
		}
		sh := types.Shard{ShardId: &s.id, SequenceNumberRange: &types.SequenceNumberRange{StartingSequenceNumber: aws.String("1")}}
		if s.parent != "" {
			sh.ParentShardId = &s.parent
		}
		if s.closed {
			sh.SequenceNumberRange.EndingSequenceNumber = aws.String("9")
		}
		d.Shards = append(d.Shards, sh)
	}
	if d.LastEvaluatedShardId == nil {
		f.told = max(f.told, len(visible))
	}
	return &dynamodbstreams.DescribeStreamOutput{StreamDescription: d}, nil
}

func (f *fakeStream) GetShardIterator(_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shard(*in.ShardId)
	if s == nil || s.gone {
		return nil, &types.ResourceNotFoundException{}
	}
	index := s.trimmed
	if in.ShardIteratorType != types.ShardIteratorTypeTrimHorizon {
		index = slices.IndexFunc(s.records, func(r types.Record) bool { return *r.Dynamodb.SequenceNumber == *in.SequenceNumber })
		if index < s.trimmed {
			return nil, &types.TrimmedDataAccessException{}
		}
		if in.ShardIteratorType == types.ShardIteratorTypeAfterSequenceNumber {
			index++
		}
	}
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: aws.String(fmt.Sprintf("%s/%d", s.id, index))}, nil
}

func (f *fakeStream) GetRecords(ctx context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	time.Sleep(f.slow)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	if f.before != nil {
		f.before(f.calls)
	}
	if f.expireEvery > 0 && f.calls%f.expireEvery == 0 {
		return nil, &types.ExpiredIteratorException{}
	}
	id, at, _ := strings.Cut(*in.ShardIterator, "/")
	index, err := strconv.Atoi(at)
	if err != nil {
		return nil, err
	}
	s := f.shard(id)
	if s == nil {
		return nil, &types.ResourceNotFoundException{}
	}
	if !slices.Contains(f.order, id) {
		f.order = append(f.order, id)
		if f.shard(s.parent) != nil && !f.drained[s.parent] {
			f.problems = append(f.problems, id+" was read before its parent")
		}
	}
	if index < s.trimmed {
		return nil, &types.TrimmedDataAccessException{}
	}
	end := len(s.records)
	if f.perPage > 0 {
		end = min(end, index+f.perPage)
	}
	if s.empty > 0 {
		s.empty--
		end = index
	}
	out := &dynamodbstreams.GetRecordsOutput{Records: s.records[index:end]}
	if !s.closed || end < len(s.records) {
		out.NextShardIterator = aws.String(fmt.Sprintf("%s/%d", id, end))
	} else {
		if f.drained == nil {
			f.drained = map[string]bool{}
		}
		f.drained[id] = true
	}
	return out, nil
}

// put is a record of the Streams API of a person who joined; sequence numbers grow from shorter to longer ones.
func put(n int, id string, made time.Time) types.Record {
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	return types.Record{
		EventID: aws.String(fmt.Sprintf("e%d", n)), EventName: types.OperationTypeInsert,
		Dynamodb: &types.StreamRecord{
			ApproximateCreationDateTime: aws.Time(made.Truncate(time.Second)), SequenceNumber: aws.String(strconv.Itoa(n)),
			StreamViewType: types.StreamViewTypeNewAndOldImages, Keys: map[string]types.AttributeValue{"id": text(id)},
			NewImage: map[string]types.AttributeValue{
				"id": text(id), "active": &types.AttributeValueMemberBOOL{Value: true}, "email": text(id + "@example.com"),
			},
		},
	}
}

// puts are records of p<from>… up to p<to>.
func puts(from, to int, made time.Time) (all []types.Record) {
	for n := from; n < to; n++ {
		all = append(all, put(n, fmt.Sprintf("p%d", n), made))
	}
	return all
}
