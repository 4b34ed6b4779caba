// Package review shows an operator who waits for a decision, the people held by the guard and the rejects, and what a
// flush would make of each by the table as it is now.
package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
)

// Reviewer reads the lists. Its fields are set once.
type Reviewer struct {
	Control *batcher.Control
	// Flusher is never run; it is asked what it would decide.
	Flusher *batcher.Flusher
	// Hash is an externalId's keyed hash, by which people may be picked; Name is what is shown of them.
	Hash, Name func(externalID string) string
}

// Entry is one who waits, with what would happen now.
type Entry struct {
	// Person is the name of who waits. Of a reject of which only the item or the record is known, it is the item's name
	// after "item:", or the record's after "record:".
	Person string    `json:"person"`
	Since  time.Time `json:"since"`
	// Reason is why they wait.
	Reason string `json:"reason"`
	// Now is what a flush would do: upsert, deactivate, nothing, reject or hold. It is empty where that is not known: of
	// a reject without an externalId, and where the table could not be read.
	Now batcher.Action `json:"now,omitempty"`
	// Why is the reason of a reject or hold in Now.
	Why string `json:"why,omitempty"`

	Held   batcher.Held   `json:"-"`
	Reject batcher.Reject `json:"-"`

	// names are what the entry may be picked by.
	names []string
}

// Pick says which entries are meant: those whose externalId, hash or shown name is among Names, or all.
type Pick struct {
	All   bool
	Names []string
}

// Held returns the picked people who are held, in order of their externalIds, with what their release would come to.
// After an error of the table the entries come all the same.
func (r Reviewer) Held(ctx context.Context, pick Pick) ([]Entry, error) {
	held, err := r.Control.Held(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(held)) // not nil: [] in JSON
	for i, h := range held {
		id := h.Intent.ExternalID
		entries[i] = Entry{Person: r.Name(id), Since: h.Since, Reason: h.Reason, Held: h, names: []string{id, r.Hash(id)}}
	}
	if entries, err = pick.from(entries, "held"); err != nil {
		return nil, err
	}
	return entries, r.foresee(ctx, entries, func(e *Entry) (intent.Intent, bool) {
		in := e.Held.Intent
		in.Approved = true
		return in, true
	})
}

// Rejects returns the picked rejects, with what their retry would come to. After an error of the table the entries come
// all the same.
func (r Reviewer) Rejects(ctx context.Context, pick Pick) ([]Entry, error) {
	rejects, err := r.Control.Rejects(ctx)
	if err != nil {
		return nil, err
	}
	entries := make([]Entry, len(rejects))
	for i, reject := range rejects {
		shown, hashed, plain := r.names(reject)
		entries[i] = Entry{
			Person: shown, Since: reject.At, Reason: reject.Reason, Reject: reject, names: []string{shown, hashed, plain},
		}
	}
	if entries, err = pick.from(entries, "rejected"); err != nil {
		return nil, err
	}
	return entries, r.foresee(ctx, entries, func(e *Entry) (intent.Intent, bool) { return e.Reject.Intent() })
}

// names returns what a reject is called: as it is shown, with the person hashed, and as it is.
func (r Reviewer) names(reject batcher.Reject) (shown, hashed, plain string) {
	switch id, key := reject.ExternalID, string(reject.Key); {
	case id != "":
		return r.Name(id), r.Hash(id), id
	case key != "":
		return "item:" + r.Name(key), "item:" + r.Hash(key), key
	default:
		name := "record:" + reject.Record
		return name, name, reject.Record
	}
}

// from returns the picked entries. A name that is nobody's is an error: what an operator mistyped must not pass for done.
func (p Pick) from(entries []Entry, state string) ([]Entry, error) {
	if p.All {
		return entries, nil
	}
	var unknown []string
	picked := make([]bool, len(entries))
	for _, name := range p.Names {
		found := false
		for i := range entries {
			if slices.Contains(entries[i].names, name) {
				picked[i], found = true, true
			}
		}
		if !found {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("not %s: %s", state, strings.Join(unknown, ", "))
	}
	chosen := []Entry{}
	for i := range entries {
		if picked[i] {
			chosen = append(chosen, entries[i])
		}
	}
	return chosen, nil
}

// foresee fills in what a flush of all these entries together would do. Those of whom asked returns no intent stay
// empty.
func (r Reviewer) foresee(ctx context.Context, entries []Entry, asked func(*Entry) (intent.Intent, bool)) error {
	var intents []intent.Intent
	var of []*Entry
	for i := range entries {
		if in, ok := asked(&entries[i]); ok {
			intents, of = append(intents, in), append(of, &entries[i])
		}
	}
	if len(intents) == 0 {
		return nil
	}
	decisions, err := Foresee(ctx, r.Flusher, intents)
	if err != nil {
		return err
	}
	for i, d := range decisions {
		of[i].Now, of[i].Why = d.Action, d.Reason
	}
	return nil
}

// Foresee returns what a flush of these intents together would do now, the guard included.
func Foresee(ctx context.Context, f *batcher.Flusher, intents []intent.Intent) ([]batcher.Decision, error) {
	decisions, err := f.Resolver().Resolve(ctx, intents)
	if err != nil {
		return nil, err
	}
	guard, err := f.GuardState(ctx)
	if err != nil {
		return nil, err
	}
	guard.Apply(decisions)
	return decisions, nil
}
