package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/compare"
	"rollcall/internal/items"
	"rollcall/internal/scan"
	"rollcall/mapping"
	"rollcall/okta"
)

const (
	whyInactive  = "inactive in the table"
	whyMissing   = "not in the table"
	whyProtected = "protected by guard.protect: never deactivated"
	whyTooLarge  = "profile: larger than one load may be"
)

// maker makes one plan.
type maker struct {
	Options
	roster *roster
	view   *mapping.View
	// people are those of the table by externalId, but for Unchanged ones whom Okta has: those are seen in the roster.
	people map[string]*difference
	// several are people of whom more than one item was met; which of them counts is the Resolver's to say.
	several map[string]bool
	// nobody are rejected items of which it cannot be told whose they are.
	nobody []Person
	totals Totals
}

// difference is what is kept of a person.
type difference struct {
	change     Change
	why        string
	attributes []compare.Attribute
	// size is what an upsert adds to a load, in bytes.
	size int
}

// page takes in a page of the table.
func (m *maker) page(p scan.Page) error {
	for _, item := range p.Items {
		if err := m.take(item); err != nil {
			return err
		}
	}
	m.totals.Items += len(p.Items)
	m.Scanned(len(p.Items))
	return nil
}

// take compares the person of an item.
func (m *maker) take(item []byte) error {
	if err := m.view.Load(item); err != nil {
		m.reject(item, err)
		return nil
	}
	matches, err := m.view.Matches()
	switch {
	case err != nil:
		m.reject(item, err)
		return nil
	case !matches:
		m.totals.Others++
		return nil
	}
	id, err := m.view.ExternalID()
	if err != nil {
		m.reject(item, err)
		return nil
	}
	u := m.roster.users[id]
	if m.people[id] != nil || u != nil && u.seen {
		m.several[id] = true
		return nil
	}
	if u != nil {
		u.seen = true
	}
	d, err := m.judge(id, u)
	if err != nil {
		return err
	}
	m.enter(id, u, d)
	return nil
}

// unchanged is everybody of the table whom Okta does not have and need not be told of.
var unchanged = &difference{change: Unchanged}

// enter notes what was found of a person, nil for Unchanged.
func (m *maker) enter(id string, u *user, d *difference) {
	switch {
	case d != nil:
		m.people[id] = d
	case u == nil:
		m.people[id] = unchanged
	default:
		delete(m.people, id)
	}
}

// judge compares the person of the view with the user whom Okta has, if any. It returns nil for one who is Unchanged.
func (m *maker) judge(id string, u *user) (*difference, error) {
	active, err := m.view.Active()
	if err != nil {
		return &difference{change: Rejected, why: err.Error()}, nil
	}
	if !active {
		protected, err := m.view.Protected()
		if err != nil {
			return &difference{change: Rejected, why: err.Error()}, nil
		}
		return m.leaver(id, u, protected, whyInactive), nil
	}
	profile, err := m.view.AppendProfile(nil)
	if err != nil {
		return &difference{change: Rejected, why: err.Error()}, nil
	}
	return m.joiner(id, u, profile)
}

// leaver compares a person who is not active.
func (m *maker) leaver(id string, u *user, protected bool, why string) *difference {
	switch {
	case u == nil || u.out:
		return nil
	case protected || m.Flusher.Protected[id]:
		return &difference{change: Rejected, why: whyProtected}
	}
	return &difference{change: Deactivate, why: why, size: okta.DeleteSize(id)}
}

// joiner compares a person who is active.
func (m *maker) joiner(id string, u *user, profile []byte) (*difference, error) {
	d := &difference{change: Create, size: okta.UpsertSize(id, len(profile))}
	if d.size+okta.LoadEnvelope > okta.MaxLoadBytes {
		return &difference{change: Rejected, why: whyTooLarge}, nil
	}
	if u == nil {
		return d, nil
	}
	var err error
	if d.attributes, err = m.roster.differing(u, profile, m.Values); err != nil {
		return nil, err
	}
	switch {
	case u.out:
		d.change = Reactivate
	case len(d.attributes) > 0:
		d.change = Update
	default:
		return nil, nil
	}
	return d, nil
}

// reject enters an item of which it cannot be told whose it is.
func (m *maker) reject(item []byte, reason error) {
	name := "item:" + m.Name(m.key(item))
	m.nobody = append(m.nobody, Person{Person: name, Change: Rejected, Why: reason.Error()})
}

// key returns the item's primary key, or nothing where it has none.
func (m *maker) key(item []byte) string {
	parsed, err := items.Parse(item)
	if err != nil {
		return ""
	}
	schema := items.Schema{Partition: items.Attribute{Name: m.Partition}, Sort: items.Attribute{Name: m.Sort}}
	schema.Partition.Type, _, _ = parsed.Attribute(m.Partition)
	schema.Sort.Type, _, _ = parsed.Attribute(m.Sort)
	key, err := schema.Key(parsed)
	if err != nil {
		return ""
	}
	return string(key)
}

// settleSeveral decides about people with several items as a flush would.
func (m *maker) settleSeveral(ctx context.Context) error {
	var intents []intent.Intent
	for _, id := range slices.Sorted(maps.Keys(m.several)) {
		intents = append(intents, intent.Intent{ExternalID: id})
	}
	decisions, err := m.Flusher.Resolver().Resolve(ctx, intents)
	if err != nil {
		return fmt.Errorf("look at people with several items: %w", err)
	}
	for _, decision := range decisions {
		u := m.roster.users[decision.Intent.ExternalID]
		d, err := m.decided(decision, u)
		if err != nil {
			return err
		}
		m.enter(decision.Intent.ExternalID, u, d)
	}
	return nil
}

func (m *maker) decided(decision batcher.Decision, u *user) (*difference, error) {
	id := decision.Intent.ExternalID
	switch decision.Action {
	case batcher.DoUpsert:
		return m.joiner(id, u, decision.Profile)
	case batcher.DoReject:
		return &difference{change: Rejected, why: decision.Reason}, nil
	case batcher.DoDeactivate:
		return m.leaver(id, u, decision.Protected, whyInactive), nil
	}
	return m.leaver(id, u, decision.Protected, whyMissing), nil
}
