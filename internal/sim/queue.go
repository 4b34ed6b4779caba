package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"rollcall/batcher"
)

// Limits of SQS.
const (
	maxReceive      = 10
	maxMessageBytes = 1 << 20
)

// queue is a standard SQS queue in memory. Which messages a receiver gets, and how many, is chance: order is no promise.
type queue struct {
	name       string
	visibility time.Duration
	// retention is when an old message is dropped; never if zero.
	retention time.Duration
	// choose returns a number from 0 to n-1.
	choose   func(n int) int
	messages []*message // those not deleted, in the order in which they were sent
	sent     int
	// receipts are the messages by their latest receipt: an earlier one says nothing any more.
	receipts map[string]*message
	// arrived is closed and replaced whenever a message is sent or given back.
	arrived chan struct{}
	// twice and resurrect say whether a message in work is handed out a second time, and whether a deleted one comes
	// back, as SQS reserves the right to.
	twice, resurrect func(*message) bool
}

type message struct {
	number  int
	body    string
	sent    time.Time
	visible time.Time
	count   int
	receipt string
	// view is what the checks know of it.
	view *messageView
}

func newQueue(name string, visibility time.Duration, choose func(int) int) *queue {
	never := func(*message) bool { return false }
	return &queue{
		name: name, visibility: visibility, choose: choose, receipts: map[string]*message{}, arrived: make(chan struct{}),
		twice: never, resurrect: never,
	}
}

// add sends a body that is known to be acceptable.
func (q *queue) add(body string, delay time.Duration, view *messageView) *message {
	q.sent++
	now := time.Now()
	m := &message{number: q.sent, body: body, sent: now, visible: now.Add(delay), view: view}
	q.messages = append(q.messages, m)
	q.ring()
	return m
}

func (q *queue) ring() {
	close(q.arrived)
	q.arrived = make(chan struct{})
}

// take receives what is visible now.
func (q *queue) take() []batcher.Received {
	now := time.Now()
	if q.retention > 0 {
		q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return now.Sub(m.sent) > q.retention })
	}
	var visible []*message
	for _, m := range q.messages {
		if !now.Before(m.visible) || m.count > 0 && q.twice(m) {
			visible = append(visible, m)
		}
	}
	if len(visible) == 0 {
		return nil
	}
	n := min(len(visible), 1+q.choose(maxReceive))
	received := make([]batcher.Received, 0, n)
	for range n {
		i := q.choose(len(visible))
		m := visible[i]
		visible = slices.Delete(visible, i, i+1)
		m.count++
		m.visible = now.Add(q.visibility)
		delete(q.receipts, m.receipt)
		m.receipt = fmt.Sprintf("%d.%d", m.number, m.count)
		q.receipts[m.receipt] = m
		received = append(received, batcher.Received{Body: m.body, Receipt: m.receipt, Count: m.count, Sent: m.sent})
	}
	return received
}

// next returns when the next message becomes visible; zero if none is to.
func (q *queue) next() (at time.Time) {
	for _, m := range q.messages {
		if at.IsZero() || m.visible.Before(at) {
			at = m.visible
		}
	}
	return at
}

// wait blocks till there may be something to receive, end at the latest.
func (q *queue) wait(ctx context.Context, arrived <-chan struct{}, until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-arrived:
	case <-timer.C:
	}
	return nil
}

// delete deletes the messages of these receipts. One whose receipt is not the latest stays, as SQS may leave it.
func (q *queue) delete(receipts []string) {
	for _, receipt := range receipts {
		if m := q.receipts[receipt]; m != nil {
			delete(q.receipts, receipt)
			q.messages = slices.DeleteFunc(q.messages, func(o *message) bool { return o == m })
			if q.resurrect(m) {
				q.add(m.body, time.Duration(1+q.choose(600))*time.Second, m.view)
			}
		}
	}
}

func (q *queue) postpone(receipts []string, d time.Duration) {
	for _, receipt := range receipts {
		if m := q.receipts[receipt]; m != nil {
			m.visible = time.Now().Add(d)
			q.ring()
		}
	}
}

// acceptable says why SQS would not take a body.
func acceptable(body string) error {
	switch {
	case body == "":
		return errors.New("an empty message")
	case len(body) > maxMessageBytes:
		return fmt.Errorf("a message of %d bytes", len(body))
	case !utf8.ValidString(body):
		return errors.New("a message that is not UTF-8")
	}
	for _, c := range body {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0xFFFE || c == 0xFFFF {
			return fmt.Errorf("a message with the character %U", c)
		}
	}
	return nil
}
