package batcher_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
)

// Edges in memory, for tests whose time passes in a bubble: nothing in them waits for a disk or a socket.

// memoryQueue hands messages out in order and hides those in work for good: a test's flushes end before they would come
// again.
type memoryQueue struct {
	mu       sync.Mutex
	messages []memoryMessage
	sent     int
}

type memoryMessage struct {
	batcher.Received
	visible time.Time
}

var _ batcher.Queue = (*memoryQueue)(nil)

func (q *memoryQueue) Receive(ctx context.Context, wait time.Duration) ([]batcher.Received, error) {
	end := time.Now().Add(wait)
	for {
		if batch := q.due(10); len(batch) > 0 {
			return batch, nil
		}
		if !time.Now().Before(end) {
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(min(100*time.Millisecond, time.Until(end))):
		}
	}
}

// due takes up to n messages that can be received.
func (q *memoryQueue) due(n int) (batch []batcher.Received) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for i := range q.messages {
		m := &q.messages[i]
		if len(batch) == n || m.visible.After(now) {
			continue
		}
		m.Count++
		m.visible = now.Add(16 * time.Minute)
		batch = append(batch, m.Received)
	}
	return batch
}

func (q *memoryQueue) Send(_ context.Context, bodies []string, delay time.Duration) ([]int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := time.Now()
	for _, body := range bodies {
		q.sent++
		m := memoryMessage{visible: now.Add(delay)}
		m.Body, m.Receipt, m.Sent = body, fmt.Sprint(q.sent), now
		q.messages = append(q.messages, m)
	}
	return nil, nil
}

func (q *memoryQueue) Delete(_ context.Context, receipts []string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = slices.DeleteFunc(q.messages, func(m memoryMessage) bool { return slices.Contains(receipts, m.Receipt) })
	return nil
}

func (q *memoryQueue) Postpone(_ context.Context, receipts []string, d time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.messages {
		if slices.Contains(receipts, q.messages[i].Receipt) {
			q.messages[i].visible = time.Now().Add(d)
		}
	}
	return nil
}

func (q *memoryQueue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.messages)
}

// memoryTable holds items by their keys, whose one attribute is the externalId.
type memoryTable map[intent.Key][]byte

var _ batcher.Table = memoryTable{}

func (t memoryTable) Get(_ context.Context, keys []intent.Key) (map[intent.Key][]byte, map[intent.Key]error, error) {
	found := map[intent.Key][]byte{}
	for _, key := range keys {
		if item, there := t[key]; there {
			found[key] = item
		}
	}
	return found, nil, nil
}

func (t memoryTable) Find(_ context.Context, externalID string) ([]intent.Key, error) {
	return []intent.Key{keyOf(externalID)}, nil
}

func (t memoryTable) Count(context.Context) (int64, error) { return int64(len(t)), nil }

// memoryStore is a control table.
type memoryStore struct {
	mu      sync.Mutex
	entries map[string]batcher.Entry
}

var _ batcher.Store = (*memoryStore)(nil)

func (s *memoryStore) Get(_ context.Context, kind, id string) (batcher.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, there := s.entries[kind+" "+id]; there {
		return e, nil
	}
	return batcher.Entry{Kind: kind, ID: id}, nil
}

func (s *memoryStore) List(_ context.Context, kind string) (all []batcher.Entry, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, e := range s.entries {
		if strings.HasPrefix(key, kind+" ") {
			all = append(all, e)
		}
	}
	slices.SortFunc(all, func(a, b batcher.Entry) int { return cmp.Compare(a.ID, b.ID) })
	return all, nil
}

func (s *memoryStore) Put(ctx context.Context, entries []batcher.Entry) error {
	for _, e := range entries {
		old, err := s.Get(ctx, e.Kind, e.ID)
		if err != nil {
			return err
		}
		e.Version = old.Version
		if err := s.Swap(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (s *memoryStore) Swap(_ context.Context, e batcher.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := e.Kind + " " + e.ID
	if s.entries[key].Version != e.Version {
		return fmt.Errorf("swap: %w", batcher.ErrConflict)
	}
	if len(e.Value) > batcher.MaxValueBytes {
		return errors.New("the value is too long")
	}
	e.Version++
	s.entries[key] = e
	return nil
}

func (s *memoryStore) Delete(_ context.Context, entries []batcher.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range entries {
		delete(s.entries, e.Kind+" "+e.ID)
	}
	return nil
}
