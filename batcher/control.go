package batcher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rollcall/intent"
)

// Kinds of entries in the control table.
const (
	kindControl     = "control"
	kindWatch       = "watch"
	kindHeld        = "held"
	kindReject      = "reject"
	kindDeactivated = "deactivated"
	kindApproved    = "approved"
	kindSession     = "session"
)

const stateID = "state"

// guardWindow is how long a deactivation counts for the guard.
const guardWindow = 24 * time.Hour

// outcomesKept is how long the outcome of a session can be looked up.
const outcomesKept = 30 * 24 * time.Hour

// swapTries is how often a change of the control item is tried anew when somebody else was faster.
const swapTries = 10

// Control is what outlives a run, in the control table.
type Control struct {
	store Store
}

// NewControl returns the control over a store.
func NewControl(store Store) *Control { return &Control{store: store} }

// State is the control item.
type State struct {
	// Owner holds the lease until Until.
	Owner string    `json:"owner,omitempty"`
	Until time.Time `json:"until,omitzero"`
	// Paused stops every run before it receives anything; ObserveOnly stops it before it opens a session.
	Paused      bool `json:"paused,omitempty"`
	ObserveOnly bool `json:"observeOnly,omitempty"`
	// ChangedBy and ChangedAt tell who paused, resumed or set to observe.
	ChangedBy string    `json:"changedBy,omitempty"`
	ChangedAt time.Time `json:"changedAt,omitzero"`
	// NextTry is the earliest time of the next call to Okta; Failures counts the runs that failed in a row.
	NextTry  time.Time `json:"nextTry,omitzero"`
	Failures int       `json:"failures,omitempty"`
	// Refusals tells how long Okta has been taking nobody.
	Refusals Refusals `json:"refusals,omitzero"`
}

// Refusals counts, of each kind, the runs in a row in which Okta refused everybody. A run that told Okta of nobody is not
// one of the row and does not end it; only a run does in which Okta took somebody of whom the setup can be judged.
type Refusals struct {
	Upserts       int `json:"upserts,omitempty"`
	Deactivations int `json:"deactivations,omitempty"`
}

func (n *Refusals) of(kind action) *int {
	if kind == actUpsert {
		return &n.Upserts
	}
	return &n.Deactivations
}

// State reads the control item.
func (c *Control) State(ctx context.Context) (State, error) {
	state, _, err := c.state(ctx)
	return state, err
}

func (c *Control) state(ctx context.Context) (State, Entry, error) {
	entry, err := c.store.Get(ctx, kindControl, stateID)
	if err != nil {
		return State{}, Entry{}, fmt.Errorf("read control item: %w", err)
	}
	var state State
	if entry.Version != 0 {
		if err := json.Unmarshal(entry.Value, &state); err != nil {
			return State{}, Entry{}, fmt.Errorf("read control item: %w", err)
		}
	}
	entry.Kind, entry.ID = kindControl, stateID
	return state, entry, nil
}

// Change changes the control item by a conditional write. The function may be called again when somebody else was
// faster; it returns false to leave the item as it is.
func (c *Control) Change(ctx context.Context, change func(*State) bool) (State, error) {
	for range swapTries {
		state, entry, err := c.state(ctx)
		if err != nil {
			return State{}, err
		}
		if !change(&state) {
			return state, nil
		}
		if entry.Value, err = json.Marshal(state); err != nil {
			return State{}, fmt.Errorf("write control item: %w", err)
		}
		err = c.store.Swap(ctx, entry)
		if err == nil {
			return state, nil
		}
		if !errors.Is(err, ErrConflict) {
			return State{}, fmt.Errorf("write control item: %w", err)
		}
	}
	return State{}, fmt.Errorf("write control item: %w", ErrConflict)
}

// Held is a deactivation that waits for an operator.
type Held struct {
	Intent intent.Intent
	Since  time.Time
	Reason string
	entry  Entry
}

// Held returns who is held, in order of their externalIds.
func (c *Control) Held(ctx context.Context) ([]Held, error) {
	return listAs(ctx, c.store, kindHeld, decodeHeld)
}

// Rejects returns who and what is rejected.
func (c *Control) Rejects(ctx context.Context) ([]Reject, error) {
	return listAs(ctx, c.store, kindReject, decodeReject)
}

// Reject is an entry of the list of rejects.
type Reject struct {
	intent.Reject
	entry Entry
}

