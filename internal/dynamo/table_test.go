package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/items"
	"rollcall/internal/scan"
)

func TestGetAsksForEachKeyOnceAndAHundredAtATime(t *testing.T) {
	f := &fakeTable{}
	var ids []string
	for n := range 250 {
		ids = append(ids, fmt.Sprint("p", n))
		if n%2 == 0 {
			put(f, fmt.Sprintf(`{"id":{"S":"p%d"},"n":{"N":"%d"}}`, n, n))
		}
	}
	table := NewTable(f, TableOptions{Name: "people"})
	keys := append(idKeys(ids...), idKeys(ids...)...)
	keys = append(keys, `{"id":{"N":"1"}}`, ` { "id" : { "S" : "p0" } } `)
	found, bad, err := table.Get(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 126 || string(found[idKeys("p4")[0]]) != `{"id":{"S":"p4"},"n":{"N":"4"}}` {
		t.Errorf("%d items found, p4 is %s", len(found), found[idKeys("p4")[0]])
	}
	if string(found[` { "id" : { "S" : "p0" } } `]) != `{"id":{"S":"p0"},"n":{"N":"0"}}` {
		t.Error("a key in another form is not answered as it was asked")
	}
	if len(bad) != 1 || bad[`{"id":{"N":"1"}}`] == nil {
		t.Errorf("bad keys %v", bad)
	}
	if len(f.gets) != 3 || f.asked != 1 {
		t.Errorf("%d calls and %d descriptions, want 3 and 1", len(f.gets), f.asked)
	}
	for _, in := range f.gets {
		want := in.RequestItems["people"]
		if len(want.Keys) > 100 || !aws.ToBool(want.ConsistentRead) || want.ProjectionExpression != nil {
			t.Errorf("asked for %d keys, consistent %v, projection %v", len(want.Keys), want.ConsistentRead, want.ProjectionExpression)
		}
	}
}

func TestGetReadsTheMappedAttributes(t *testing.T) {
	f := &fakeTable{}
	table := NewTable(f, TableOptions{Name: "people", Attributes: []string{"name", "e.mail", "id", "name"}})
	if _, _, err := table.Get(t.Context(), idKeys("a")); err != nil {
		t.Fatal(err)
	}
	want := f.gets[0].RequestItems["people"]
	var read []string
	for short := range strings.SplitSeq(*want.ProjectionExpression, ",") {
		read = append(read, want.ExpressionAttributeNames[short])
	}
	if diff := cmp.Diff([]string{"e.mail", "id", "name"}, read); diff != "" || len(want.ExpressionAttributeNames) != 3 {
		t.Errorf("read (-want +got):\n%s", diff)
	}
	many := make([]string, 1500) // more than an expression can name
	for n := range many {
		many[n] = fmt.Sprint("a", n)
	}
	if _, _, err := NewTable(f, TableOptions{Name: "people", Attributes: many}).Get(t.Context(), idKeys("a")); err != nil {
		t.Fatal(err)
	}
	if all := f.gets[1].RequestItems["people"]; all.ProjectionExpression != nil || all.ExpressionAttributeNames != nil {
		t.Error("an expression that is too long was asked for")
	}
}

func TestGetAsksAgainForWhatWasNotProcessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTable{leave: 1, leaveCalls: 3}
		put(f, `{"id":{"S":"a"}}`, `{"id":{"S":"b"}}`)
		found, _, err := NewTable(f, TableOptions{Name: "people"}).Get(t.Context(), idKeys("a", "b"))
		if err != nil || len(found) != 2 || len(f.gets) != 4 {
			t.Errorf("found %d in %d calls, %v; want 2 in 4", len(found), len(f.gets), err)
		}
		if keys := f.gets[3].RequestItems["people"].Keys; len(keys) != 1 {
			t.Errorf("the last call asked for %d keys, want the one that was left", len(keys))
		}
	})
}

func TestGetGivesUpWhenNothingIsProcessed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTable{leave: 2, leaveCalls: 1000}
		put(f, `{"id":{"S":"a"}}`)
		start := time.Now()
		found, _, err := NewTable(f, TableOptions{Name: "people"}).Get(t.Context(), idKeys("a", "b"))
		if !errors.Is(err, errUnprocessed) || found != nil || len(f.gets) != maxIdle {
			t.Errorf("get = %v, %v after %d calls", found, err, len(f.gets))
		}
		if took := time.Since(start); took < time.Second || took > time.Minute {
			t.Errorf("gave up after %v", took)
		}
		f.gets = nil
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, _, err := NewTable(f, TableOptions{Name: "people"}).Get(ctx, idKeys("a", "b")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("get = %v, want it to end with its context", err)
		}
	})
}

