package replay

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"rollcall/internal/checkpoint"
	"rollcall/internal/enqueue"
)

// failures is a bucket with an on-failure record for each hour, of the person of that number.
func failures(hours int, began time.Time) *fakeBucket {
	f := &fakeBucket{objects: map[string][]byte{"other/x": nil}, put: map[string]time.Time{}, left: -1}
	for n := range hours {
		key := fmt.Sprintf("aws/lambda/mapping/shard-%02d", n)
		id := fmt.Sprintf("p%d", n)
		f.objects[key] = fmt.Appendf(nil, `{"requestContext":{"condition":"RetryAttemptsExhausted","functionError":null},"version":"1.0",
			"DDBStreamBatchInfo":{"shardId":"s"},"payload":{"Records":[%s]}}`, record(fmt.Sprint(n), id, "", item(id, true)))
		f.put[key] = began.Add(time.Duration(n) * time.Hour)
	}
	return f
}

func TestBucketReplaysWhatWasPutInTime(t *testing.T) {
	began := time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		since, until Moment
		want         []string
	}{
		{nil, nil, []string{"upsert p0", "upsert p1", "upsert p2", "upsert p3", "upsert p4", "upsert p5", "upsert p6"}},
		{At(began.Add(5 * time.Hour)), nil, []string{"upsert p5", "upsert p6"}},
		{At(began.Add(time.Hour)), At(began.Add(3 * time.Hour)), []string{"upsert p1", "upsert p2"}},
	} {
		f, q := failures(7, began), &queue{}
		report, err := Bucket(t.Context(), f, Place{"bucket", "aws/"}, c.since, c.until, options(t, q))
		if err != nil || report.Records != len(c.want) || len(f.gets) != len(c.want) {
			t.Errorf("%+v, %v", report, err)
		}
		q.wants(t, c.want...)
	}
}

func TestBucketNamesWhatIsNoRecord(t *testing.T) {
	f, q := failures(2, time.Time{}), &queue{}
	f.objects["aws/lambda/mapping/shard-00"] = []byte(`{"requestContext":{}}`)
	report, err := Bucket(t.Context(), f, Place{Bucket: "bucket", Prefix: "aws/"}, nil, nil, options(t, q))
	if err != nil || len(report.Problems) != 1 || report.Problems[0].What != "s3://bucket/aws/lambda/mapping/shard-00" {
		t.Errorf("%+v, %v", report, err)
	}
	q.wants(t, "upsert p1")
	if _, err := Bucket(t.Context(), f, Place{Bucket: "nowhere"}, nil, nil, options(t, q)); err == nil {
		t.Error("no error of a bucket that is not there")
	}
}

func TestBucketGoesOnWhereItWasInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	f := failures(9, time.Time{})
	// Each of the first objects fills a call of the queue.
	for n := range 4 {
		var records []string
		for i := range enqueue.SendAt {
			id := fmt.Sprintf("p%d-%d", n, i)
			records = append(records, record("1", id, "", item(id, true)))
		}
		f.objects[fmt.Sprintf("aws/lambda/mapping/shard-%02d", n)] = []byte(`{"payload":{"Records":[` + strings.Join(records, ",") + `]}}`)
	}
	f.left = 3
	q := &queue{}
	run := func() (Report, error) {
		o := options(t, q)
		var err error
		if o.Checkpoint, err = checkpoint.Open(path, "bucket", false); err != nil {
			t.Fatal(err)
		}
		return Bucket(t.Context(), f, Place{Bucket: "bucket", Prefix: "aws/"}, nil, nil, o)
	}
	began := time.Now().Truncate(time.Second)
	if _, err := run(); err == nil {
		t.Fatal("not interrupted")
	}
	// What is put there since is of another run, wherever its key is: of these only one is still to come.
	for _, key := range []string{"aws/lambda/mapping/shard-01-later", "aws/lambda/mapping/shard-99"} {
		f.objects[key] = f.objects["aws/lambda/mapping/shard-08"]
		f.put[key] = time.Now().Add(2 * time.Second)
	}
	f.left, f.gets = -1, nil
	report, err := run()
	if err != nil || report.Records != 4*enqueue.SendAt+5 || report.Until.Before(began) || report.Until.After(began.Add(time.Minute)) {
		t.Fatalf("%+v, %v", report, err)
	}
	if want := []string{"aws/lambda/mapping/shard-03"}; len(f.gets) != 6 || !slices.Equal(f.gets[:1], want) {
		t.Errorf("went on with %v", f.gets)
	}
	if twice := q.reached(t, 4*enqueue.SendAt+5); twice > 0 {
		t.Errorf("%d twice", twice)
	}
}