// Intent returns the intent that asks once more for what was rejected, and false if it is not known of whom.
func (r Reject) Intent() (in intent.Intent, known bool) {
	if r.ExternalID == "" {
		return intent.Intent{}, false
	}
	in = intent.Intent{ExternalID: r.ExternalID, Kind: r.Kind, Protected: r.Protected}
	if r.Key != "" {
		in.Keys = []intent.Key{r.Key}
	}
	return in, true
}

// Outcomes returns the sessions of the last 30 days that ended, in order of their IDs.
func (c *Control) Outcomes(ctx context.Context) ([]SessionOutcome, error) {
	return listAs(ctx, c.store, kindSession, func(e Entry) (SessionOutcome, error) {
		var o SessionOutcome
		err := json.Unmarshal(e.Value, &o)
		return o, err
	})
}

// SessionOutcome is how a session ended and how long its changes took.
type SessionOutcome struct {
	Session string    `json:"session"`
	Status  string    `json:"status"`
	Ended   time.Time `json:"ended"`
	People  int       `json:"people"`
	// Median and Slowest are the seconds from the change in the table to the session's end.
	Median  float64 `json:"medianSeconds,omitempty"`
	Slowest float64 `json:"slowestSeconds,omitempty"`
}

// Deactivated is a person who was deactivated within the guard's 24 h without an operator's approval.
type Deactivated struct {
	ExternalID string    `json:"-"`
	Session    string    `json:"session"`
	At         time.Time `json:"at"`
}

// Deactivated returns who was deactivated within the guard's window and counts for it, in order of their externalIds.
func (c *Control) Deactivated(ctx context.Context) ([]Deactivated, error) {
	return listAs(ctx, c.store, kindDeactivated, func(e Entry) (Deactivated, error) {
		d := Deactivated{ExternalID: e.ID}
		err := json.Unmarshal(e.Value, &d)
		return d, err
	})
}

// recent reads what the guard goes by, and who is held. Of those deactivated only who it was matters, so that an entry
// that cannot be read counts too.
func (c *Control) recent(ctx context.Context) (past recent, held []Held, err error) {
	if past.deactivated, err = c.ids(ctx, kindDeactivated); err != nil {
		return past, nil, err
	}
	if past.approved, err = c.ids(ctx, kindApproved); err != nil {
		return past, nil, err
	}
	held, err = c.Held(ctx)
	past.anybodyHeld = len(held) > 0
	return past, held, err
}

func (c *Control) ids(ctx context.Context, kind string) (map[string]bool, error) {
	entries, err := c.store.List(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("list %s entries: %w", kind, err)
	}
	ids := make(map[string]bool, len(entries))
	for _, e := range entries {
		ids[e.ID] = true
	}
	return ids, nil
}

// enterDeactivated notes people for the guard before Okta is told. Those whom an operator approved do not count; they are
// noted apart, so that copies of their intents that came without the approval do not count either.
func (c *Control) enterDeactivated(ctx context.Context, people []person, past recent, session string, now time.Time) error {
	value, err := json.Marshal(map[string]any{"session": session, "at": now.UTC()})
	if err != nil {
		return fmt.Errorf("encode deactivated people: %w", err)
	}
	var entries []Entry
	for i := range people {
		in := people[i].intent
		e := Entry{Kind: kindDeactivated, ID: in.ExternalID, Value: value, Expires: now.Add(guardWindow)}
		switch {
		case people[i].action != actDeactivate:
			continue
		case in.Approved:
			e.Kind = kindApproved
		case past.approved[in.ExternalID]:
			continue
		}
		entries = append(entries, e)
	}
	if err := c.store.Put(ctx, entries); err != nil {
		return fmt.Errorf("enter deactivated people: %w", err)
	}
	return nil
}

// listAs lists a kind and decodes its entries. One that cannot be decoded fails the list: it is ours, and skipping it
// could lose a person.
func listAs[T any](ctx context.Context, store Store, kind string, decode func(Entry) (T, error)) ([]T, error) {
	entries, err := store.List(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("list %s entries: %w", kind, err)
	}
	all := make([]T, 0, len(entries))
	for _, e := range entries {
		one, err := decode(e)
		if err != nil {
			return nil, fmt.Errorf("read %s entry: %w", kind, err)
		}
		all = append(all, one)
	}
	return all, nil
}
