package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// ObjectClient is what is called of S3 to read objects. Throttled and failed calls are retried by the SDK's client.
type ObjectClient interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

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

// objectError is what is wrong with one object: the others can be read all the same.
type objectError struct{ why string }

func (e *objectError) Error() string { return e.why }

// A body that breaks off is asked for again so often, with a pause: S3 answers each time, so it is no outage.
const (
	bodyTries = 3
	bodyPause = time.Second
)

// get reads an object of at most so many bytes whole. What is wrong with the object alone is an *objectError.
func get(ctx context.Context, client ObjectClient, at Place, most int64) ([]byte, error) {
	var text bytes.Buffer
	err := fetch(ctx, client, at, func(body io.Reader) (read, write error) {
		text.Reset()
		_, read = io.Copy(&text, io.LimitReader(body, most+1))
		return read, nil
	})
	if err == nil && int64(text.Len()) > most {
		err = &objectError{"it is larger than such an object can be"}
	}
	return text.Bytes(), err
}

// fetch hands an object's body to take, anew where it breaks off. Take tells what went wrong with reading it from what
// went wrong with what it does with it.
func fetch(ctx context.Context, client ObjectClient, at Place, take func(body io.Reader) (read, write error)) error {
	var broken error
	for try := range bodyTries {
		if try > 0 {
			if err := sleep(ctx, bodyPause); err != nil {
				return err
			}
		}
		out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &at.Bucket, Key: &at.Prefix})
		if err != nil {
			return unreadable(err, at)
		}
		var write error
		broken, write = take(out.Body)
		out.Body.Close()
		switch {
		case write != nil:
			return fmt.Errorf("copy %s: %w", at, write)
		case broken == nil:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("get %s: %w", at, broken)
		}
	}
	return &objectError{"it breaks off: " + broken.Error()}
}

// unreadable tells what S3 says of one object from what it says of the bucket, of the credentials, or does not say.
func unreadable(err error, at Place) error {
	coded, ok := errors.AsType[interface {
		error
		ErrorCode() string
	}](err)
	if !ok {
		return fmt.Errorf("get %s: %w", at, err)
	}
	switch code := coded.ErrorCode(); {
	case code == "NoSuchKey" || code == "NotFound":
		return &objectError{"it is missing"}
	case code == "AccessDenied" || code == "Forbidden":
		return &objectError{"S3 denies access; to who may not list the bucket (s3:ListBucket) it says so of an object too that is missing"}
	case code == "InvalidObjectState":
		return &objectError{"it is archived: restore it first"}
	case strings.HasPrefix(code, "KMS."):
		return &objectError{"its key cannot be used: " + code}
	}
	return fmt.Errorf("get %s: %w", at, err)
}
