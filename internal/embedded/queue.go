package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"rollcall/batcher"
)

// Limits of SQS, kept here so that local mode does not allow what AWS refuses.
const (
	maxReceive      = 10
	maxMessageBytes = 1 << 20
)

// pollEvery is how often a waiting receiver or dispatcher looks for what other processes wrote or time made due.
const pollEvery = 250 * time.Millisecond

// QueueOptions are a queue's settings. The zero value is SQS's default.
type QueueOptions struct {
	// Visibility hides a received message from other receivers; 30 s if zero.
	Visibility time.Duration
	// Retention is when an old message is dropped; never if zero.
	Retention time.Duration
}

// Queue is a queue of the file. It implements batcher.Queue.
type Queue struct {
	db   *DB
	name string
	QueueOptions
}

var _ batcher.Queue = (*Queue)(nil)

// Queue returns the queue of this name. There is nothing to create: a queue is its messages.
func (db *DB) Queue(name string, options QueueOptions) *Queue {
	if options.Visibility == 0 {
		options.Visibility = 30 * time.Second
	}
	return &Queue{db: db, name: name, QueueOptions: options}
}

// Send implements batcher.Queue. It refuses the bodies that SQS does.
func (q *Queue) Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error) {
	var accepted []int
	var refused error
	for i, body := range bodies {
		if err := refuse(body); err != nil {
			failed = append(failed, i)
			refused = err
			continue
		}
		accepted = append(accepted, i)
	}
	now := time.Now()
	for len(accepted) > 0 {
		chunk := accepted[:min(len(accepted), maxChunk)]
		err := changeRows(ctx, q.db, `INSERT INTO messages (queue, body, sent, visible) VALUES (?, ?, ?, ?)`, chunk,
			func(i int) []any { return []any{q.name, bodies[i], now.UnixMilli(), now.Add(delay).UnixMilli()} })
		if err != nil {
			return append(failed, accepted...), fmt.Errorf("send messages: %w", err)
		}
		accepted = accepted[len(chunk):]
		q.db.messages.ring()
	}
	if refused != nil {
		return failed, fmt.Errorf("send messages: %w", refused)
	}
	return nil, nil
}

// Receive implements batcher.Queue.
func (q *Queue) Receive(ctx context.Context, wait time.Duration) ([]batcher.Received, error) {
	deadline := time.Now().Add(wait)
	for {
		rung := q.db.messages.wait()
		messages, err := q.take(ctx)
		if err != nil {
			return nil, fmt.Errorf("receive messages: %w", err)
		}
		left := time.Until(deadline)
		if len(messages) > 0 || left <= 0 {
			return messages, nil
		}
		if err := pause(ctx, min(left, pollEvery), rung); err != nil {
			return nil, fmt.Errorf("receive messages: %w", err)
		}
	}
}

// pause waits for d, or until rung is closed.
func pause(ctx context.Context, d time.Duration, rung <-chan struct{}) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
	case <-rung:
	}
	return nil
}

// take receives what is visible now.
func (q *Queue) take(ctx context.Context) (messages []batcher.Received, err error) {
	now := time.Now()
	// Looking first spares an idle queue the write lock.
	var waiting bool
	err = q.db.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM messages WHERE queue = ? AND visible <= ?)`,
		q.name, now.UnixMilli()).Scan(&waiting)
	if err != nil || !waiting {
		return nil, err
	}
	err = q.db.change(ctx, func(tx *sql.Tx) error {
		if err := q.expire(ctx, tx, now); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `UPDATE messages SET visible = ?, received = received + 1
			WHERE id IN (SELECT id FROM messages WHERE queue = ? AND visible <= ? ORDER BY visible, id LIMIT ?)
			RETURNING id, body, sent, received`,
			now.Add(q.Visibility).UnixMilli(), q.name, now.UnixMilli(), maxReceive)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var m batcher.Received
			var id, sent int64
			if err := rows.Scan(&id, &m.Body, &sent, &m.Count); err != nil {
				return err
			}
			m.Receipt = fmt.Sprintf("%d-%d", id, m.Count)
			m.Sent = time.UnixMilli(sent)
			messages = append(messages, m)
		}
		return rows.Err()
	})
	return messages, err
}

// expire drops what is older than the queue's retention.
func (q *Queue) expire(ctx context.Context, tx *sql.Tx, now time.Time) error {
	if q.Retention == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM messages WHERE queue = ? AND visible <= ? AND sent < ?`,
		q.name, now.UnixMilli(), now.Add(-q.Retention).UnixMilli())
	return err
}

// Delete implements batcher.Queue. The receipt of an earlier receive no longer counts, as with SQS.
func (q *Queue) Delete(ctx context.Context, receipts []string) error {
	err := changeRows(ctx, q.db, `DELETE FROM messages WHERE id = ? AND received = ? AND queue = ?`, receipts,
		func(receipt string) []any { id, count := q.parse(receipt); return []any{id, count, q.name} })
	if err != nil {
		return fmt.Errorf("delete messages: %w", err)
	}
	return nil
}

// Postpone implements batcher.Queue.
func (q *Queue) Postpone(ctx context.Context, receipts []string, d time.Duration) error {
	visible := time.Now().Add(d).UnixMilli()
	err := changeRows(ctx, q.db, `UPDATE messages SET visible = ? WHERE id = ? AND received = ? AND queue = ?`, receipts,
		func(receipt string) []any { id, count := q.parse(receipt); return []any{visible, id, count, q.name} })
	if err != nil {
		return fmt.Errorf("postpone messages: %w", err)
	}
	q.db.messages.ring()
	return nil
}

// parse splits a receipt; one that is not ours names no message.
func (q *Queue) parse(receipt string) (id, count int64) {
	left, right, _ := strings.Cut(receipt, "-")
	id, _ = strconv.ParseInt(left, 10, 64)
	count, _ = strconv.ParseInt(right, 10, 64)
	return id, count
}

// Peek hands every message to look, oldest first, and whether it can be received now. It takes none and hides none.
func (q *Queue) Peek(ctx context.Context, look func(body string, visible bool) error) error {
	rows, err := q.db.read.QueryContext(ctx, `SELECT body, visible <= ? FROM messages WHERE queue = ? ORDER BY sent, id`,
		time.Now().UnixMilli(), q.name)
	if err != nil {
		return fmt.Errorf("look at messages: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var body string
		var visible bool
		if err := rows.Scan(&body, &visible); err != nil {
			return fmt.Errorf("look at messages: %w", err)
		}
		if err := look(body, visible); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("look at messages: %w", err)
	}
	return nil
}

// Depth returns how many messages can be received now and how many cannot yet, being in work or delayed, and the age
// of the oldest of all, zero if there is none.
func (q *Queue) Depth(ctx context.Context) (visible, hidden int64, oldest time.Duration, err error) {
	var sent sql.NullInt64
	now := time.Now()
	err = q.db.read.QueryRowContext(ctx,
		`SELECT COUNT(*) FILTER (WHERE visible <= ?1), COUNT(*) FILTER (WHERE visible > ?1), MIN(sent) FROM messages WHERE queue = ?2`,
		now.UnixMilli(), q.name).Scan(&visible, &hidden, &sent)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("count messages: %w", err)
	}
	if sent.Valid {
		oldest = max(0, now.Sub(time.UnixMilli(sent.Int64)))
	}
	return visible, hidden, oldest, nil
}
