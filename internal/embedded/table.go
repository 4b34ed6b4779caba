package embedded

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/items"
	"rollcall/internal/scan"
)

// TableOptions describe the file's one table.
type TableOptions struct {
	// Name is the table's name, which the stream's ARN holds.
	Name string
	// Schema is the primary key.
	Schema items.Schema
	// ExternalIDIndex names the attribute, an S or N, by which Find finds people. Where it is empty, the externalId is
	// the partition key.
	ExternalIDIndex string
}

// Table is the table of the file. It implements batcher.Table, items.Table and scan.Pages. Every write that changes an item adds a
// change record in the same transaction.
type Table struct {
	db      *DB
	options TableOptions
	// external is the SQL expression of the index.
	external string
}

var (
	_ batcher.Table = (*Table)(nil)
	_ items.Table   = (*Table)(nil)
	_ scan.Pages    = (*Table)(nil)
)

// Table returns the file's table. There is one: two calls with different options look at the same items.
func (db *DB) Table(ctx context.Context, options TableOptions) (*Table, error) {
	t := &Table{db: db, options: options}
	if options.ExternalIDIndex == "" {
		return t, nil
	}
	if strings.ContainsAny(options.ExternalIDIndex, `"'\`) {
		return nil, fmt.Errorf("index attribute %q: quotes and backslashes cannot be indexed", options.ExternalIDIndex)
	}
	path := `$."` + options.ExternalIDIndex + `"`
	t.external = fmt.Sprintf(`COALESCE(json_extract(item, '%s.S'), json_extract(item, '%s.N'))`, path, path)
	index := fmt.Sprintf(`CREATE INDEX IF NOT EXISTS "items_by_%s" ON items (%s)`, options.ExternalIDIndex, t.external)
	if _, err := db.write.ExecContext(ctx, index); err != nil {
		return nil, fmt.Errorf("create index on %q: %w", options.ExternalIDIndex, err)
	}
	return t, nil
}

// Get implements batcher.Table.
func (t *Table) Get(ctx context.Context, keys []intent.Key) (found map[intent.Key][]byte, bad map[intent.Key]error, err error) {
	found, bad = map[intent.Key][]byte{}, map[intent.Key]error{}
	asked := map[intent.Key][]intent.Key{} // by the key as stored
	var stored []intent.Key
	for _, key := range keys {
		as, err := t.options.Schema.Check(key)
		if err != nil {
			bad[key] = err
			continue
		}
		if asked[as] == nil {
			stored = append(stored, as)
		}
		asked[as] = append(asked[as], key)
	}
	list, err := json.Marshal(stored)
	if err != nil {
		return nil, nil, fmt.Errorf("get items: %w", err)
	}
	rows, err := t.db.read.QueryContext(ctx, `SELECT key, item FROM items WHERE key IN (SELECT value FROM json_each(?))`, string(list))
	if err != nil {
		return nil, nil, fmt.Errorf("get items: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key intent.Key
		var item []byte
		if err := rows.Scan(&key, &item); err != nil {
			return nil, nil, fmt.Errorf("get items: %w", err)
		}
		for _, as := range asked[key] {
			found[as] = item
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, fmt.Errorf("get items: %w", err)
	}
	return found, bad, nil
}

// GetItem implements items.Table.
func (t *Table) GetItem(ctx context.Context, key intent.Key) ([]byte, error) {
	found, bad, err := t.Get(ctx, []intent.Key{key})
	if err == nil {
		err = bad[key]
	}
	return found[key], err
}

// Find implements batcher.Table. The index never lags here.
func (t *Table) Find(ctx context.Context, externalID string) ([]intent.Key, error) {
	if t.external == "" {
		key, err := t.options.Schema.Of(externalID)
		if err != nil {
			return nil, nil // no item can have this externalId
		}
		return []intent.Key{key}, nil
	}
	rows, err := t.db.read.QueryContext(ctx, `SELECT key FROM items WHERE `+t.external+` = ? ORDER BY key`, externalID)
	if err != nil {
		return nil, fmt.Errorf("find person: %w", err)
	}
	defer rows.Close()
	var keys []intent.Key
	for rows.Next() {
		var key intent.Key
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("find person: %w", err)
		}
		keys = append(keys, key)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("find person: %w", err)
	}
	return keys, nil
}

// Count implements batcher.Table. It is exact here.
func (t *Table) Count(ctx context.Context) (n int64, err error) {
	if err := t.db.read.QueryRowContext(ctx, `SELECT COUNT(*) FROM items`).Scan(&n); err != nil {
		return 0, fmt.Errorf("count items: %w", err)
	}
	return n, nil
}

// ScanItems implements items.Table, in order of the keys.
func (t *Table) ScanItems(ctx context.Context, after intent.Key, limit int) (all [][]byte, last intent.Key, err error) {
	rows, err := t.db.read.QueryContext(ctx, `SELECT key, item FROM items WHERE key > ? ORDER BY key LIMIT ?`, string(after), limit)
	if err != nil {
		return nil, "", fmt.Errorf("scan items: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var item []byte
		if err := rows.Scan(&last, &item); err != nil {
			return nil, "", fmt.Errorf("scan items: %w", err)
		}
		all = append(all, item)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("scan items: %w", err)
	}
	if len(all) < limit {
		last = ""
	}
	return all, last, nil
}

// ScanPage implements scan.Pages, in order of the keys. All items are in the first segment.
func (t *Table) ScanPage(ctx context.Context, segment, _ int, after intent.Key) (all [][]byte, last intent.Key, err error) {
	if segment > 0 {
		return nil, "", nil
	}
	return t.ScanItems(ctx, after, maxChunk)
}
