package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"rollcall/batcher"
)

// fakeControl keeps what it was asked, takes a millisecond, and answers with err. What expressions mean is for the contract
// suite, here and against DynamoDB Local.
type fakeControl struct {
	mu             sync.Mutex
	updates        []*dynamodb.UpdateItemInput
	running, most  int
	err            func(value string) error
	item           map[string]types.AttributeValue
	refusedByOwner bool
}

func (f *fakeControl) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: f.item}, nil
}

func (f *fakeControl) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return &dynamodb.QueryOutput{Items: []map[string]types.AttributeValue{f.item}}, nil
}

func (f *fakeControl) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	f.mu.Lock()
	f.updates = append(f.updates, in)
	f.running++
	f.most = max(f.most, f.running)
	f.mu.Unlock()
	time.Sleep(time.Millisecond)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.running--
	if f.refusedByOwner {
		return nil, &types.ConditionalCheckFailedException{Item: map[string]types.AttributeValue{"writer": in.ExpressionAttributeValues[":writer"]}}
	}
	if f.err != nil {
		if err := f.err(in.ExpressionAttributeValues[":value"].(*types.AttributeValueMemberS).Value); err != nil {
			return nil, err
		}
	}
	return &dynamodb.UpdateItemOutput{}, ctx.Err()
}

func (f *fakeControl) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return &dynamodb.DeleteItemOutput{}, nil
}

func held(id string, n int) batcher.Entry {
	return batcher.Entry{Kind: "held", ID: id, Value: fmt.Appendf(nil, "%d", n)}
}

func TestPutWritesSideBySideAndOneIDInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeControl{}
		var entries []batcher.Entry
		for n := range 200 {
			entries = append(entries, held(fmt.Sprint("p", n%50), n))
		}
		if err := NewStore(f, "control").Put(t.Context(), entries); err != nil {
			t.Fatal(err)
		}
		if len(f.updates) != 200 || f.most != parallelWrites {
			t.Errorf("%d writes, %d side by side; want 200, %d", len(f.updates), f.most, parallelWrites)
		}
		last := map[string]string{}
		for _, in := range f.updates {
			id := in.Key["id"].(*types.AttributeValueMemberS).Value
			value := in.ExpressionAttributeValues[":value"].(*types.AttributeValueMemberS).Value
			if was := last[id]; len(was) > len(value) || len(was) == len(value) && was >= value {
				t.Errorf("%s was written as %s after %s", id, value, was)
			}
			last[id] = value
		}
	})
}

func TestPutEndsWithTheFirstError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("throttled")
		f := &fakeControl{err: func(value string) error {
			if value == "20" {
				return broken
			}
			return nil
		}}
		var entries []batcher.Entry
		for n := range 500 {
			entries = append(entries, held(fmt.Sprint("p", n), n))
		}
		err := NewStore(f, "control").Put(t.Context(), entries)
		if !errors.Is(err, broken) || len(f.updates) > 100 {
			t.Errorf("put = %v after %d writes", err, len(f.updates))
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := NewStore(&fakeControl{}, "control").Put(ctx, entries); !errors.Is(err, context.Canceled) {
			t.Errorf("put under a cancelled context = %v", err)
		}
	})
}

func TestSwapKnowsItsOwnWrite(t *testing.T) {
	// The SDK repeated a call that had been done: the condition fails over what this very call wrote.
	if err := NewStore(&fakeControl{refusedByOwner: true}, "control").Swap(t.Context(), held("a", 1)); err != nil {
		t.Errorf("swap = %v, want none", err)
	}
	refusing := &fakeControl{err: func(string) error {
		return &types.ConditionalCheckFailedException{Item: map[string]types.AttributeValue{"writer": text("somebody else")}}
	}}
	if err := NewStore(refusing, "control").Swap(t.Context(), held("a", 1)); !errors.Is(err, batcher.ErrConflict) {
		t.Errorf("swap = %v, want a conflict", err)
	}
	denied := errors.New("denied")
	if err := NewStore(&fakeControl{err: func(string) error { return denied }}, "control").Swap(t.Context(), held("a", 1)); !errors.Is(err, denied) || errors.Is(err, batcher.ErrConflict) {
		t.Errorf("swap = %v, want %v", err, denied)
	}
}

// TestDeleteLeavesOtherVersions deletes whatever is stored of one entry, and a version of another that is no longer there.
func TestDeleteLeavesOtherVersions(t *testing.T) {
	f := &controlTable{T: t, items: map[string]map[string]types.AttributeValue{}}
	store := NewStore(f, "control")
	entries := []batcher.Entry{{Kind: "held", ID: "a", Value: []byte("{}")}, {Kind: "held", ID: "b", Value: []byte("{}")}}
	if err := store.Put(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	entries[1].Version = 3
	if err := store.Delete(t.Context(), entries); err != nil {
		t.Errorf("delete = %v", err)
	}
	if left, err := store.List(t.Context(), "held"); err != nil || len(left) != 1 || left[0].ID != "b" {
		t.Errorf("left are %+v, %v", left, err)
	}
}

func TestLongIDs(t *testing.T) {
	long := strings.Repeat("é", 512) + strings.Repeat("x", 200)
	for _, id := range []string{"jane", strings.Repeat("x", 1024)} {
		if got := sortKey(id); got != id {
			t.Errorf("sort key of %d bytes is not the ID", len(id))
		}
	}
	for shift := range 4 { // wherever a character is cut
		id := strings.Repeat("x", shift) + long
		got := sortKey(id)
		if len(got) > maxSortBytes || !utf8.ValidString(got) || got == sortKey(id+"y") {
			t.Errorf("sort key of %d bytes has %d", len(id), len(got))
		}
	}
	e := batcher.Entry{Kind: "held", ID: long, Value: []byte("{}"), Expires: time.Unix(1764000000, 1)}
	f := &fakeControl{}
	if err := NewStore(f, "control").Put(t.Context(), []batcher.Entry{e}); err != nil {
		t.Fatal(err)
	}
	in := f.updates[0]
	f.item = map[string]types.AttributeValue{"kind": in.Key["kind"], "id": in.Key["id"], "value": in.ExpressionAttributeValues[":value"],
		"name": in.ExpressionAttributeValues[":name"], "expires": in.ExpressionAttributeValues[":expires"], "version": number(1)}
	got, err := entry(f.item)
	e.Version, e.Expires = 1, time.Unix(1764000001, 0) // rounded up
	if diff := cmp.Diff(e, got); diff != "" || err != nil {
		t.Errorf("entry = %v (-want +got):\n%s", err, diff)
	}
}

func TestUnreadableEntriesAreErrors(t *testing.T) {
	f := &fakeControl{item: map[string]types.AttributeValue{"kind": text("held"), "id": text("a"), "version": &types.AttributeValueMemberN{Value: "1.5"}}}
	if e, err := NewStore(f, "control").Get(t.Context(), "held", "a"); err == nil {
		t.Errorf("get = %+v and no error", e)
	}
	if all, err := NewStore(f, "control").List(t.Context(), "held"); err == nil {
		t.Errorf("list = %+v and no error", all)
	}
}
