package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
)

// The edges are what the code under test holds of the queue, the table and the control table: each effect of its actor
// passes the gate.

type queueEdge struct {
	actor *actor
	queue *queue
}

type tableEdge struct {
	actor *actor
	table *table
}

type storeEdge struct {
	actor *actor
	store *store
}

var (
	_ batcher.Queue = queueEdge{}
	_ batcher.Table = tableEdge{}
	_ batcher.Store = storeEdge{}
)

// Send implements batcher.Queue.
func (e queueEdge) Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error) {
	views := make([]*messageView, len(bodies))
	for i, body := range bodies {
		views[i] = viewMessage(body)
	}
	send := func(some []string) {
		e.actor.said = true
		for i, body := range some {
			if problem := acceptable(body); problem != nil {
				failed, err = append(failed, i), problem
				continue
			}
			e.actor.house.checks.sent(e.actor, e.queue, e.queue.add(body, delay, views[i]))
		}
	}
	faulty := e.actor.perform(ctx, effect{
		op: e.queue.name + ".send", detail: fmt.Sprintf("%d %s", len(bodies), who(views)),
		do: func() error { send(bodies); return err },
		part: func() error {
			send(bodies[:len(bodies)/2])
			for i := len(bodies) / 2; i < len(bodies); i++ {
				failed = append(failed, i)
			}
			return errInjected
		},
	})
	if faulty != nil && len(failed) == 0 {
		for i := range bodies {
			failed = append(failed, i)
		}
	}
	return failed, faulty
}

// Receive implements batcher.Queue.
func (e queueEdge) Receive(ctx context.Context, wait time.Duration) (received []batcher.Received, err error) {
	end := time.Now().Add(wait)
	for {
		var arrived <-chan struct{}
		var next time.Time
		err := e.actor.perform(ctx, effect{op: e.queue.name + ".receive", do: func() error {
			received = e.queue.take()
			arrived, next = e.queue.arrived, e.queue.next()
			e.actor.house.checks.received(e.actor, e.queue, received)
			return nil
		}})
		if err != nil {
			return nil, err
		}
		if len(received) > 0 || !time.Now().Before(end) {
			return received, nil
		}
		if next.IsZero() || next.After(end) {
			next = end
		}
		if err := e.queue.wait(ctx, arrived, next); err != nil {
			return nil, err
		}
	}
}

// Delete implements batcher.Queue.
func (e queueEdge) Delete(ctx context.Context, receipts []string) error {
	deleted := func(some []string) {
		e.actor.house.checks.deleting(e.actor, e.queue, some)
		e.queue.delete(some)
	}
	return e.actor.perform(ctx, effect{
		op: e.queue.name + ".delete", detail: strings.Join(receipts, ","),
		do:   func() error { deleted(receipts); return nil },
		part: func() error { deleted(receipts[:len(receipts)/2]); return errInjected },
	})
}

// Postpone implements batcher.Queue.
func (e queueEdge) Postpone(ctx context.Context, receipts []string, d time.Duration) error {
	keeps := inLeaseKeeper()
	postpone := func(some []string) {
		e.actor.house.checks.postponed(e.actor, e.queue, some, keeps)
		e.queue.postpone(some, d)
	}
	return e.actor.perform(ctx, effect{
		op: e.queue.name + ".postpone", detail: fmt.Sprintf("%s %v", strings.Join(receipts, ","), d),
		do:   func() error { postpone(receipts); return nil },
		part: func() error { postpone(receipts[:len(receipts)/2]); return errInjected },
	})
}

var errTableDown = errors.New("sim: the table cannot be read")

// Get implements batcher.Table.
func (e tableEdge) Get(ctx context.Context, keys []intent.Key) (found map[intent.Key][]byte, bad map[intent.Key]error, err error) {
	err = e.actor.perform(ctx, effect{op: "table.get", detail: fmt.Sprint(len(keys)), do: func() (err error) {
		if e.actor.house.checks.outage(e.actor) {
			return errTableDown
		}
		found, bad, err = e.table.Get(ctx, keys)
		e.actor.house.checks.read(e.actor, keys)
		return err
	}})
	if err != nil {
		return nil, nil, err
	}
	return found, bad, nil
}

