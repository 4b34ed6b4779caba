package replay

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// BucketClient is what is called of S3 to read a bucket.
type BucketClient interface {
	ObjectClient

	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
}

var _ BucketClient = (*s3.Client)(nil)

// Positions of a bucket: the key of the last object that was enqueued, and the times of which they are.
const (
	keyMark   = "key"
	untilMark = "until"
)

// maxObjectBytes is the most that an on-failure record may be long: a payload is at most 6 MB, and S3 holds it once.
const maxObjectBytes = 64 << 20

// Bucket replays the records of an on-failure bucket, all below the place that were put there from since on and before
// until, each of which may be nil. Lambda writes each failed batch with its whole records. An object that is none, or
// that cannot be read, is a problem, and the rest goes on. No object is changed: the bucket's lifecycle deletes them.
//
// Without until it ends with the second in which it began, by S3's clock, which Report.Until tells: objects are read in
// order of their keys, which begin with the shard, so that of those put there later an interrupted run would miss some.
func Bucket(ctx context.Context, client BucketClient, from Place, since, until Moment, o Options) (Report, error) {
	return replayed(ctx, o, func(r *run) error {
		return (&bucket{run: r, client: client, from: from, since: since, until: until}).all(ctx)
	})
}

type bucket struct {
	*run

	client       BucketClient
	from         Place
	since, until Moment
	// first and last are since and until as times.
	first, last time.Time
}

func (b *bucket) all(ctx context.Context) error {
	in := &s3.ListObjectsV2Input{Bucket: &b.from.Bucket, Prefix: &b.from.Prefix}
	if key := b.Checkpoint.At(keyMark); key != "" {
		in.StartAfter = &key
	}
	for page := 0; ; page++ {
		out, err := b.client.ListObjectsV2(ctx, in)
		if err != nil {
			return fmt.Errorf("list objects of %s: %w", b.from, err)
		}
		if page == 0 {
			if err := b.bound(serviceTime(out.ResultMetadata)); err != nil {
				return err
			}
		}
		for _, object := range out.Contents {
			put := aws.ToTime(object.LastModified)
			if put.Before(b.first) || !put.Before(b.last) || strings.HasSuffix(aws.ToString(object.Key), "/") {
				continue
			}
			if err := b.object(ctx, aws.ToString(object.Key)); err != nil {
				return err
			}
		}
		if in.ContinuationToken = out.NextContinuationToken; in.ContinuationToken == nil {
			return nil
		}
	}
}

// bound settles the times, those of the run which is gone on with if there is one.
func (b *bucket) bound(now time.Time) (err error) {
	if b.first, err = b.fix(sinceMark, b.since, now); err != nil {
		return err
	}
	if b.until != nil {
		b.last, err = b.fix(untilMark, b.until, now)
		return err
	}
	// S3 tells times to the second.
	began, err := b.fix(untilMark, At(now.Truncate(time.Second)), now)
	b.report.Until, b.last = began, began.Add(time.Second)
	return err
}

// object replays an on-failure record.
func (b *bucket) object(ctx context.Context, key string) error {
	at := Place{b.from.Bucket, key}
	text, err := get(ctx, b.client, at, maxObjectBytes)
	if _, its := errors.AsType[*objectError](err); err != nil && !its {
		return err
	}
	var payload []byte
	if err == nil {
		payload, err = asPayload(text, b.Partition, b.Sort)
	}
	if err == nil {
		err = b.decode(payload, time.Time{})
	}
	if err != nil {
		b.broken(at.String(), err)
	}
	b.sender.Mark(keyMark, key)
	return b.sendFull(ctx)
}
