package replay

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"rollcall/batcher"
)

// Failures is the queue that Lambda tells of failed batches.
type Failures interface {
	// Receive returns up to ten messages, hidden from other receivers. It returns none when none came within wait.
	Receive(ctx context.Context, wait time.Duration) ([]batcher.Received, error)
	// Delete deletes the messages of these receipts.
	Delete(ctx context.Context, receipts []string) error
	// Postpone makes the messages of these receipts visible again after d from now.
	Postpone(ctx context.Context, receipts []string, d time.Duration) error
}

const (
	// failureWait is how long no message must come for the queue to be done.
	failureWait = 5 * time.Second
	// failureHold hides the messages in hand and those that are kept, so that this run is not given them again.
	failureHold = time.Hour
)

// batchInfo is what Lambda tells of a failed batch: where its records are, not what they were.
type batchInfo struct {
	ShardID   string `json:"shardId"`
	Start     string `json:"startSequenceNumber"`
	End       string `json:"endSequenceNumber"`
	StreamARN string `json:"streamArn"`
	// Size is how many records the function was given, after any filter; First and Last are when they were made.
	Size  int    `json:"batchSize"`
	First string `json:"approximateArrivalOfFirstRecord"`
	Last  string `json:"approximateArrivalOfLastRecord"`
}

// FailedBatches replays the failed batches that a queue tells of: it reads each one's records from the stream, from the
// first to the last sequence number and not by their count, which filters make another. A message is deleted when its
// records are enqueued. One whose records the stream no longer has, that is of another table's stream, or that is no
// failed batch, is a problem and is kept, and the rest goes on. Without Options.Queue all are kept.
func FailedBatches(ctx context.Context, from Failures, client StreamClient, tableARN string, o Options) (Report, error) {
	return replayed(ctx, o, func(r *run) error {
		b := &failedBatches{run: r, from: from, client: client, table: tableARN}
		err := b.all(ctx)
		// Given back also when this was interrupted, so that nobody waits for them.
		return errors.Join(err, b.giveBack(context.WithoutCancel(ctx)))
	})
}

type failedBatches struct {
	*run
	from   Failures
	client StreamClient
	// table is the ARN of the table whose streams are meant.
	table string
	// kept are the receipts of messages that stay.
	kept []string
}

func (b *failedBatches) all(ctx context.Context) error {
	for {
		messages, err := b.from.Receive(ctx, failureWait)
		if err != nil || len(messages) == 0 {
			return err
		}
		receipts := make([]string, len(messages))
		for i, m := range messages {
			receipts[i] = m.Receipt
		}
		if err := b.from.Postpone(ctx, receipts, failureHold); err != nil {
			return err
		}
		b.kept = append(b.kept, receipts...)
		var done []string
		for _, m := range messages {
			whole, err := b.message(ctx, m)
			if err != nil {
				return err
			}
			if whole {
				done = append(done, m.Receipt)
			}
		}
		if err := b.acknowledge(ctx, done); err != nil {
			return err
		}
	}
}

// acknowledge sends what is packed, and deletes the messages that it stands for.
func (b *failedBatches) acknowledge(ctx context.Context, receipts []string) error {
	if err := b.send(ctx); err != nil || b.Queue == nil || len(receipts) == 0 {
		return err
	}
	if err := b.from.Delete(ctx, receipts); err != nil {
		return err
	}
	gone := map[string]bool{}
	for _, receipt := range receipts {
		gone[receipt] = true
	}
	var left []string
	for _, receipt := range b.kept {
		if !gone[receipt] {
			left = append(left, receipt)
		}
	}
	b.kept = left
	return nil
}

// giveBack makes the kept messages visible again.
func (b *failedBatches) giveBack(ctx context.Context) error {
	if len(b.kept) == 0 {
		return nil
	}
	return b.from.Postpone(ctx, b.kept, 0)
}

