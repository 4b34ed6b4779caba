package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/batcher"
)

// fakeFailures is a queue that hands out two messages at a time and hides them for ever unless they are given back.
type fakeFailures struct {
	bodies  []string
	hidden  map[string]bool
	deleted []string
}

func (f *fakeFailures) Receive(context.Context, time.Duration) (all []batcher.Received, err error) {
	for i, body := range f.bodies {
		receipt := fmt.Sprint(i)
		if !f.hidden[receipt] && !slices.Contains(f.deleted, receipt) && len(all) < 2 {
			all = append(all, batcher.Received{Body: body, Receipt: receipt})
		}
	}
	return all, nil
}

func (f *fakeFailures) Delete(_ context.Context, receipts []string) error {
	f.deleted = append(f.deleted, receipts...)
	return nil
}

func (f *fakeFailures) Postpone(_ context.Context, receipts []string, d time.Duration) error {
	for _, receipt := range receipts {
		f.hidden[receipt] = d > 0
	}
	return nil
}

const (
	people    = "arn:aws:dynamodb:eu-central-1:123456789012:table/people"
	peopleARN = people + "/stream/2026-01-01T00:00:00.000"
)

func failed(shard, start, end string) string {
	return fmt.Sprintf(`{"requestContext":{"condition":"RetryAttemptsExhausted"},"version":"1.0","DDBStreamBatchInfo":{"shardId":%q,
		"startSequenceNumber":%q,"endSequenceNumber":%q,"batchSize":1,"streamArn":%q}}`, shard, start, end, peopleARN)
}

func newFailures(bodies ...string) *fakeFailures {
	return &fakeFailures{bodies: bodies, hidden: map[string]bool{}}
}

func TestQueueReadsTheRangeOfEachFailedBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The numbers of the range differ in length: 8 to 12.
		f := &fakeStream{perPage: 3, expireEvery: 4, shards: []*fakeShard{
			{id: "s", closed: true, records: puts(1, 30, time.Now())}, {id: "open", records: puts(100, 103, time.Now())},
		}}
		from := newFailures(failed("s", "8", "12"), failed("open", "101", "102"), failed("s", "29", "29"))
		q := &queue{}
		report, err := FailedBatches(t.Context(), from, f, people, options(t, q))
		if err != nil || len(report.Problems) > 0 || report.Records != 8 {
			t.Errorf("%+v, %v", report, err)
		}
		q.wants(t, "upsert p8", "upsert p9", "upsert p10", "upsert p11", "upsert p12", "upsert p101", "upsert p102", "upsert p29")
		if len(from.deleted) != 3 {
			t.Errorf("deleted %v", from.deleted)
		}
	})
}

func TestQueueKeepsWhatIsTrimmedAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{shards: []*fakeShard{{id: "s", trimmed: 10, closed: true, records: puts(0, 30, time.Now())}}}
		from := newFailures(failed("s", "2", "5"), failed("s", "8", "12"), failed("gone", "1", "2"), "hello", `{"Records":[]}`,
			failed("s", "x", "2"), failed("s", "28", "33"), failed("s", "20", "21"))
		q := &queue{}
		from.bodies[0] = strings.Replace(from.bodies[0], `"batchSize":1`,
			`"batchSize":3,"approximateArrivalOfFirstRecord":"2026-01-30T09:00:00Z","approximateArrivalOfLastRecord":"2026-01-30T09:01:00Z"`, 1)
		report, err := FailedBatches(t.Context(), from, f, people, options(t, q))
		if err != nil {
			t.Fatal(err)
		}
		q.wants(t, "upsert p10", "upsert p11", "upsert p12", "upsert p28", "upsert p29", "upsert p20", "upsert p21")
		var told []string
		for _, p := range report.Problems {
			what, _, _ := strings.Cut(p.String(), ": ")
			told = append(told, what)
		}
		want := []string{"shard s, records 2 to 5, of a batch of 3 made from 2026-01-30T09", "shard s, records 8 to before 10", "shard gone, records 1 to 2", "message 2cf24dba5fb0a30e", "message ", "shard s", "shard s, records through 33"}
		if !slices.EqualFunc(told, want, strings.HasPrefix) {
			t.Errorf("got\n%s\nwant\n%s", strings.Join(told, "\n"), strings.Join(want, "\n"))
		}
		if report.Problems[0].Kind != Lost {
			t.Errorf("got %v", report.Problems[0])
		}
		if !slices.Equal(from.deleted, []string{"7"}) {
			t.Errorf("deleted %v", from.deleted)
		}
		for i := range 7 {
			if from.hidden[fmt.Sprint(i)] {
				t.Errorf("message %d was not given back", i)
			}
		}
	})
}

// A queue may serve several tables: the messages of the others are not this deployment's to take.
func TestQueueLeavesTheMessagesOfOtherTables(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{shards: []*fakeShard{{id: "s", closed: true, records: puts(0, 30, time.Now())}}}
		of := func(arn string) string { return strings.Replace(failed("s", "2", "5"), peopleARN, arn, 1) }
		others := []string{
			of(strings.Replace(peopleARN, "table/people/", "table/orders/", 1)), of(strings.Replace(peopleARN, "table/people/", "table/people-2/", 1)),
			of(strings.Replace(peopleARN, "eu-central-1", "us-east-1", 1)), of(strings.Replace(peopleARN, "12:table", "13:table", 1)),
			of("arn:stream"),
		}
		from, q := newFailures(append(others, failed("s", "2", "5"))...), &queue{}
		report, err := FailedBatches(t.Context(), from, f, people, options(t, q))
		if err != nil || len(report.Problems) != len(others) || !strings.Contains(report.Problems[0].Why, "of another table: arn:aws:dynamodb:") {
			t.Errorf("%+v, %v", report, err)
		}
		q.wants(t, "upsert p2", "upsert p3", "upsert p4", "upsert p5")
		if !slices.Equal(from.deleted, []string{"5"}) || from.hidden["0"] {
			t.Errorf("deleted %v, hidden %v", from.deleted, from.hidden)
		}
	})
}

func TestQueueDeletesNothingThatWasNotEnqueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{shards: []*fakeShard{{id: "s", closed: true, records: puts(0, 30, time.Now())}}}
		from := newFailures(failed("s", "2", "5"))
		q := &queue{most: 1, calls: 1}
		if _, err := FailedBatches(t.Context(), from, f, people, options(t, q)); !errors.Is(err, errAway) {
			t.Errorf("got %v", err)
		}
		report, err := FailedBatches(t.Context(), from, f, people, options(t, nil))
		if err != nil || report.Upserts != 4 {
			t.Errorf("a dry run: %+v, %v", report, err)
		}
		if len(from.deleted) > 0 || from.hidden["0"] {
			t.Errorf("deleted %v, hidden %v", from.deleted, from.hidden)
		}
	})
}

func TestNumbersOfAnyLengthCompare(t *testing.T) {
	short, err := number("999999999999999999999")
	if err != nil {
		t.Fatal(err)
	}
	long, err := number("1000000000000000000000000000000000000000")
	if err != nil || short.Cmp(long) >= 0 {
		t.Errorf("%v, %v", short.Cmp(long), err)
	}
	for _, text := range []string{"", "x", "-1", "1.5"} {
		if _, err := number(text); err == nil {
			t.Errorf("%q: no error", text)
		}
	}
}