func TestErrorsAreNeverAbsence(t *testing.T) {
	denied := errors.New("AccessDeniedException")
	f := &fakeTable{}
	table := NewTable(f, TableOptions{Name: "people", ExternalIDIndex: "by-person"})
	if _, err := table.Find(t.Context(), "jane"); err != nil {
		t.Fatal(err)
	}
	f.err = denied
	if found, _, err := table.Get(t.Context(), idKeys("a")); !errors.Is(err, denied) || found != nil {
		t.Errorf("get = %v, %v", found, err)
	}
	if keys, err := table.Find(t.Context(), "jane"); !errors.Is(err, denied) {
		t.Errorf("find = %v, %v", keys, err)
	}
	if n, err := table.Count(t.Context()); !errors.Is(err, denied) {
		t.Errorf("count = %d, %v", n, err)
	}
	if items, _, err := table.ScanPage(t.Context(), 0, 1, ""); !errors.Is(err, denied) {
		t.Errorf("scan = %v, %v", items, err)
	}
}

func TestUnknownTypesAreBadByThemselves(t *testing.T) {
	f := &fakeTable{}
	put(f, `{"id":{"S":"a"}}`, `{"id":{"S":"b"}}`)
	f.items["b"]["new"] = &types.UnknownUnionMember{Tag: "V"}
	found, bad, err := NewTable(f, TableOptions{Name: "people"}).Get(t.Context(), idKeys("a", "b"))
	if err != nil || len(found) != 1 || bad[idKeys("b")[0]] == nil {
		t.Errorf("found %v, bad %v, %v; want a found and b bad", found, bad, err)
	}
}

func TestFindThroughTheIndex(t *testing.T) {
	f := &fakeTable{}
	put(f, `{"id":{"S":"a"},"person":{"S":"jane"}}`, `{"id":{"S":"b"},"person":{"S":"joan"}}`, `{"id":{"S":"c"},"person":{"S":"jane"}}`)
	table := NewTable(f, TableOptions{Name: "people", ExternalIDIndex: "by-person"})
	keys, err := table.Find(t.Context(), "jane")
	if diff := cmp.Diff(idKeys("a", "c"), keys); diff != "" || err != nil {
		t.Errorf("find = %v (-want +got):\n%s", err, diff)
	}
	if len(f.querys) != 2 || *f.querys[0].IndexName != "by-person" || f.querys[0].ExpressionAttributeNames["#external"] != "person" {
		t.Errorf("%d queries, the first of index %s", len(f.querys), *f.querys[0].IndexName)
	}
	if _, err := NewTable(f, TableOptions{Name: "people", ExternalIDIndex: "other"}).Find(t.Context(), "jane"); err == nil || !strings.Contains(err.Error(), "other") {
		t.Errorf("find through an index that is not there = %v", err)
	}
}

func TestDescribe(t *testing.T) {
	f := &fakeTable{}
	put(f, `{"id":{"S":"a"}}`)
	shape, err := NewTable(f, TableOptions{Name: "people"}).Describe(t.Context())
	want := Shape{Schema: items.Schema{Partition: items.Attribute{Name: "id", Type: "S"}}, Items: 1,
		StreamARN: "arn:aws:dynamodb:…/stream/1", StreamView: "NEW_AND_OLD_IMAGES"}
	if diff := cmp.Diff(want, shape); diff != "" || err != nil {
		t.Errorf("describe = %v (-want +got):\n%s", err, diff)
	}
}

func TestReadRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTable{}
		var ids []string
		for n := range 1000 {
			ids = append(ids, fmt.Sprint("p", n))
		}
		start := time.Now()
		// 1,000 keys at a unit each: ten calls. The first is free to start, the burst is a second's worth, and what the
		// last one takes is paid by whoever reads next.
		if _, _, err := NewTable(f, TableOptions{Name: "people", ReadRate: 50}).Get(t.Context(), idKeys(ids...)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took < 16*time.Second || took > 20*time.Second {
			t.Errorf("1,000 units at 50 a second took %v, want about 17 s", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := NewTable(f, TableOptions{Name: "people", ReadRate: 1}).Get(ctx, idKeys(ids...)); err == nil {
			t.Error("a rate that cannot be kept within the deadline: no error")
		}
	})
}

func TestScanHandsOverEveryItemOnce(t *testing.T) {
	f := &fakeTable{}
	var want []string
	for n := range 25 {
		want = append(want, fmt.Sprintf(`{"id":{"S":"p%02d"}}`, n))
	}
	put(f, want...)
	var got []string
	table := NewTable(f, TableOptions{Name: "people", Attributes: []string{"name"}})
	err := scan.Table(t.Context(), table, 4, nil, func(p scan.Page) error {
		for _, item := range p.Items {
			got = append(got, string(item))
		}
		return nil
	})
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("scan = %v (-want +got):\n%s", err, diff)
	}
	segments := map[int32]bool{}
	for _, in := range f.scans {
		segments[*in.Segment] = true
		if in.ProjectionExpression == nil {
			t.Error("a scan read more than the mapped attributes")
		}
	}
	if len(segments) != 4 {
		t.Errorf("%d segments, want 4", len(segments))
	}
}

func TestCountAsksAnew(t *testing.T) {
	f := &fakeTable{}
	table := NewTable(f, TableOptions{Name: "people"})
	for want := range int64(3) {
		if n, err := table.Count(t.Context()); n != want || err != nil {
			t.Errorf("count = %d, %v; want %d", n, err, want)
		}
		put(f, fmt.Sprintf(`{"id":{"S":"p%d"}}`, want))
	}
}
