package sim

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rollcall/batcher"
)

// store is the control table in memory.
type store struct {
	entries map[storeKey]batcher.Entry
}

type storeKey struct{ kind, id string }

var _ batcher.Store = (*store)(nil)

func newStore() *store { return &store{entries: map[storeKey]batcher.Entry{}} }

func (s *store) at(kind, id string) batcher.Entry {
	e, there := s.entries[storeKey{kind, id}]
	if !there || !e.Expires.IsZero() && !time.Now().Before(e.Expires) {
		return batcher.Entry{Kind: kind, ID: id}
	}
	return e
}

// Get implements batcher.Store.
func (s *store) Get(ctx context.Context, kind, id string) (batcher.Entry, error) {
	if err := ctx.Err(); err != nil {
		return batcher.Entry{}, err
	}
	return s.at(kind, id), nil
}

// List implements batcher.Store.
func (s *store) List(ctx context.Context, kind string) ([]batcher.Entry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var all []batcher.Entry
	for key := range s.entries {
		if e := s.at(key.kind, key.id); key.kind == kind && e.Version > 0 {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b batcher.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

// Put implements batcher.Store.
func (s *store) Put(ctx context.Context, entries []batcher.Entry) error {
	for _, e := range entries {
		if err := check(ctx, e); err != nil {
			return err
		}
		e.Version = s.at(e.Kind, e.ID).Version + 1
		s.write(e)
	}
	return ctx.Err()
}

// Swap implements batcher.Store.
func (s *store) Swap(ctx context.Context, e batcher.Entry) error {
	if err := check(ctx, e); err != nil {
		return err
	}
	if s.at(e.Kind, e.ID).Version != e.Version {
		return batcher.ErrConflict
	}
	e.Version++
	s.write(e)
	return nil
}

// Delete implements batcher.Store.
func (s *store) Delete(ctx context.Context, entries []batcher.Entry) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Version == 0 || e.Version == s.at(e.Kind, e.ID).Version {
			delete(s.entries, storeKey{e.Kind, e.ID})
		}
	}
	return nil
}

func (s *store) write(e batcher.Entry) {
	e.Value = slices.Clone(e.Value)
	s.entries[storeKey{e.Kind, e.ID}] = e
}

func check(ctx context.Context, e batcher.Entry) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case e.Kind == "" || e.ID == "":
		return errors.New("an entry without kind or id")
	case len(e.Value) > batcher.MaxValueBytes:
		return fmt.Errorf("a value of %d bytes, more than %d", len(e.Value), batcher.MaxValueBytes)
	}
	return nil
}
