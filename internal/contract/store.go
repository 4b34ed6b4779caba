package contract

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/batcher"
)

// StoreOptions say how the stores under test were made.
type StoreOptions struct {
	// Bubble runs the cases by the clock of testing/synctest, for stores that live in this process.
	Bubble bool
}

// Store checks an implementation of batcher.Store. Open makes a new, empty store for each case.
func Store(t *testing.T, open func(*testing.T) batcher.Store, o StoreOptions) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(storeCase)
	}{
		{"what is not there has version 0", storeCase.absent},
		{"put writes whatever is stored and counts versions", storeCase.versions},
		{"swap writes only over the version it names", storeCase.swap},
		{"one of many swaps wins", storeCase.race},
		{"list is by id, bytewise, of one kind", storeCase.list},
		{"hundreds of entries", storeCase.hundreds},
		{"expired entries are not there", storeCase.expiry},
		{"large values, and too large ones", storeCase.large},
		{"values come back unchanged", storeCase.values},
		{"delete asks for the version", storeCase.remove},
		{"entries without kind or id are refused", storeCase.nameless},
	} {
		run(t, c.name, o.Bubble, func(t *testing.T) { c.test(storeCase{t, open(t)}) })
	}
}

type storeCase struct {
	*testing.T
	store batcher.Store
}

func (c storeCase) put(entries ...batcher.Entry) {
	c.Helper()
	if err := c.store.Put(c.Context(), entries); err != nil {
		c.Fatalf("put: %v", err)
	}
}

func (c storeCase) get(kind, id string) batcher.Entry {
	c.Helper()
	e, err := c.store.Get(c.Context(), kind, id)
	if err != nil {
		c.Fatalf("get %s/%s: %v", kind, id, err)
	}
	return e
}

// ids returns the IDs of a kind in the order of List.
func (c storeCase) ids(kind string) []string {
	c.Helper()
	entries, err := c.store.List(c.Context(), kind)
	if err != nil {
		c.Fatalf("list %s: %v", kind, err)
	}
	ids := []string{}
	for _, e := range entries {
		if e.Kind != kind {
			c.Errorf("list %s holds one of kind %s", kind, e.Kind)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

func (c storeCase) want(got batcher.Entry, value string, version int64) {
	c.Helper()
	if string(got.Value) != value || got.Version != version {
		c.Errorf("entry %s/%s = %.60s, version %d; want %.60s, version %d", got.Kind, got.ID, got.Value, got.Version, value, version)
	}
}

func (c storeCase) absent() {
	e := c.get("watch", "none")
	c.want(e, "", 0)
	if ids := c.ids("watch"); len(ids) > 0 {
		c.Errorf("list = %q, want none", ids)
	}
	c.put()
}

func (c storeCase) versions() {
	e := batcher.Entry{Kind: "watch", ID: "a", Value: []byte(`{"n":1}`), Version: 77}
	c.put(e)
	c.want(c.get("watch", "a"), `{"n":1}`, 1)
	e.Value = []byte(`{"n":2}`)
	c.put(e)
	c.want(c.get("watch", "a"), `{"n":2}`, 2)
	if got := c.get("held", "a"); got.Version != 0 {
		c.Errorf("another kind's entry of the same id has version %d", got.Version)
	}
}

func (c storeCase) swap() {
	e := batcher.Entry{Kind: "control", ID: "lease", Value: []byte(`{"by":"a"}`)}
	swap := func(version int64, want error) {
		c.Helper()
		e.Version = version
		if err := c.store.Swap(c.Context(), e); !errors.Is(err, want) {
			c.Errorf("swap over version %d: %v, want %v", version, err, want)
		}
	}
	swap(3, batcher.ErrConflict) // nothing is there
	swap(0, nil)
	swap(0, batcher.ErrConflict)
	swap(2, batcher.ErrConflict)
	e.Value = []byte(`{"by":"b"}`)
	swap(1, nil)
	c.want(c.get("control", "lease"), `{"by":"b"}`, 2)
	c.put(e)
	swap(2, batcher.ErrConflict)
	swap(3, nil)
	c.want(c.get("control", "lease"), `{"by":"b"}`, 4)
}

func (c storeCase) race() {
	for round := range int64(5) {
		var wins, conflicts int
		var mu sync.Mutex
		var racers sync.WaitGroup
		for n := range 16 {
			racers.Go(func() {
				value := fmt.Appendf(nil, `{"by":%d}`, n)
				err := c.store.Swap(c.Context(), batcher.Entry{Kind: "control", ID: "lease", Value: value, Version: round})
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					wins++
				case errors.Is(err, batcher.ErrConflict):
					conflicts++
				default:
					c.Errorf("swap: %v", err)
				}
			})
		}
		racers.Wait()
		if wins != 1 || conflicts != 15 {
			c.Fatalf("round %d: %d swaps won and %d conflicted, want 1 and 15", round, wins, conflicts)
		}
	}
}

func (c storeCase) list() {
	for _, id := range []string{"b", "a", "B", "é", "a/1", "10", "9", "😀", "z"} {
		c.put(batcher.Entry{Kind: "reject", ID: id, Value: []byte(`{}`)})
	}
	c.put(batcher.Entry{Kind: "rejects", ID: "other", Value: []byte(`{}`)})
	want := []string{"10", "9", "B", "a", "a/1", "b", "z", "é", "😀"}
	if diff := cmp.Diff(want, c.ids("reject")); diff != "" {
		c.Errorf("list (-want +got):\n%s", diff)
	}
}

func (c storeCase) hundreds() {
	var entries []batcher.Entry
	var want []string
	value := []byte(`{"pad":"` + strings.Repeat("x", 5000) + `"}`) // so that a list is several pages of a megabyte
	for n := range 400 {
		id := fmt.Sprintf("person-%04d", n)
		want = append(want, id)
		entries = append(entries, batcher.Entry{Kind: "deactivated", ID: id, Value: value, Expires: time.Now().Add(24 * time.Hour)})
	}
	c.put(entries...)
	if diff := cmp.Diff(want, c.ids("deactivated")); diff != "" {
		c.Errorf("list (-want +got):\n%s", diff)
	}
	if err := c.store.Delete(c.Context(), entries); err != nil {
		c.Fatalf("delete: %v", err)
	}
	if ids := c.ids("deactivated"); len(ids) > 0 {
		c.Errorf("%d entries after all were deleted", len(ids))
	}
}
