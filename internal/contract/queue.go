package contract

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"rollcall/batcher"
)

// QueueOptions say how the queues under test were made.
type QueueOptions struct {
	// Visibility is the queues' visibility timeout, in whole seconds as SQS has it.
	Visibility time.Duration
	// MaxBytes is the longest body that the queues take.
	MaxBytes int
	// Bubble runs the cases by the clock of testing/synctest, for queues that live in this process.
	Bubble bool
}

// Queue checks an implementation of batcher.Queue. Open makes a new, empty queue for each case.
func Queue(t *testing.T, open func(*testing.T) batcher.Queue, o QueueOptions) {
	t.Helper()
	for _, c := range []struct {
		name string
		test func(queueCase)
	}{
		{"a message comes as it was sent, and is gone when deleted", queueCase.roundTrip},
		{"every text that SQS takes comes back unchanged", queueCase.texts},
		{"texts that SQS refuses are reported, the others sent", queueCase.refusedTexts},
		{"sending nothing and deleting nothing is done", queueCase.nothing},
		{"a received message is hidden, then comes again", queueCase.redelivery},
		{"postpone extends the time in work", queueCase.extend},
		{"postpone gives back", queueCase.giveBack},
		{"a delayed message comes late", queueCase.delay},
		{"deleting and postponing what is gone is no error", queueCase.gone},
		{"at most ten messages come at once", queueCase.ten},
		{"long messages and many long ones", queueCase.long},
		{"a waiting receiver is woken by a message", queueCase.longPoll},
		{"a waiting receiver gives up in time", queueCase.emptyPoll},
		{"a cancelled receive ends with an error", queueCase.cancelled},
		{"ten thousand messages, none lost", queueCase.many},
		{"receivers side by side lose nothing", queueCase.sideBySide},
	} {
		run(t, c.name, o.Bubble, func(t *testing.T) { c.test(queueCase{t, open(t), o}) })
	}
}

type queueCase struct {
	*testing.T
	queue batcher.Queue
	QueueOptions
}

func (c queueCase) send(delay time.Duration, bodies ...string) {
	c.Helper()
	if failed, err := c.queue.Send(c.Context(), bodies, delay); err != nil || len(failed) > 0 {
		c.Fatalf("send: %v, failed %v", err, failed)
	}
}

func (c queueCase) receive(wait time.Duration) []batcher.Received {
	c.Helper()
	messages, err := c.queue.Receive(c.Context(), wait)
	if err != nil {
		c.Fatalf("receive: %v", err)
	}
	if len(messages) > 10 {
		c.Fatalf("received %d messages at once, more than ten", len(messages))
	}
	return messages
}

// one receives the only message there is.
func (c queueCase) one(wait time.Duration) batcher.Received {
	c.Helper()
	messages := c.receive(wait)
	if len(messages) != 1 {
		c.Fatalf("received %d messages, want 1", len(messages))
	}
	return messages[0]
}

func (c queueCase) none(when string) {
	c.Helper()
	if messages := c.receive(0); len(messages) > 0 {
		c.Fatalf("received %d messages %s, want none", len(messages), when)
	}
}

func (c queueCase) delete(receipts ...string) {
	c.Helper()
	if err := c.queue.Delete(c.Context(), receipts); err != nil {
		c.Fatalf("delete: %v", err)
	}
}

func (c queueCase) postpone(d time.Duration, receipts ...string) {
	c.Helper()
	if err := c.queue.Postpone(c.Context(), receipts, d); err != nil {
		c.Fatalf("postpone: %v", err)
	}
}

// drain receives and deletes until it has n different bodies, and returns them sorted.
func (c queueCase) drain(n int) []string {
	c.Helper()
	seen := map[string]bool{}
	for last := time.Now(); len(seen) < n; {
		var receipts []string
		for _, m := range c.receive(time.Second) {
			seen[m.Body] = true
			receipts = append(receipts, m.Receipt)
		}
		c.delete(receipts...)
		if len(receipts) > 0 {
			last = time.Now()
		} else if time.Since(last) > c.Visibility+patience {
			c.Fatalf("received %d different messages, want %d", len(seen), n)
		}
	}
	var bodies []string
	for body := range seen {
		bodies = append(bodies, body)
	}
	slices.Sort(bodies)
	return bodies
}

// numbered returns n different bodies, sorted.
func numbered(n int) []string {
	bodies := make([]string, n)
	for i := range bodies {
		bodies[i] = fmt.Sprintf("message %06d", i)
	}
	return bodies
}
