package replay

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

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
		since, until time.Time
		want         []string
	}{
		{time.Time{}, time.Time{}, []string{"upsert p0", "upsert p1", "upsert p2", "upsert p3", "upsert p4", "upsert p5", "upsert p6"}},
		{began.Add(5 * time.Hour), time.Time{}, []string{"upsert p5", "upsert p6"}},
		{began.Add(time.Hour), began.Add(3 * time.Hour), []string{"upsert p1", "upsert p2"}},
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
	report, err := Bucket(t.Context(), f, Place{Bucket: "bucket", Prefix: "aws/"}, time.Time{}, time.Time{}, options(t, q))
	if err != nil || len(report.Problems) != 1 || report.Problems[0].What != "s3://bucket/aws/lambda/mapping/shard-00" {
		t.Errorf("%+v, %v", report, err)
	}
	q.wants(t, "upsert p1")
	if _, err := Bucket(t.Context(), f, Place{Bucket: "nowhere"}, time.Time{}, time.Time{}, options(t, q)); err == nil {
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
	run := func() error {
		o := options(t, q)
		var err error
		if o.Checkpoint, err = checkpoint.Open(path, "bucket", false); err != nil {
			t.Fatal(err)
		}
		_, err = Bucket(t.Context(), f, Place{Bucket: "bucket", Prefix: "aws/"}, time.Time{}, time.Time{}, o)
		return err
	}
	if err := run(); err == nil {
		t.Fatal("not interrupted")
	}
	f.left, f.gets = -1, nil
	if err := run(); err != nil {
		t.Fatal(err)
	}
	if want := []string{"aws/lambda/mapping/shard-03"}; len(f.gets) != 6 || !slices.Equal(f.gets[:1], want) {
		t.Errorf("went on with %v", f.gets)
	}
	if twice := q.reached(t, 4*enqueue.SendAt+5); twice > 0 {
		t.Errorf("%d twice", twice)
	}
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