// What S3 says of one object is a problem of that object, and the others go on; what it says of all ends the replay.
func TestBucketNamesWhatCannotBeRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, q := failures(9, time.Time{}), &queue{}
		key := func(n int) string { return fmt.Sprintf("aws/lambda/mapping/shard-%02d", n) }
		f.refused = map[string]string{key(0): "AccessDenied", key(2): "InvalidObjectState", key(3): "KMS.DisabledException", key(5): "NoSuchKey"}
		f.breaks = map[string]int{key(6): 2, key(7): 100}
		report, err := Bucket(t.Context(), f, Place{"bucket", "aws/"}, nil, nil, options(t, q))
		if err != nil {
			t.Fatal(err)
		}
		q.wants(t, "upsert p1", "upsert p4", "upsert p6", "upsert p8")
		var told []string
		for _, p := range report.Problems {
			told = append(told, strings.TrimPrefix(p.String(), "s3://bucket/aws/lambda/mapping/"))
		}
		want := []string{"shard-00: S3 denies access", "shard-02: it is archived", "shard-03: its key cannot be used: KMS.Disabled", "shard-05: it is missing", "shard-07: it breaks off"}
		if !slices.EqualFunc(told, want, strings.HasPrefix) {
			t.Errorf("got\n%s", strings.Join(told, "\n"))
		}
		f.refused = map[string]string{key(4): "ExpiredToken"}
		if _, err := Bucket(t.Context(), f, Place{"bucket", "aws/"}, nil, nil, options(t, &queue{})); err == nil {
			t.Error("went on without credentials")
		}
	})
}

// A bucket's times are S3's, whatever this machine takes for the time.
func TestBucketGoesByTheClockOfS3(t *testing.T) {
	ahead := time.Now().Add(3 * time.Hour).UTC().Truncate(time.Second)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", ahead.Format(http.TimeFormat))
		if r.URL.Query().Has("list-type") {
			fmt.Fprint(w, "<ListBucketResult>")
			for n, put := range []time.Time{ahead.Add(-2 * time.Hour), ahead.Add(-10 * time.Minute), ahead, ahead.Add(time.Second)} {
				fmt.Fprintf(w, "<Contents><Key>%d</Key><LastModified>%s</LastModified></Contents>", n, put.Format(time.RFC3339))
			}
			fmt.Fprint(w, "</ListBucketResult>")
			return
		}
		id := strings.TrimPrefix(r.URL.Path, "/bucket/")
		fmt.Fprintf(w, `{"payload":{"Records":[%s]}}`, record("1", "p"+id, "", item("p"+id, true)))
	}))
	defer server.Close()
	client := s3.New(s3.Options{
		BaseEndpoint: &server.URL, UsePathStyle: true, Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		}),
	})
	q := &queue{}
	report, err := Bucket(t.Context(), client, Place{"bucket", ""}, Ago(time.Hour), nil, options(t, q))
	if err != nil || !report.Until.Equal(ahead) {
		t.Errorf("until %v, want %v; %v", report.Until, ahead, err)
	}
	q.wants(t, "upsert p1", "upsert p2")
}

func TestParsePlace(t *testing.T) {
	for text, want := range map[string]Place{"s3://b": {"b", ""}, "s3://b/": {"b", ""}, "s3://b/x/y?z%20": {"b", "x/y?z%20"}} {
		if got, err := ParsePlace(text); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "b/x", "https://b/x", "s3:///x"} {
		if _, err := ParsePlace(text); err == nil {
			t.Errorf("%s: no error", text)
		}
	}
}
