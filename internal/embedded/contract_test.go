package embedded

import (
	"context"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/contract"
	"rollcall/internal/items"
)

func open(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func TestQueueContract(t *testing.T) {
	o := contract.QueueOptions{Visibility: 2 * time.Second, MaxBytes: maxMessageBytes, Bubble: true}
	contract.Queue(t, func(t *testing.T) batcher.Queue {
		return open(t).Queue("intents", QueueOptions{Visibility: o.Visibility})
	}, o)
}

func TestStoreContract(t *testing.T) {
	contract.Store(t, func(t *testing.T) batcher.Store { return open(t).Store() }, contract.StoreOptions{Bubble: true})
}

func TestTableContract(t *testing.T) {
	contract.Table(t, func(t *testing.T, o contract.TableOptions) contract.SeededTable {
		table, err := open(t).Table(t.Context(), TableOptions{Name: "people", Schema: o.Schema, ExternalIDIndex: o.ExternalIDIndex})
		if err != nil {
			t.Fatal(err)
		}
		return contract.SeededTable{Table: table, Put: table.PutItem, Delete: func(ctx context.Context, key intent.Key) error {
			_, err := table.DeleteItem(ctx, key)
			return err
		}}
	})
}

func TestItemsContract(t *testing.T) {
	contract.Items(t, func(t *testing.T) items.Table { return people(t, open(t)) })
}
