package batcher_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"rollcall/batcher"
)

// countingQueue counts calls as SQS would be called: ten messages each.
type countingQueue struct {
	batcher.Queue
	sends, receives, deletes, postpones atomic.Int64
}

func (q *countingQueue) Send(ctx context.Context, bodies []string, delay time.Duration) ([]int, error) {
	q.sends.Add(calls(len(bodies)))
	return q.Queue.Send(ctx, bodies, delay)
}

func (q *countingQueue) Receive(ctx context.Context, wait time.Duration) ([]batcher.Received, error) {
	q.receives.Add(1)
	return q.Queue.Receive(ctx, wait)
}

func (q *countingQueue) Delete(ctx context.Context, receipts []string) error {
	q.deletes.Add(calls(len(receipts)))
	return q.Queue.Delete(ctx, receipts)
}

func (q *countingQueue) Postpone(ctx context.Context, receipts []string, d time.Duration) error {
	q.postpones.Add(calls(len(receipts)))
	return q.Queue.Postpone(ctx, receipts, d)
}

func (q *countingQueue) String() string {
	return fmt.Sprintf("%d sends, %d receives, %d deletes, %d postponements", q.sends.Load(), q.receives.Load(), q.deletes.Load(), q.postpones.Load())
}

func calls(messages int) int64 { return int64((messages + 9) / 10) }
