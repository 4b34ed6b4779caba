package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"rollcall/batcher"
)

// Store is the control table of the file. It implements batcher.Store.
type Store struct{ db *DB }

var _ batcher.Store = Store{}

// Store returns the control table.
func (db *DB) Store() Store { return Store{db} }

// Get implements batcher.Store.
func (s Store) Get(ctx context.Context, kind, id string) (batcher.Entry, error) {
	entries, err := s.query(ctx, `SELECT id, value, version, expires FROM control WHERE kind = ? AND id = ? AND (expires = 0 OR expires > ?)`,
		kind, kind, id, time.Now().UnixMilli())
	if err != nil {
		return batcher.Entry{}, fmt.Errorf("get control entry: %w", err)
	}
	if len(entries) == 0 {
		return batcher.Entry{Kind: kind, ID: id}, nil
	}
	return entries[0], nil
}

// List implements batcher.Store. It drops the expired entries of the kind.
func (s Store) List(ctx context.Context, kind string) ([]batcher.Entry, error) {
	now := time.Now().UnixMilli()
	if _, err := s.db.write.ExecContext(ctx, `DELETE FROM control WHERE kind = ? AND expires BETWEEN 1 AND ?`, kind, now); err != nil {
		return nil, fmt.Errorf("drop expired control entries: %w", err)
	}
	entries, err := s.query(ctx, `SELECT id, value, version, expires FROM control WHERE kind = ? AND (expires = 0 OR expires > ?) ORDER BY id`,
		kind, kind, now)
	if err != nil {
		return nil, fmt.Errorf("list control entries: %w", err)
	}
	return entries, nil
}

func (s Store) query(ctx context.Context, query, kind string, args ...any) ([]batcher.Entry, error) {
	rows, err := s.db.read.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var entries []batcher.Entry
	for rows.Next() {
		e := batcher.Entry{Kind: kind}
		var expires int64
		if err := rows.Scan(&e.ID, &e.Value, &e.Version, &expires); err != nil {
			return nil, err
		}
		if expires != 0 {
			e.Expires = time.UnixMilli(expires)
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

// Put implements batcher.Store.
func (s Store) Put(ctx context.Context, entries []batcher.Entry) error {
	for _, e := range entries {
		if err := check(e); err != nil {
			return fmt.Errorf("put control entries: %w", err)
		}
	}
	err := changeRows(ctx, s.db, `INSERT INTO control (kind, id, value, version, expires) VALUES (?, ?, ?, 1, ?)
		ON CONFLICT DO UPDATE SET value = excluded.value, version = version + 1, expires = excluded.expires`,
		entries, func(e batcher.Entry) []any { return []any{e.Kind, e.ID, string(e.Value), milli(e.Expires)} })
	if err != nil {
		return fmt.Errorf("put control entries: %w", err)
	}
	return nil
}

// Swap implements batcher.Store.
func (s Store) Swap(ctx context.Context, e batcher.Entry) error {
	if err := check(e); err != nil {
		return fmt.Errorf("swap control entry: %w", err)
	}
	err := s.db.change(ctx, func(tx *sql.Tx) error {
		var stored int64
		err := tx.QueryRowContext(ctx, `SELECT version FROM control WHERE kind = ? AND id = ? AND (expires = 0 OR expires > ?)`,
			e.Kind, e.ID, time.Now().UnixMilli()).Scan(&stored)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if stored != e.Version {
			return batcher.ErrConflict
		}
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO control (kind, id, value, version, expires) VALUES (?, ?, ?, ?, ?)`,
			e.Kind, e.ID, string(e.Value), e.Version+1, milli(e.Expires))
		return err
	})
	if err != nil {
		return fmt.Errorf("swap control entry: %w", err)
	}
	return nil
}

// Delete implements batcher.Store.
func (s Store) Delete(ctx context.Context, entries []batcher.Entry) error {
	err := changeRows(ctx, s.db, `DELETE FROM control WHERE kind = ?1 AND id = ?2 AND (?3 = 0 OR version = ?3)`, entries,
		func(e batcher.Entry) []any { return []any{e.Kind, e.ID, e.Version} })
	if err != nil {
		return fmt.Errorf("delete control entries: %w", err)
	}
	return nil
}

// check refuses what the control table on DynamoDB would refuse.
func check(e batcher.Entry) error {
	if e.Kind == "" || e.ID == "" {
		return errors.New("entry without a kind or an id")
	}
	if len(e.Value) > batcher.MaxValueBytes {
		return fmt.Errorf("value of %d bytes, more than %d", len(e.Value), batcher.MaxValueBytes)
	}
	return nil
}

func milli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
