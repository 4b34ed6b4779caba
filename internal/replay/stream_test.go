package replay

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"rollcall/internal/checkpoint"
)

// walked replays a whole stream without a checkpoint.
func walked(t *testing.T, f *fakeStream, since time.Time) (*queue, Report) {
	t.Helper()
	q := &queue{}
	report, err := Stream(t.Context(), f, "arn", At(since), options(t, q))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.problems {
		t.Error(p)
	}
	return q, report
}

func TestStreamWalksAllShardsParentsFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		f := &fakeStream{perPage: 7, shardsPerPage: 3}
		// 40 shards in chains of four, listed children first, the first parent no longer there.
		for n := range 40 {
			s := &fakeShard{id: fmt.Sprintf("s%02d", n), parent: fmt.Sprintf("s%02d", n-1), closed: n%4 != 3, empty: n % 3, records: puts(10*n, 10*n+10, now)}
			if n%4 == 0 {
				s.parent = "gone"
			}
			f.shards = append([]*fakeShard{s}, f.shards...)
		}
		q, report := walked(t, f, now.Add(-time.Hour))
		if twice := q.reached(t, 400); twice > 0 || report.Records != 400 || len(report.Problems) > 0 {
			t.Errorf("%d twice, %+v", twice, report)
		}
		if f.pages < 14 {
			t.Errorf("%d pages of shards were asked for", f.pages)
		}
	})
}

func TestStreamFollowsAShardThatSplitsWhileItIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		f := &fakeStream{perPage: 10, hideNew: 3}
		root := &fakeShard{id: "root", records: puts(0, 50, now)}
		f.shards = []*fakeShard{root}
		f.before = func(call int) {
			switch call {
			case 3: // in the middle of the root
				root.records = append(root.records, puts(50, 60, now)...)
				root.closed = true
				f.shards = append(f.shards, &fakeShard{id: "left", parent: "root", records: puts(60, 70, now)},
					&fakeShard{id: "right", parent: "root", records: puts(70, 80, now)})
			case 9: // in the middle of the children
				left := f.shard("left")
				left.closed = true
				f.shards = append(f.shards, &fakeShard{id: "grandchild", parent: "left", records: puts(80, 90, now)})
			}
		}
		q, report := walked(t, f, now.Add(-time.Hour))
		if twice := q.reached(t, 90); twice > 0 || len(report.Problems) > 0 {
			t.Errorf("%d twice, %+v", twice, report)
		}
		if got := f.order[0] + " " + f.order[3]; got != "root grandchild" {
			t.Errorf("read in the order %v", f.order)
		}
	})
}

func TestStreamTakesWhatWasMadeSince(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		records := append(puts(0, 5, began.Add(-2*time.Hour)), puts(5, 8, began.Add(-time.Minute))...)
		f := &fakeStream{shards: []*fakeShard{{id: "s", records: records}}}
		q, report := walked(t, f, began.Add(-time.Hour))
		q.reached(t, 3)
		if report.Older != 5 || report.Upserts != 3 {
			t.Errorf("%+v", report)
		}
	})
}

func TestStreamEndsAtTheTimeItBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{}
		busy := &fakeShard{id: "s"}
		f.shards = []*fakeShard{busy}
		f.before = func(call int) {
			busy.records = append(busy.records, puts(10*call, 10*call+10, time.Now())...)
			time.Sleep(time.Second)
		}
		if _, report := walked(t, f, time.Now().Add(-time.Hour)); report.Records > 50 {
			t.Errorf("a busy shard was read for ever: %+v", report)
		}
	})
}

func TestStreamRenewsExpiredIterators(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		f := &fakeStream{perPage: 5, expireEvery: 3, shards: []*fakeShard{{id: "s", closed: true, records: puts(0, 100, now)}}}
		q, _ := walked(t, f, now.Add(-time.Hour))
		if twice := q.reached(t, 100); twice > 0 {
			t.Errorf("%d twice", twice)
		}
	})
}

func TestStreamWaitsForTheEndOfAClosedShard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		f := &fakeStream{shards: []*fakeShard{{id: "s", closed: true, empty: 500, records: puts(0, 3, now)}}}
		q, _ := walked(t, f, now.Add(-time.Hour))
		q.reached(t, 3)
	})
}

func TestStreamGoesOnWhereItWasInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		const people = 9000
		f := &fakeStream{perPage: 500, shards: []*fakeShard{
			{id: "a", closed: true, records: puts(0, 3000, now)},
			{id: "b", parent: "a", closed: true, records: puts(3000, 6000, now)},
			{id: "c", parent: "b", records: puts(6000, people, now)},
		}}
		q := &queue{most: 2}
		run := func(since time.Time) (Report, error) {
			o := options(t, q)
			var err error
			if o.Checkpoint, err = checkpoint.Open(path, "stream", false); err != nil {
				t.Fatal(err)
			}
			return Stream(t.Context(), f, "arn", At(since), o)
		}
		if _, err := run(now.Add(-time.Minute)); !errors.Is(err, errAway) {
			t.Fatalf("got %v", err)
		}
		time.Sleep(time.Hour)
		q.most = 0
		// Of the same --since, an hour later: the time is that of the first run.
		report, err := run(time.Now().Add(-time.Minute))
		if err != nil || report.Records != people || report.Older > 0 {
			t.Errorf("%+v, %v", report, err)
		}
		if twice := q.reached(t, people); twice > 0 {
			t.Errorf("%d twice", twice)
		}
	})
}

// since is a checkpoint of a walk that began with a time.
func since(t *testing.T, path string, moment time.Time) *checkpoint.File {
	t.Helper()
	file, err := checkpoint.Open(path, "stream", false)
	if err != nil {
		t.Fatal(err)
	}
	file.Set(sinceMark, moment.Format(time.RFC3339Nano))
	return file
}

func TestStreamSaysWhatWasTrimmed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		f := &fakeStream{shards: []*fakeShard{
			{id: "s", trimmed: 10, closed: true, records: puts(0, 20, now)}, {id: "vanished", closed: true, gone: true},
		}}
		for _, c := range []struct {
			since time.Time
			lost  []string
		}{
			// All that is gone was made more than 24 hours ago: nothing that was asked for is lost.
			{now.Add(-time.Hour), nil},
			{now.Add(-Retention + time.Minute), nil},
			{now.Add(-Retention - time.Hour), []string{"shard s, records after 4, made from ", "shard vanished, made from "}},
		} {
			q := &queue{}
			o := options(t, q)
			o.Checkpoint = since(t, path, c.since)
			o.Checkpoint.Set(shardMark+"s", "4")
			report, err := Stream(t.Context(), f, "arn", nil, o)
			if err != nil {
				t.Fatal(err)
			}
			var told []string
			for _, p := range report.Problems {
				if told = append(told, p.String()); p.Kind != Lost {
					t.Errorf("kind %q", p.Kind)
				}
			}
			slices.Sort(told)
			if !slices.EqualFunc(told, c.lost, strings.HasPrefix) {
				t.Errorf("since %v: %q, want %q", c.since.Sub(now), told, c.lost)
			}
			q.reached(t, 10)
		}
	})
}

// An open shard may answer without records before there are some: a few slow answers are not its end.
func TestStreamAsksOftenBeforeItTakesAShardForRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		f := &fakeStream{slow: 15 * time.Second, shards: []*fakeShard{{id: "s", empty: 15, records: puts(0, 3, now)}}}
		q, report := walked(t, f, now.Add(-time.Hour))
		q.reached(t, 3)
		if report.Idle != 1 {
			t.Errorf("%+v", report)
		}
	})
}

func TestStreamFailsWhereTheViewTypeDoesNotDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := put(1, "p1", time.Now())
		r.Dynamodb.StreamViewType, r.Dynamodb.NewImage = types.StreamViewTypeKeysOnly, nil
		r.Dynamodb.Keys = map[string]types.AttributeValue{"other": r.Dynamodb.Keys["id"]}
		_, err := Stream(t.Context(), &fakeStream{shards: []*fakeShard{{id: "s", closed: true, records: []types.Record{r}}}}, "arn", nil, options(t, &queue{}))
		if err == nil || !strings.Contains(err.Error(), "NEW_AND_OLD_IMAGES") {
			t.Errorf("got %v", err)
		}
		if _, err := Stream(t.Context(), &fakeStream{err: errAway}, "arn", nil, options(t, &queue{})); !errors.Is(err, errAway) {
			t.Errorf("got %v", err)
		}
	})
}

func TestARecordThatCannotBeReadIsAReject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		odd := put(1, "odd", time.Now())
		odd.Dynamodb.NewImage["x"] = &types.UnknownUnionMember{Tag: "Z"}
		bare := types.Record{EventName: types.OperationTypeInsert, EventID: aws.String("e0"), Dynamodb: &types.StreamRecord{SequenceNumber: aws.String("0")}}
		f := &fakeStream{shards: []*fakeShard{{id: "s", closed: true, records: []types.Record{bare, odd, put(2, "ann", time.Now())}}}}
		q, _ := walked(t, f, time.Time{})
		if got := q.asked(t); len(got) != 3 || !slices.Contains(got, "upsert ann") || !slices.Contains(got, "reject record has no keys") {
			t.Errorf("got %v", got)
		}
	})
}
