package replay

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// The children of a shard that was closed when it was listed are in the list: it is not listed once more for each.
func TestStreamListsNoMoreThanItMust(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const chains, long = 30, 21 // of each the last is open: 600 are closed
		now := time.Now()
		f := &fakeStream{shardsPerPage: 100}
		for chain := range chains {
			for n := range long {
				s := &fakeShard{id: fmt.Sprintf("c%02d-%02d", chain, n), closed: n < long-1, records: puts(100*chain+n, 100*chain+n+1, now)}
				if n > 0 {
					s.parent = fmt.Sprintf("c%02d-%02d", chain, n-1)
				}
				f.shards = append(f.shards, s)
			}
		}
		q, report := walked(t, f, now.Add(-time.Hour))
		q.reached(t, chains*long)
		if want := 7; f.pages != want {
			t.Errorf("%d pages of shards were asked for, want %d", f.pages, want)
		}
		if report.Idle != chains {
			t.Errorf("%d shards were taken for read, want %d", report.Idle, chains)
		}
		// One of them splits while it is read: one more list.
		f.pages, f.calls, f.order, f.drained = 0, 0, nil, nil
		split := f.shard("c00-20")
		f.before = func(call int) {
			if call == 50 {
				split.closed = true
				f.shards = append(f.shards, &fakeShard{id: "child", parent: split.id, records: puts(9000, 9001, now)})
			}
		}
		q, _ = walked(t, f, now.Add(-time.Hour))
		q.reached(t, chains*long+1)
		if want := 14; f.pages != want {
			t.Errorf("%d pages of shards were asked for, want %d", f.pages, want)
		}
	})
}

func TestStreamListsNoFasterThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		f := &fakeStream{shardsPerPage: 1}
		for n := range 51 {
			f.shards = append(f.shards, &fakeShard{id: fmt.Sprint(n)})
		}
		last := began
		f.describing = func(int) { last = time.Now() }
		walked(t, f, began)
		if took := last.Sub(began); f.pages != 51 || took < 10*time.Second {
			t.Errorf("%d pages in %v", f.pages, took)
		}
	})
}

// A shard may split while the pages are asked for, so that its child was on a page before.
func TestStreamFindsAChildThatCameBetweenTwoPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		now := time.Now()
		parent := &fakeShard{id: "b", records: puts(0, 5, now)}
		f := &fakeStream{shardsPerPage: 1, shards: []*fakeShard{{id: "a", records: puts(5, 10, now)}, parent}}
		f.describing = func(page int) {
			if page == 2 {
				parent.closed = true
				f.shards = append([]*fakeShard{{id: "0", parent: "b", records: puts(10, 15, now)}}, f.shards...)
			}
		}
		q, _ := walked(t, f, now.Add(-time.Hour))
		q.reached(t, 15)
	})
}

// A stream that is deleted while it is read is no shard that is trimmed.
func TestStreamFailsWhenTheStreamIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeStream{shards: []*fakeShard{{id: "a", records: puts(0, 5, time.Now())}}}
		f.before = func(call int) {
			if call == 2 {
				f.shards, f.err = nil, &types.ResourceNotFoundException{}
			}
		}
		_, err := Stream(t.Context(), f, "arn", Ago(time.Hour), options(t, &queue{}))
		if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
			t.Errorf("got %v", err)
		}
	})
}
