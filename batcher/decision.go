package batcher

import (
	"context"
	"fmt"
	"slices"

	"rollcall/intent"
)

// Action is what a flush does about a person, in a word.
type Action string

const (
	// DoNothing: an upsert's item is gone or belongs to somebody else.
	DoNothing Action = "nothing"
	// DoUpsert: Okta is told the person's profile.
	DoUpsert Action = "upsert"
	// DoDeactivate: Okta is told that the person left.
	DoDeactivate Action = "deactivate"
	// DoReject: the person cannot be told to Okta till somebody mends what the reason says.
	DoReject Action = "reject"
	// DoHold: a deactivation that waits for an operator.
	DoHold Action = "hold"
)

// Decision is what a flush would do about a person now.
type Decision struct {
	// Intent has every key under which the person may be.
	Intent intent.Intent
	Action Action
	// Profile is the JSON object that an upsert would upload.
	Profile []byte
	// Reason is why the person would be rejected or held; it names rules and attributes, never values.
	Reason string
	// Shadowed counts further active items with the same externalId.
	Shadowed int
	// Protected says that guard.protect names the person.
	Protected bool
}

// Resolver returns the resolver of this flusher's table and mapping.
func (f *Flusher) Resolver() *Resolver {
	return &Resolver{Table: f.Table, Mapping: f.Mapping, Indexed: f.Indexed, Protected: f.Protected}
}

// Resolve decides about each intent by the state of the table, in their order, as a flush that took them would before it
// asks the guard. An error is an outage and says nothing about anybody.
func (s *Resolver) Resolve(ctx context.Context, intents []intent.Intent) ([]Decision, error) {
	decisions := make([]Decision, 0, len(intents))
	for chunk := range slices.Chunk(intents, resolveChunk) {
		people, err := s.resolve(ctx, chunk)
		if err != nil {
			return nil, err
		}
		for i := range people {
			p := &people[i]
			decisions = append(decisions, Decision{
				Intent: p.intent, Action: Action(p.action.String()), Profile: p.profile, Reason: p.reason,
				Shadowed: p.shadowed, Protected: p.protected,
			})
		}
	}
	return decisions, nil
}

// GuardState is what the guard goes by at the moment.
type GuardState struct {
	// Limit is how many people may be deactivated in 24 h before the next are held.
	Limit int
	// Deactivated are the people who were, without an operator's approval, and Approved those who were with it. Neither
	// count again.
	Deactivated, Approved map[string]bool
	// AnybodyHeld says that further deactivations join those who are held, whatever their number.
	AnybodyHeld bool
}

// GuardState reads what the guard goes by.
func (f *Flusher) GuardState(ctx context.Context) (GuardState, error) {
	limits, err := f.guardLimits(ctx)
	if err != nil {
		return GuardState{}, err
	}
	past, _, err := f.Control.recent(ctx)
	if err != nil {
		return GuardState{}, err
	}
	return GuardState{
		Limit: limits.Limit(), Deactivated: past.deactivated, Approved: past.approved, AnybodyHeld: past.anybodyHeld,
	}, nil
}

func (g GuardState) past() recent {
	return recent{deactivated: g.Deactivated, approved: g.Approved, anybodyHeld: g.AnybodyHeld}
}

// Reason returns why the guard would hold deactivations of which so many are fresh: neither approved, nor protected, nor
// of people deactivated already within the 24 h. It is empty if they would pass.
func (g GuardState) Reason(fresh int) string { return g.past().reason(fresh, g.Limit) }

// Apply changes decisions to what the guard makes of them in one flush, and returns why it holds people; empty if it
// holds nobody.
func (g GuardState) Apply(decisions []Decision) string {
	people := make([]person, len(decisions))
	for i := range decisions {
		d := &decisions[i]
		people[i] = person{intent: d.Intent, protected: d.Protected}
		if d.Action == DoDeactivate {
			people[i].action = actDeactivate
		}
	}
	reason := guard(people, GuardLimits{Min: g.Limit}, g.past())
	for i := range decisions {
		if d := &decisions[i]; d.Action == DoDeactivate {
			d.Action, d.Reason = Action(people[i].action.String()), people[i].reason
		}
	}
	return reason
}

// guardLimits are the configured limits, of the table's item count where no number of people is.
func (f *Flusher) guardLimits(ctx context.Context) (GuardLimits, error) {
	limits := f.Guard
	if limits.People == 0 {
		n, err := f.Table.Count(ctx)
		if err != nil {
			return GuardLimits{}, fmt.Errorf("count the table's items: %w", err)
		}
		limits.People = n
	}
	return limits, nil
}
