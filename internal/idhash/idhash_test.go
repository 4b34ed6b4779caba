package idhash

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/batcher"
	"rollcall/internal/embedded"
)

func newStore(t *testing.T) batcher.Store {
	t.Helper()
	db, err := embedded.Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db.Store()
}

func TestNameIsTheInstallations(t *testing.T) {
	store := newStore(t)
	a, b := New(store), New(store)
	name := a.Name("jane")
	if !regexp.MustCompile(`^[0-9a-f]{20}$`).MatchString(name) {
		t.Errorf("name %q", name)
	}
	if a.Name("jane") != name || b.Name("jane") != name {
		t.Error("the same person has two names")
	}
	if a.Name("john") == name || New(newStore(t)).Name("jane") == name {
		t.Error("two people, or two installations, give the same name")
	}
}

// TestOneKey has several processes ask for the first time at once.
func TestOneKey(t *testing.T) {
	store := newStore(t)
	keys := make([]string, 8)
	var asking sync.WaitGroup
	for i := range keys {
		asking.Go(func() {
			key, err := Key(t.Context(), store)
			keys[i] = fmt.Sprintf("%x %v", key, err)
		})
	}
	asking.Wait()
	for _, key := range keys {
		if key != keys[0] || len(key) < 64 {
			t.Fatalf("keys %q", keys)
		}
	}
}

func TestAnEntryWithoutAKeyIsAnError(t *testing.T) {
	store := newStore(t)
	if err := store.Put(t.Context(), []batcher.Entry{{Kind: keyKind, ID: keyID, Value: []byte(`{"key":"c2hvcnQ="}`)}}); err != nil {
		t.Fatal(err)
	}
	if _, err := Key(t.Context(), store); err == nil {
		t.Error("a short key is taken")
	}
}

// down is a store that cannot be reached for a while.
type down struct {
	batcher.Store
	until time.Time
	asked int
}

func (d *down) Get(context.Context, string, string) (batcher.Entry, error) {
	if d.asked++; time.Now().Before(d.until) {
		return batcher.Entry{}, errors.New("table is out of reach")
	}
	return batcher.Entry{}, nil
}

func (d *down) Swap(context.Context, batcher.Entry) error { return nil }

func TestOutageIsNotAskedAboutForEachPerson(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &down{until: time.Now().Add(time.Second)}
		h := New(store)
		for range 100 {
			if name := h.Name("jane"); name != Unknown {
				t.Fatalf("name %q without a key", name)
			}
		}
		if store.asked != 1 {
			t.Errorf("asked %d times", store.asked)
		}
		time.Sleep(retryAfter)
		if name := h.Name("jane"); name == Unknown {
			t.Error("the key is not asked for again")
		}
	})
}
