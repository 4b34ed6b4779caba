package replay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ObjectClient is what is called of S3 to read objects.
type ObjectClient interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

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

// Place is a place in S3.
type Place struct{ Bucket, Prefix string }

// String returns the place as ParsePlace reads it.
func (p Place) String() string { return "s3://" + p.Bucket + "/" + p.Prefix }

// ParsePlace reads s3://bucket or s3://bucket/prefix.
func ParsePlace(text string) (Place, error) {
	path, isS3 := strings.CutPrefix(text, "s3://")
	bucket, prefix, _ := strings.Cut(path, "/")
	if !isS3 || bucket == "" {
		return Place{}, fmt.Errorf("%q is not s3://bucket/prefix", text)
	}
	return Place{bucket, prefix}, nil
}

// Bucket replays the records of an on-failure bucket, all below the place that were put there from since on and before
// until, a zero time being no bound. Lambda writes each failed batch with its whole records. An object that is none is a
// problem, and the rest goes on. No object is changed: the bucket's lifecycle deletes them.
func Bucket(ctx context.Context, client BucketClient, from Place, since, until time.Time, o Options) (Report, error) {
	return replayed(ctx, o, func(r *run) error {
		if err := errors.Join(r.fix(sinceMark, &since), r.fix(untilMark, &until)); err != nil {
			return err
		}
		return r.bucket(ctx, client, from, since, until)
	})
}

func (r *run) bucket(ctx context.Context, client BucketClient, from Place, since, until time.Time) error {
	in := &s3.ListObjectsV2Input{Bucket: &from.Bucket, Prefix: &from.Prefix}
	if key := r.Checkpoint.At(keyMark); key != "" {
		in.StartAfter = &key
	}
	for {
		out, err := client.ListObjectsV2(ctx, in)
		if err != nil {
			return fmt.Errorf("list objects of %s: %w", from, err)
		}
		for _, object := range out.Contents {
			put := aws.ToTime(object.LastModified)
			if put.Before(since) || !until.IsZero() && !put.Before(until) || strings.HasSuffix(aws.ToString(object.Key), "/") {
				continue
			}
			if err := r.object(ctx, client, from.Bucket, aws.ToString(object.Key)); err != nil {
				return err
			}
		}
		if in.ContinuationToken = out.NextContinuationToken; in.ContinuationToken == nil {
			return nil
		}
	}
}

// object replays an on-failure record.
func (r *run) object(ctx context.Context, client BucketClient, bucket, key string) error {
	text, err := get(ctx, client, bucket, key, maxObjectBytes)
	if err != nil {
		return err
	}
	payload, err := asPayload(text, r.Partition, r.Sort)
	if err == nil {
		err = r.decode(payload, time.Time{})
	}
	if err != nil {
		r.broken(Place{bucket, key}.String(), err)
	}
	r.sender.Mark(keyMark, key)
	return r.sendFull(ctx)
}

// get reads an object of at most so many bytes whole.
func get(ctx context.Context, client ObjectClient, bucket, key string, most int64) ([]byte, error) {
	body, err := open(ctx, client, bucket, key)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	text, err := io.ReadAll(io.LimitReader(body, most+1))
	if err == nil && int64(len(text)) > most {
		err = errors.New("it is larger than such an object can be")
	}
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", Place{bucket, key}, err)
	}
	return text, nil
}

// open begins to read an object.
func open(ctx context.Context, client ObjectClient, bucket, key string) (io.ReadCloser, error) {
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, fmt.Errorf("get %s: %w", Place{bucket, key}, err)
	}
	return out.Body, nil
}
