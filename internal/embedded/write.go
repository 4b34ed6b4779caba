package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rollcall/intent"
	"rollcall/internal/items"
)

// row is an item as it is stored.
type row struct {
	key     intent.Key
	item    []byte // nil deletes it
	size    int
	keySize int
}

func (t *Table) row(item []byte) (row, error) {
	parsed, err := items.Parse(item)
	if err != nil {
		return row{}, err
	}
	key, err := t.options.Schema.Key(parsed)
	if err != nil {
		return row{}, err
	}
	return row{key, parsed.JSON(), parsed.Size(), keySize(key)}, nil
}

// keySize returns the size of a key that Schema made.
func keySize(key intent.Key) int {
	parsed, _ := items.Parse([]byte(key))
	return parsed.Size()
}

// PutItem implements items.Table.
func (t *Table) PutItem(ctx context.Context, item []byte) error {
	return t.PutMany(ctx, [][]byte{item})
}

// PutMany writes the items in their order, a thousand in a transaction. None is written if any is not an item.
func (t *Table) PutMany(ctx context.Context, all [][]byte) error {
	rows := make([]row, len(all))
	for i, item := range all {
		var err error
		if rows[i], err = t.row(item); err != nil {
			return fmt.Errorf("put item %d: %w", i, err)
		}
	}
	if _, err := t.change(ctx, rows); err != nil {
		return fmt.Errorf("put items: %w", err)
	}
	return nil
}

// DeleteItem implements items.Table.
func (t *Table) DeleteItem(ctx context.Context, key intent.Key) (found bool, err error) {
	stored, err := t.options.Schema.Check(key)
	if err != nil {
		return false, fmt.Errorf("delete item: %w", err)
	}
	changed, err := t.change(ctx, []row{{key: stored, keySize: keySize(stored)}})
	if err != nil {
		return false, fmt.Errorf("delete item: %w", err)
	}
	return changed > 0, nil
}

// change writes the rows and their change records, and returns how many of them changed anything.
func (t *Table) change(ctx context.Context, rows []row) (changed int, err error) {
	now := time.Now().UnixMilli()
	for len(rows) > 0 {
		chunk := rows[:min(len(rows), maxChunk)]
		rows = rows[len(chunk):]
		n := 0
		err := t.db.change(ctx, func(tx *sql.Tx) error {
			w, err := newWriter(ctx, tx, now)
			if err != nil {
				return err
			}
			defer w.close()
			for _, r := range chunk {
				differs, err := w.write(ctx, r)
				if err != nil {
					return err
				}
				if differs {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return changed, err
		}
		if changed += n; n > 0 {
			t.db.records.ring()
		}
	}
	return changed, nil
}

// writer writes rows in one transaction.
type writer struct {
	before, put, remove, record *sql.Stmt
	now                         int64
}

func newWriter(ctx context.Context, tx *sql.Tx, now int64) (*writer, error) {
	w := &writer{now: now}
	for _, s := range []struct {
		into **sql.Stmt
		sql  string
	}{
		{&w.before, `SELECT item, size FROM items WHERE key = ?`},
		{&w.put, `INSERT OR REPLACE INTO items (key, item, size) VALUES (?, ?, ?)`},
		{&w.remove, `DELETE FROM items WHERE key = ?`},
		{&w.record, `INSERT INTO records (made, key, before, after, size) VALUES (?, ?, ?, ?, ?)`},
	} {
		var err error
		if *s.into, err = tx.PrepareContext(ctx, s.sql); err != nil {
			w.close()
			return nil, err
		}
	}
	return w, nil
}

func (w *writer) close() {
	for _, s := range []*sql.Stmt{w.before, w.put, w.remove, w.record} {
		if s != nil {
			s.Close()
		}
	}
}

// write writes one row and its record, and tells whether anything changed. A write that changes nothing has no record.
func (w *writer) write(ctx context.Context, r row) (bool, error) {
	var before sql.NullString
	var size int
	if err := w.before.QueryRowContext(ctx, string(r.key)).Scan(&before, &size); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	after := sql.NullString{String: string(r.item), Valid: r.item != nil}
	if before == after {
		return false, nil
	}
	var err error
	if after.Valid {
		_, err = w.put.ExecContext(ctx, string(r.key), after, r.size)
	} else {
		_, err = w.remove.ExecContext(ctx, string(r.key))
	}
	if err != nil {
		return false, err
	}
	_, err = w.record.ExecContext(ctx, w.now, string(r.key), before, after, r.keySize+r.size+size)
	return true, err
}
