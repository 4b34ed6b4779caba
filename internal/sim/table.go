package sim

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/items"
)

// table is a DynamoDB table in memory with, where named, a secondary index that lags behind.
type table struct {
	schema items.Schema
	index  string
	// indexLag is how far Find is behind.
	indexLag time.Duration
	rows     map[intent.Key][]version
	// changed is told of every write that leaves a record in the stream.
	changed func(change)
}

var _ batcher.Table = (*table)(nil)

// version is an item from a moment on; nil where it was deleted.
type version struct {
	at    time.Time
	item  []byte
	index string // the value of the index's attribute
}

// change is a write, as the stream tells of it. Before and after are nil where there was or is no item.
type change struct {
	key           intent.Key
	before, after []byte
}

func newTable(schema items.Schema, index string) *table {
	return &table{schema: schema, index: index, rows: map[intent.Key][]version{}}
}

// put writes an item, delete deletes one.
func (t *table) put(item []byte) error {
	parsed, err := items.Parse(item)
	if err != nil {
		return err
	}
	key, err := t.schema.Key(parsed)
	if err != nil {
		return err
	}
	value := ""
	if t.index != "" {
		value = textOf(parsed, t.index)
	}
	t.write(key, version{time.Now(), parsed.JSON(), value}, true)
	return nil
}

// textOf returns an attribute of type S, empty if there is none.
func textOf(i items.Item, name string) string {
	var value struct{ S string }
	if _, raw, ok := i.Attribute(name); ok {
		_ = json.Unmarshal(raw, &value) // items.Parse has checked it
	}
	return value.S
}

func (t *table) delete(key intent.Key) error {
	key, err := t.schema.Check(key)
	if err != nil {
		return err
	}
	t.write(key, version{at: time.Now()}, true)
	return nil
}

// write makes a version the latest. Without tell the stream hears nothing of it, as when a table is restored.
func (t *table) write(key intent.Key, v version, tell bool) {
	before := t.item(key)
	if string(before) == string(v.item) && (before == nil) == (v.item == nil) {
		return
	}
	t.rows[key] = append(t.rows[key], v)
	if tell && t.changed != nil {
		t.changed(change{key, before, v.item})
	}
}

// item returns the latest version, nil if there is none.
func (t *table) item(key intent.Key) []byte { return t.asOf(key, time.Now()).item }

// asOf returns what an item was at a moment.
func (t *table) asOf(key intent.Key, at time.Time) version {
	for _, v := range slices.Backward(t.rows[key]) {
		if !v.at.After(at) {
			return v
		}
	}
	return version{}
}

// keys returns the keys of all items that are or were, sorted.
func (t *table) keys() []intent.Key { return slices.Sorted(maps.Keys(t.rows)) }

// Get implements batcher.Table.
func (t *table) Get(ctx context.Context, keys []intent.Key) (found map[intent.Key][]byte, bad map[intent.Key]error, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	found, bad = map[intent.Key][]byte{}, map[intent.Key]error{}
	for _, key := range keys {
		canonical, err := t.schema.Check(key)
		if err != nil {
			bad[key] = err
			continue
		}
		if item := t.item(canonical); item != nil {
			found[key] = item
		}
	}
	return found, bad, nil
}

// Find implements batcher.Table.
func (t *table) Find(ctx context.Context, externalID string) ([]intent.Key, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.index == "" {
		if key, err := t.schema.Of(externalID); err == nil {
			return []intent.Key{key}, nil
		}
		return nil, nil
	}
	if externalID == "" {
		return nil, nil
	}
	at := time.Now().Add(-t.indexLag)
	var keys []intent.Key
	for _, key := range t.keys() {
		if v := t.asOf(key, at); v.item != nil && v.index == externalID {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// Count implements batcher.Table.
func (t *table) Count(ctx context.Context) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	for key := range t.rows {
		if t.item(key) != nil {
			n++
		}
	}
	return n, nil
}