// message packs the records of a failed batch. Whole says that all of them were there. The error ends the replay.
func (b *failedBatches) message(ctx context.Context, m batcher.Received) (whole bool, err error) {
	var record struct {
		Info *batchInfo `json:"DDBStreamBatchInfo"`
	}
	if json.Unmarshal([]byte(m.Body), &record) != nil || record.Info == nil || record.Info.ShardID == "" || record.Info.StreamARN == "" {
		b.problem(Problem{What: messageName(m), Why: "not a failed batch of a stream"})
		return false, nil
	}
	r := &batchRange{failedBatches: b, info: *record.Info}
	if !strings.HasPrefix(r.info.StreamARN, b.table+"/stream/") {
		b.problem(Problem{What: messageName(m), Why: "of another table: " + r.info.StreamARN})
		return false, nil
	}
	if r.first, err = number(r.info.Start); err == nil {
		r.last, err = number(r.info.End)
	}
	if err != nil {
		b.problem(Problem{What: "shard " + r.info.ShardID, Why: err.Error()})
		return false, nil
	}
	return r.replay(ctx)
}

// messageName tells a message from the others: by its body's hash, since the body may hold anything.
func messageName(m batcher.Received) string {
	sum := sha256.Sum256([]byte(m.Body))
	name := "message " + hex.EncodeToString(sum[:8])
	if !m.Sent.IsZero() {
		name += " of " + m.Sent.UTC().Format(time.RFC3339)
	}
	return name
}

// batchRange is the range of a failed batch while it is read.
type batchRange struct {
	*failedBatches

	info        batchInfo
	first, last *big.Int
	// found is the first number of the range that was read, nil before; reached says that its last was, or one beyond.
	found   *big.Int
	reached bool
}

// replay reads the range from its first number on, or where that was trimmed what is left of it. Whole says that nothing
// of it was missing.
func (r *batchRange) replay(ctx context.Context) (whole bool, err error) {
	s := newStream(r.client, r.info.StreamARN)
	sh := shard{id: r.info.ShardID}
	take := func(records []types.Record) (bool, error) { return r.take(ctx, records) }
	_, err = s.read(ctx, sh, at(r.info.Start), take)
	for try := 0; errors.Is(err, errTrimmed) && try < trimTries; try++ {
		_, err = s.read(ctx, sh, horizon, take)
	}
	switch {
	case err != nil && !errors.Is(err, errTrimmed):
		return false, err
	case r.found == nil:
		r.lost(r.info.Start+" to "+r.info.End, trimmedWhy)
	case r.found.Cmp(r.first) > 0:
		r.lost(r.info.Start+" to before "+r.found.String(), trimmedWhy)
	case !r.reached:
		r.lost("through "+r.info.End, "the stream ended before")
	default:
		return true, nil
	}
	return false, nil
}

// lost notes that records of the range are not there, with what the message tells of them.
func (r *batchRange) lost(numbers, why string) {
	what := fmt.Sprintf("shard %s, records %s", r.info.ShardID, numbers)
	if r.info.Size > 0 && r.info.First != "" {
		what += fmt.Sprintf(", of a batch of %d made from %s to %s", r.info.Size, r.info.First, r.info.Last)
	}
	r.problem(Problem{What: what, Why: why, Kind: Lost})
}

// take packs the records of a page that are in the range; with the last of them, or one beyond, it is enough.
func (r *batchRange) take(ctx context.Context, records []types.Record) (enough bool, err error) {
	var in []types.Record
	for _, record := range records {
		if record.Dynamodb == nil {
			return false, errors.New("read shard: a record without its change")
		}
		n, err := number(aws.ToString(record.Dynamodb.SequenceNumber))
		if err != nil {
			return false, err
		}
		if n.Cmp(r.first) < 0 {
			continue
		}
		if enough = n.Cmp(r.last) >= 0; enough {
			r.reached = true
		}
		if n.Cmp(r.last) <= 0 {
			if r.found == nil {
				r.found = n
			}
			in = append(in, record)
		}
		if enough {
			break
		}
	}
	if len(in) > 0 {
		payload, err := streamPayload(in)
		if err != nil {
			return false, err
		}
		if err := r.decode(payload, time.Time{}); err != nil {
			return false, err
		}
	}
	return enough, r.sendFull(ctx)
}
