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
	// refused are the codes with which objects cannot be got, breaks how often a body breaks off in its middle.
	refused map[string]string
	breaks  map[string]int
}

// refusal is an error of S3's API.
type refusal string

func (r refusal) Error() string     { return "api error " + string(r) }
func (r refusal) ErrorCode() string { return string(r) }

// brokenBody breaks off.
type brokenBody struct{ io.Reader }

func (b brokenBody) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
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
	if code := f.refused[*in.Key]; code != "" {
		return nil, refusal(code)
	}
	body, found := f.objects[*in.Key]
	if !found {
		return nil, &types.NoSuchKey{}
	}
	if f.left == 0 {
		return nil, errors.New("bucket is away")
	}
	f.left--
	f.gets = append(f.gets, *in.Key)
	if f.breaks[*in.Key] > 0 {
		f.breaks[*in.Key]--
		return &s3.GetObjectOutput{Body: io.NopCloser(brokenBody{bytes.NewReader(body[:len(body)/2])})}, nil
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(bytes.NewReader(body))}, nil
}
