// Package embedded is the table, the queues and the control table on one SQLite file: what rollcall's local mode runs
// on instead of AWS. It keeps the promises of DynamoDB, its streams and SQS, and no others.
//
// A process that is killed loses nothing that a call reported as done; a machine that loses power may lose the last
// moments, but never leaves the file inconsistent.
package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// FileName is the name of the SQLite file in the folder.
const FileName = "rollcall.db"

// maxChunk is how many rows one transaction writes at most, so that other writers get their turn.
const maxChunk = 1000

// schema is the whole file. Times are Unix milliseconds, sizes bytes as DynamoDB counts them.
const schema = `
CREATE TABLE IF NOT EXISTS labels (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (
	key  TEXT PRIMARY KEY,
	item TEXT NOT NULL,
	size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS records (
	sequence INTEGER PRIMARY KEY AUTOINCREMENT,
	made     INTEGER NOT NULL,
	key      TEXT NOT NULL,
	before   TEXT,
	after    TEXT,
	size     INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS messages (
	id       INTEGER PRIMARY KEY AUTOINCREMENT,
	queue    TEXT NOT NULL,
	body     TEXT NOT NULL,
	sent     INTEGER NOT NULL,
	visible  INTEGER NOT NULL,
	received INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (queue, visible, id);
CREATE TABLE IF NOT EXISTS control (
	kind    TEXT NOT NULL,
	id      TEXT NOT NULL,
	value   TEXT NOT NULL,
	version INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	PRIMARY KEY (kind, id)
) WITHOUT ROWID;
`

// DB is the file, open. Several processes may have it open at once.
type DB struct {
	write, read *sql.DB
	// label is when the file was made. It stands in the stream's ARN, as in AWS's.
	label string
	// records and messages ring when rows were added by this process; other processes' are found by polling.
	records, messages bell
}

// Open opens the file in the folder, and makes both if they are not there.
func Open(dir string) (*DB, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	path := filepath.Join(dir, FileName)
	db := &DB{}
	var err error
	// One connection writes, so that writers of this process wait in line instead of on SQLite's lock.
	if db.write, err = connect(path, 1); err != nil {
		return nil, err
	}
	if db.read, err = connect(path, max(2, runtime.GOMAXPROCS(0))); err != nil {
		return nil, errors.Join(err, db.write.Close())
	}
	if err := db.prepare(); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare %s: %w", path, err), db.Close())
	}
	return db, nil
}

func connect(path string, conns int) (*sql.DB, error) {
	// WAL with synchronous NORMAL hands every commit to the operating system: the process's death loses none of them.
	options := url.Values{
		"_pragma": {"busy_timeout(15000)", "journal_mode(WAL)", "synchronous(NORMAL)", "temp_store(MEMORY)"},
		"_txlock": {"immediate"},
	}
	file := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: options.Encode()}
	db, err := sql.Open("sqlite", file.String())
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

func (db *DB) prepare() error {
	return db.change(context.Background(), func(tx *sql.Tx) error {
		if _, err := tx.Exec(schema); err != nil {
			return err
		}
		made := time.Now().UTC().Format("2006-01-02T15:04:05.000")
		if _, err := tx.Exec(`INSERT OR IGNORE INTO labels VALUES ('made', ?)`, made); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT value FROM labels WHERE name = 'made'`).Scan(&db.label)
	})
}

// Close closes the file. Every call in progress must have returned.
func (db *DB) Close() error {
	return errors.Join(db.read.Close(), db.write.Close())
}

// change runs fn in one transaction that is committed if and only if fn returns nil.
func (db *DB) change(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// changeRows runs a statement for every row, in transactions of at most maxChunk rows.
func changeRows[R any](ctx context.Context, db *DB, statement string, rows []R, args func(R) []any) error {
	for len(rows) > 0 {
		chunk := rows[:min(len(rows), maxChunk)]
		rows = rows[len(chunk):]
		err := db.change(ctx, func(tx *sql.Tx) error {
			prepared, err := tx.PrepareContext(ctx, statement)
			if err != nil {
				return err
			}
			defer prepared.Close()
			for _, row := range chunk {
				if _, err := prepared.ExecContext(ctx, args(row)...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// bell wakes those who wait for new rows.
type bell struct {
	mu   sync.Mutex
	rung chan struct{}
}

// wait returns a channel that is closed at the next ring. Take it before looking for rows, so that none is missed.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung == nil {
		b.rung = make(chan struct{})
	}
	return b.rung
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.rung != nil {
		close(b.rung)
		b.rung = nil
	}
}
