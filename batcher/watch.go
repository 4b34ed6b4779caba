package batcher

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"rollcall/intent"
)

// watch notes the triggered session with the intents that it stands for, till it is known to have ended.
func (r *run) watch(ctx context.Context) error {
	if r.triggered.IsZero() {
		return nil
	}
	w := Watch{Session: r.session.ID, Triggered: r.triggered}
	for i := range r.people {
		if p := &r.people[i]; p.fate == loaded {
			w.Intents = append(w.Intents, p.intent)
		}
	}
	return r.Control.putWatch(ctx, w)
}

// Watch is a triggered session that is not yet known to have ended.
type Watch struct {
	Session   string
	Triggered time.Time
	Intents   []intent.Intent
	entries   []Entry
}

type watchValue struct {
	Session   string          `json:"session"`
	Triggered time.Time       `json:"triggered"`
	Part      int             `json:"part"`
	Message   json.RawMessage `json:"message"`
}

// Watches returns the watches in order of their sessions, each joined from its parts.
func (c *Control) Watches(ctx context.Context) ([]Watch, error) {
	entries, err := c.store.List(ctx, kindWatch)
	if err != nil {
		return nil, fmt.Errorf("list watches: %w", err)
	}
	var watches []Watch
	for _, e := range entries {
		var v watchValue
		if err := json.Unmarshal(e.Value, &v); err != nil {
			return nil, fmt.Errorf("read watch: %w", err)
		}
		message, err := intent.Decode(string(v.Message))
		if err != nil {
			return nil, fmt.Errorf("read watch: %w", err)
		}
		i := slices.IndexFunc(watches, func(w Watch) bool { return w.Session == v.Session })
		if i < 0 {
			i = len(watches)
			watches = append(watches, Watch{Session: v.Session, Triggered: v.Triggered})
		}
		watches[i].Intents = append(watches[i].Intents, message.Intents...)
		watches[i].entries = append(watches[i].entries, e)
	}
	return watches, nil
}

// putWatch stores a watch in as many parts as the size of an entry asks for.
func (c *Control) putWatch(ctx context.Context, w Watch) error {
	messages, err := intent.Pack(intent.Message{Intents: w.Intents})
	if err != nil {
		return fmt.Errorf("encode watch: %w", err)
	}
	var entries []Entry
	for part, message := range messages {
		var value bytes.Buffer
		encoder := json.NewEncoder(&value)
		encoder.SetEscapeHTML(false) // a message of the most bytes must not grow sixfold here
		err := encoder.Encode(watchValue{
			Session: w.Session, Triggered: w.Triggered.UTC(), Part: part, Message: json.RawMessage(message),
		})
		if err != nil {
			return fmt.Errorf("encode watch: %w", err)
		}
		entries = append(entries, Entry{Kind: kindWatch, ID: w.Session + "/" + strconv.Itoa(part), Value: bytes.TrimSpace(value.Bytes())})
	}
	if err := c.store.Put(ctx, entries); err != nil {
		return fmt.Errorf("put watch: %w", err)
	}
	return nil
}

func (c *Control) dropWatch(ctx context.Context, w Watch) error {
	if err := c.store.Delete(ctx, w.entries); err != nil {
		return fmt.Errorf("drop watch: %w", err)
	}
	return nil
}
