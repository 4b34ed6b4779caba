package oktasim

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	journalName = "oktasim.jsonl"
	// compactAt is how long the journal grows before it is rewritten as a snapshot, at least.
	compactAt = 32 << 20
)

// journal is the state's file: a line of JSON for each request that changed anything, an array of changes. A line that was
// cut off by the death of the process is the last one, of a request that was not answered.
type journal struct {
	path string
	lock *FolderLock
	file *os.File
	// size is the file's, base its size when it was last rewritten.
	size, base int64
}

// openJournal locks the folder, reads the file into t and rewrites it as a snapshot. The lock comes first: rewriting the
// journal of a process that lives would leave it writing to a file that nobody finds again.
func openJournal(dir string, t *state) (*journal, error) {
	lock, err := LockFolder(dir)
	if err != nil {
		return nil, err
	}
	j := &journal{path: filepath.Join(dir, journalName), lock: lock}
	err = j.read(t)
	if err == nil {
		err = j.compact(t)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return j, nil
}

// read applies the file to t, if it is there.
func (j *journal) read(t *state) error {
	file, err := os.Open(j.path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return errors.Join(replay(file, t), file.Close())
}

// replay applies every whole line.
func replay(file io.Reader, t *state) error {
	lines := bufio.NewReaderSize(file, 1<<20)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read line %d: %w", n, err)
		}
		var changes []change
		if err := json.Unmarshal(line, &changes); err != nil {
			return fmt.Errorf("read line %d: %w", n, err)
		}
		for _, c := range changes {
			t.apply(c)
		}
	}
}

// write appends one line.
func (j *journal) write(changes []change, t *state) error {
	line, err := json.Marshal(changes)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	n, err := j.file.Write(append(line, '\n'))
	j.size += int64(n)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if j.size > compactAt && j.size > 4*j.base {
		return j.compact(t)
	}
	return nil
}

// compact writes the state beside the journal and puts it in its place.
func (j *journal) compact(t *state) error {
	next := j.path + ".new"
	file, err := os.Create(next)
	if err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	err = errors.Join(t.snapshot(out), out.Flush())
	if err == nil {
		err = os.Rename(next, j.path)
	}
	if err != nil {
		return fmt.Errorf("compact journal: %w", errors.Join(err, file.Close()))
	}
	if j.file != nil {
		err = j.file.Close()
	}
	info, statErr := file.Stat()
	if err = errors.Join(err, statErr); err != nil {
		return fmt.Errorf("compact journal: %w", err)
	}
	j.file, j.size, j.base = file, info.Size(), info.Size()
	return nil
}

func (j *journal) close() error {
	if err := errors.Join(j.file.Close(), j.lock.Unlock()); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// snapshot writes the state as the changes that lead to it from nothing, a line each.
func (t *state) snapshot(out io.Writer) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	var failed error
	put := func(c change) {
		line.Reset()
		err := encoder.Encode([]change{c})
		if err == nil {
			_, err = out.Write(line.Bytes())
		}
		failed = errors.Join(failed, err)
	}
	for _, id := range sortedKeys(t.users) {
		put(change{User: t.users[id]})
	}
	for _, x := range t.sessions {
		put(change{Session: x})
		for _, p := range x.People {
			put(change{Loaded: &loaded{x.ID, p}})
		}
	}
	for i := range t.logs {
		put(change{Log: &t.logs[i]})
	}
	for i := range t.violations {
		put(change{Violation: &t.violations[i]})
	}
	for _, name := range sortedKeys(t.attributes) {
		put(change{Declared: &declared{name, t.attributes[name]}})
	}
	for _, name := range sortedKeys(t.mapped) {
		put(change{Mapped: &mapped{name, t.mapped[name]}})
	}
	put(change{Counts: &counts{t.people, t.numbered, t.logged, t.free}})
	return failed
}
