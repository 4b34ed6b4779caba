package sim

import (
	"context"
	"sync"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/items"
)

// Queue, Store and Table are the edges of the simulation by themselves, for the tests of other packages: a lock stands
// where the gate is, and nothing is left to chance.
type (
	Queue struct {
		mu    sync.Mutex
		queue *queue
	}
	Store struct {
		mu    sync.Mutex
		store *store
	}
	Table struct {
		mu    sync.Mutex
		table *table
	}
)

var (
	_ batcher.Queue = (*Queue)(nil)
	_ batcher.Store = (*Store)(nil)
	_ batcher.Table = (*Table)(nil)
)

// NewQueue returns an empty queue with a visibility timeout. It hands out as many messages as it may, the last sent first.
func NewQueue(visibility time.Duration) *Queue {
	return &Queue{queue: newQueue("intents", visibility, func(n int) int { return n - 1 })}
}

// Send implements batcher.Queue.
func (q *Queue) Send(_ context.Context, bodies []string, delay time.Duration) (failed []int, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, body := range bodies {
		if problem := acceptable(body); problem != nil {
			failed, err = append(failed, i), problem
			continue
		}
		q.queue.add(body, delay, nil)
	}
	return failed, err
}

// Receive implements batcher.Queue.
func (q *Queue) Receive(ctx context.Context, wait time.Duration) ([]batcher.Received, error) {
	for end := time.Now().Add(wait); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		q.mu.Lock()
		received, arrived, next := q.queue.take(), q.queue.arrived, q.queue.next()
		q.mu.Unlock()
		if len(received) > 0 || !time.Now().Before(end) {
			return received, nil
		}
		if next.IsZero() || next.After(end) {
			next = end
		}
		if err := q.queue.wait(ctx, arrived, next); err != nil {
			return nil, err
		}
	}
}

// Delete implements batcher.Queue.
func (q *Queue) Delete(_ context.Context, receipts []string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue.delete(receipts)
	return nil
}

// Postpone implements batcher.Queue.
func (q *Queue) Postpone(_ context.Context, receipts []string, d time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.queue.postpone(receipts, d)
	return nil
}

// Len returns how many messages there are, those in work and delayed ones included.
func (q *Queue) Len() int { return len(q.Messages()) }

// Message is one in a Queue: when it was sent, when it can be received, and how often it was.
type Message struct {
	Sent, Visible time.Time
	Count         int
}

// Messages returns what is in the queue, in the order in which it was sent.
func (q *Queue) Messages() []Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := make([]Message, len(q.queue.messages))
	for i, m := range q.queue.messages {
		all[i] = Message{m.sent, m.visible, m.count}
	}
	return all
}

// Sent returns how many messages were ever sent.
func (q *Queue) Sent() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.queue.sent
}

// NewStore returns an empty control table.
func NewStore() *Store { return &Store{store: newStore()} }

// Get implements batcher.Store.
func (s *Store) Get(ctx context.Context, kind, id string) (batcher.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.Get(ctx, kind, id)
}

// List implements batcher.Store.
func (s *Store) List(ctx context.Context, kind string) ([]batcher.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.List(ctx, kind)
}

// Put implements batcher.Store.
func (s *Store) Put(ctx context.Context, entries []batcher.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.Put(ctx, entries)
}

// Swap implements batcher.Store.
func (s *Store) Swap(ctx context.Context, entry batcher.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.Swap(ctx, entry)
}

// Delete implements batcher.Store.
func (s *Store) Delete(ctx context.Context, entries []batcher.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.store.Delete(ctx, entries)
}

// NewTable returns an empty table. Index names the attribute of its secondary index, which does not lag; none if empty.
func NewTable(schema items.Schema, index string) *Table { return NewLaggingTable(schema, index, 0) }

// NewLaggingTable is NewTable with an index that learns of a write only after a while.
func NewLaggingTable(schema items.Schema, index string, lag time.Duration) *Table {
	t := newTable(schema, index)
	t.indexLag = lag
	return &Table{table: t}
}

// PutItem writes an item in DynamoDB JSON.
func (t *Table) PutItem(item []byte) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.table.put(item)
}

// DeleteItem deletes an item.
func (t *Table) DeleteItem(key intent.Key) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.table.delete(key)
}

// Get implements batcher.Table.
func (t *Table) Get(ctx context.Context, keys []intent.Key) (found map[intent.Key][]byte, bad map[intent.Key]error, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.table.Get(ctx, keys)
}

// Find implements batcher.Table.
func (t *Table) Find(ctx context.Context, externalID string) ([]intent.Key, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.table.Find(ctx, externalID)
}

// Count implements batcher.Table.
func (t *Table) Count(ctx context.Context) (int64, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.table.Count(ctx)
}
