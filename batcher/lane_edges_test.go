package batcher_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
)

// Edges of the tests of the urgent lane, which look into them: what was sent when, for when, and how often it was received.

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
