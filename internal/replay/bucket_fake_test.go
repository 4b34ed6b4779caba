package replay

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// fakeBucket is a bucket that lists three objects a page and keeps which it was asked for.
type fakeBucket struct {
	objects map[string][]byte
	put     map[string]time.Time
	gets    []string
	// left is how many objects can still be got; negative is any number.
	left int
}

func (f *fakeBucket) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	if *in.Bucket != "bucket" {
		return nil, &types.NoSuchBucket{}
	}
	after := aws.ToString(in.StartAfter)
	if in.ContinuationToken != nil {
		after = *in.ContinuationToken
	}
	out := &s3.ListObjectsV2Output{}
	for _, key := range slices.Sorted(maps.Keys(f.objects)) {
		if !strings.HasPrefix(key, *in.Prefix) || key <= after {
			continue
		}
		if n := len(out.Contents); n == 3 {
			out.NextContinuationToken = out.Contents[n-1].Key
			break
		}
		out.Contents = append(out.Contents, types.Object{Key: aws.String(key), LastModified: aws.Time(f.put[key])})
	}
	return out, nil
}

func (f *fakeBucket) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	body, found := f.objects[*in.Key]
	if !found {
		return nil, &types.NoSuchKey{}
	}
	if f.left == 0 {
		return nil, errors.New("bucket is away")
	}
	f.left--
	f.gets = append(f.gets, *in.Key)
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(body))}, nil
}
