// Package checkpoint remembers in a small file how far a command came, so that one that was interrupted goes on there.
package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// MaxAge is how old a checkpoint may be and still be gone on from. What it skips was read that long ago, and nobody who
// starts a command on another day means the rest of it.
const MaxAge = 24 * time.Hour

// File is the checkpoint of one run over one source. It is not safe for concurrent use. A nil File remembers nothing, as
// a dry run and a source that cannot be read twice want it.
type File struct {
	path  string
	state state
	saved bool
	// Resumed is when the run that is gone on with was last saved; zero for a run that begins.
	Resumed time.Time
	// Dropped is when a run was last saved that is too old to be gone on with; zero if there was none.
	Dropped time.Time
}

// state is the file's content.
type state struct {
	// Source is what is read, with everything that decides what its positions mean.
	Source string    `json:"source"`
	Saved  time.Time `json:"saved"`
	// Interruptions is how often the run was gone on with.
	Interruptions int               `json:"interruptions,omitempty"`
	Positions     map[string]string `json:"positions"`
	// Done is what the run did till the positions, in its own form.
	Done json.RawMessage `json:"done,omitempty"`
}

// ErrOther is returned by Open for a file that is of another source.
var ErrOther = errors.New("the checkpoint is of another run: name another file, or delete it")

// Open reads the checkpoint of a source, or begins one if there is none, or one too old, or where anew says so. Nothing is
// written before Save.
func Open(path, source string, anew bool) (*File, error) {
	f := &File{path: path, state: state{Source: source, Positions: map[string]string{}}}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read checkpoint: %w", err)
	}
	var old state
	switch err := json.Unmarshal(text, &old); {
	case err != nil:
		return nil, fmt.Errorf("read checkpoint %s: %w", path, err)
	case old.Source != source:
		return nil, fmt.Errorf("read checkpoint %s: %w", path, ErrOther)
	case anew:
		return f, nil
	case time.Since(old.Saved) > MaxAge:
		f.Dropped = old.Saved
		return f, nil
	}
	f.Resumed, f.saved = old.Saved, true
	f.state.Interruptions, f.state.Done = old.Interruptions+1, old.Done
	maps.Copy(f.state.Positions, old.Positions)
	return f, nil
}

// Path returns where the checkpoint of a source is by default: under the user's state folder, named after the source.
func Path(source string) (string, error) {
	folder := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(folder) {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("find folder for checkpoint: %w", err)
		}
		folder = filepath.Join(home, ".local", "state")
	}
	sum := sha256.Sum256([]byte(source))
	return filepath.Join(folder, "rollcall", plain(source)+"-"+hex.EncodeToString(sum[:6])+".json"), nil
}

// plain is what a file can be called of a source's name.
func plain(source string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, source)
	return name[:min(len(name), maxName)]
}

// maxName is how much of a source's name its file shows, in bytes; the hash tells the rest apart.
const maxName = 60

// At returns the position that was set under a name, empty if none was.
func (f *File) At(name string) string {
	if f == nil {
		return ""
	}
	return f.state.Positions[name]
}

// Set sets a position, which Save writes.
func (f *File) Set(name, position string) {
	if f != nil {
		f.state.Positions[name] = position
	}
}

// Interruptions is how often this run was interrupted and gone on with.
func (f *File) Interruptions() int {
	if f == nil {
		return 0
	}
	return f.state.Interruptions
}

// Done fills in what the run did before it was interrupted; nothing of one that begins.
func (f *File) Done(v any) error {
	if f == nil || f.state.Done == nil {
		return nil
	}
	if err := json.Unmarshal(f.state.Done, v); err != nil {
		return fmt.Errorf("read checkpoint %s: %w", f.path, err)
	}
	return nil
}

// SetDone notes what the run did till its positions, which Save writes.
func (f *File) SetDone(v any) error {
	if f == nil {
		return nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	f.state.Done = text
	return nil
}

// Kept returns where the file is that the run can be gone on from, empty if nothing was saved yet.
func (f *File) Kept() string {
	if f == nil || !f.saved {
		return ""
	}
	return f.path
}

// Save writes the file. One that a crash leaves half written is never seen.
func (f *File) Save() error {
	if f == nil {
		return nil
	}
	f.state.Saved = time.Now().UTC()
	text, err := json.Marshal(f.state)
	if err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	next := f.path + ".new"
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	if err := os.Rename(next, f.path); err != nil {
		return fmt.Errorf("save checkpoint: %w", err)
	}
	f.saved = true
	return nil
}

// Remove removes the file of a run that is done.
func (f *File) Remove() error {
	if f == nil {
		return nil
	}
	if err := os.Remove(f.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove checkpoint: %w", err)
	}
	f.saved = false
	return nil
}
