package sim

import (
	"context"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/contract"
)

// The simulation is only worth what its fakes are: they pass the suites that the real ones pass.

func TestQueueContract(t *testing.T) {
	o := contract.QueueOptions{Visibility: 2 * time.Second, MaxBytes: maxMessageBytes, Bubble: true}
	contract.Queue(t, func(t *testing.T) batcher.Queue {
		h := openEdges(t)
		h.queue.visibility = o.Visibility
		return queueEdge{&actor{house: h, name: "user"}, h.queue}
	}, o)
}

func TestStoreContract(t *testing.T) {
	contract.Store(t, func(t *testing.T) batcher.Store {
		h := openEdges(t)
		return storeEdge{&actor{house: h, name: "user"}, h.store}
	}, contract.StoreOptions{Bubble: true})
}

// openEdges is a house in which nothing happens but what the test does.
func openEdges(t *testing.T) *house {
	p := newPlan(1)
	p.flavor.calm = true
	h := newHouse(p, false)
	over := make(chan struct{})
	go func() {
		defer close(over)
		h.schedule(func() bool { return h.ctx.Err() != nil })
	}()
	t.Cleanup(func() {
		h.end()
		h.gate.close()
		<-over
		h.work.Wait()
	})
	return h
}

func TestTableContract(t *testing.T) {
	contract.Table(t, func(t *testing.T, o contract.TableOptions) contract.SeededTable {
		table := newTable(o.Schema, o.ExternalIDIndex)
		return contract.SeededTable{
			Table:  table,
			Put:    func(_ context.Context, item []byte) error { return table.put(item) },
			Delete: func(_ context.Context, key intent.Key) error { return table.delete(key) },
		}
	})
}

// What other packages' tests take of the simulation keeps the same promises.

func TestMemoryQueueContract(t *testing.T) {
	o := contract.QueueOptions{Visibility: 2 * time.Second, MaxBytes: maxMessageBytes, Bubble: true}
	contract.Queue(t, func(*testing.T) batcher.Queue { return NewQueue(o.Visibility) }, o)
}

func TestMemoryStoreContract(t *testing.T) {
	contract.Store(t, func(*testing.T) batcher.Store { return NewStore() }, contract.StoreOptions{Bubble: true})
}

func TestMemoryTableContract(t *testing.T) {
	contract.Table(t, func(_ *testing.T, o contract.TableOptions) contract.SeededTable {
		table := NewTable(o.Schema, o.ExternalIDIndex)
		return contract.SeededTable{
			Table:  table,
			Put:    func(_ context.Context, item []byte) error { return table.PutItem(item) },
			Delete: func(_ context.Context, key intent.Key) error { return table.DeleteItem(key) },
		}
	})
}