// Find implements batcher.Table.
func (e tableEdge) Find(ctx context.Context, externalID string) (keys []intent.Key, err error) {
	err = e.actor.perform(ctx, effect{op: "table.find", detail: externalID, do: func() (err error) {
		if e.actor.house.checks.outage(e.actor) {
			return errTableDown
		}
		keys, err = e.table.Find(ctx, externalID)
		e.actor.house.checks.found(e.actor, externalID, keys)
		return err
	}})
	if err != nil {
		return nil, err
	}
	return keys, nil
}

// Count implements batcher.Table.
func (e tableEdge) Count(ctx context.Context) (n int64, err error) {
	err = e.actor.perform(ctx, effect{op: "table.count", do: func() (err error) {
		n, err = e.table.Count(ctx)
		if e.actor.run != nil {
			e.actor.run.counted = n
		}
		return err
	}})
	return n, err
}

// Get implements batcher.Store.
func (e storeEdge) Get(ctx context.Context, kind, id string) (entry batcher.Entry, err error) {
	err = e.actor.perform(ctx, effect{op: "store.get", detail: kind + "/" + id, do: func() (err error) {
		entry, err = e.store.Get(ctx, kind, id)
		return err
	}})
	return entry, err
}

// List implements batcher.Store.
func (e storeEdge) List(ctx context.Context, kind string) (entries []batcher.Entry, err error) {
	err = e.actor.perform(ctx, effect{op: "store.list", detail: kind, do: func() (err error) {
		entries, err = e.store.List(ctx, kind)
		e.actor.house.checks.listed(e.actor, kind)
		return err
	}})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// Put implements batcher.Store.
func (e storeEdge) Put(ctx context.Context, entries []batcher.Entry) error {
	put := func(some []batcher.Entry) error {
		e.actor.house.checks.entered(e.actor, some)
		return e.store.Put(ctx, some)
	}
	return e.actor.perform(ctx, effect{
		op: "store.put", detail: names(entries),
		do:   func() error { return put(entries) },
		part: func() error { return errors.Join(put(entries[:len(entries)/2]), errInjected) },
	})
}

// Swap implements batcher.Store.
func (e storeEdge) Swap(ctx context.Context, entry batcher.Entry) error {
	return e.actor.perform(ctx, effect{op: "store.swap", detail: entry.Kind + "/" + entry.ID, do: func() error {
		err := e.store.Swap(ctx, entry)
		if err == nil {
			e.actor.house.checks.swapped(e.actor, entry)
		}
		return err
	}})
}

// Delete implements batcher.Store.
func (e storeEdge) Delete(ctx context.Context, entries []batcher.Entry) error {
	remove := func(some []batcher.Entry) error {
		e.actor.house.checks.that(!e.actor.says || e.actor.said, "an operator says people before their entries go", "%s", names(some))
		e.actor.house.checks.dropped(e.actor, some)
		return e.store.Delete(ctx, some)
	}
	return e.actor.perform(ctx, effect{
		op: "store.delete", detail: names(entries),
		do:   func() error { return remove(entries) },
		part: func() error { return errors.Join(remove(entries[:len(entries)/2]), errInjected) },
	})
}

// names are the kind and the IDs of entries, for labels.
func names(entries []batcher.Entry) string {
	text := ""
	for i, e := range entries {
		if i == 0 {
			text = e.Kind + "/"
		} else {
			text += ","
		}
		text += e.ID
	}
	return text
}

// who names the people of messages, for labels.
func who(views []*messageView) string {
	var text strings.Builder
	for _, view := range views {
		m := view.message
		for _, in := range m.Intents {
			text.WriteString(in.ExternalID + ":" + in.Kind.String()[:1] + " ")
		}
		for _, r := range m.Rejects {
			text.WriteString("reject:" + r.ExternalID + " ")
		}
	}
	return text.String()
}
