package batcher

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"rollcall/intent"
	"rollcall/mapping"
	"rollcall/okta"
)

// resolveChunk is how many people are read and mapped at a time, so that their items are not all held at once.
const resolveChunk = 500

// resolve asks the table what the people of the inbox are now. From here on the intents' kinds matter only for those
// whose item is missing.
func (r *run) resolve(ctx context.Context) error {
	if err := r.readRejects(ctx); err != nil {
		return err
	}
	intents := r.coalesced()
	r.people = make([]person, 0, len(intents))
	resolver := r.Resolver()
	for chunk := range slices.Chunk(intents, resolveChunk) {
		people, err := resolver.resolve(ctx, chunk)
		if err != nil {
			return err
		}
		r.people = append(r.people, people...)
	}
	for i := range r.people {
		r.report.Shadowed += r.people[i].shadowed
	}
	r.report.People = len(r.people)
	return nil
}

// readRejects notes the rejects there are before anybody is loaded: only those are cleared afterwards.
func (r *run) readRejects(ctx context.Context) error {
	rejects, err := r.Control.store.List(ctx, kindReject)
	if err != nil {
		return fmt.Errorf("list rejects: %w", err)
	}
	r.rejectsBefore = make(map[string]Entry, len(rejects))
	for _, e := range rejects {
		r.rejectsBefore[e.ID] = e
	}
	r.report.RejectsOpen = len(rejects)
	return nil
}

// Resolver turns intents into people by the state of the table. It is shared by the flusher and by the commands that
// tell what a flush would do.
type Resolver struct {
	Table   Table
	Mapping *mapping.Mapping
	Indexed bool
	// Protected are the externalIds that are never deactivated; those whom an expression protects, the mapping knows.
	Protected map[string]bool
}

// resolve reads the items of all keys of the intents and decides about each person. An error is an outage and says
// nothing about anybody.
func (s *Resolver) resolve(ctx context.Context, intents []intent.Intent) ([]person, error) {
	people := make([]person, len(intents))
	for i, in := range intents {
		people[i].intent = in
	}
	if err := s.findKeys(ctx, people); err != nil {
		return nil, fmt.Errorf("find items by externalId: %w", err)
	}
	var keys []intent.Key
	for i := range people {
		keys = append(keys, people[i].intent.Keys...)
	}
	slices.Sort(keys)
	found, bad, err := s.Table.Get(ctx, slices.Compact(keys))
	if err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	view := s.Mapping.NewView()
	for i := range people {
		s.decide(&people[i], view, found, bad)
	}
	return people, nil
}

// finders is how many people are looked for at once.
const finders = 8

// findKeys adds the keys that the table knows for people whose intents do not settle where they are.
func (s *Resolver) findKeys(ctx context.Context, people []person) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan *person)
	var work sync.WaitGroup
	for range min(finders, len(people)) {
		work.Go(func() {
			for p := range next {
				found, err := s.Table.Find(ctx, p.intent.ExternalID)
				if err != nil {
					cancel(err)
					continue
				}
				p.intent.Keys = union(p.intent.Keys, found)
			}
		})
	}
	for i := range people {
		if p := &people[i]; s.Indexed || len(p.intent.Keys) == 0 {
			next <- p
		}
	}
	close(next)
	work.Wait()
	return context.Cause(ctx)
}

// decide applies the table of the design: active under any key is an upsert, of the smallest such key; else inactive
// under any key is a deactivation; else the intent's kind decides. An item that cannot be judged makes a reject, unless
// the person is active under another key: bad content is never taken for absence. Whether an expression protects somebody
// is for their item to say, and for the intent where there is none of theirs.
func (s *Resolver) decide(p *person, view *mapping.View, found map[intent.Key][]byte, bad map[intent.Key]error) {
	id := p.intent.ExternalID
	var fault error
	inactive := false
	for _, key := range p.intent.Keys {
		if err := bad[key]; err != nil {
			fault = firstOf(fault, fmt.Errorf("malformed key: %w", err))
			continue
		}
		item, there := found[key]
		if !there {
			continue
		}
		active, theirs, err := judge(view, item, id)
		switch {
		case err != nil:
			fault = firstOf(fault, err)
		case !theirs:
		case !active:
			inactive = true
			protected, err := view.Protected()
			p.protected = p.protected || protected
			p.intent.Protected = p.intent.Protected || protected // said on, for when the item is gone
			fault = firstOf(fault, err)
		case p.action == actUpsert:
			p.shadowed++
		default:
			profile, err := view.AppendProfile(nil)
			if err != nil {
				fault = firstOf(fault, err)
				continue
			}
			p.action, p.profile = actUpsert, profile
		}
	}
	if p.action == actUpsert {
		p.intent.Approved = false // who is back does not leave by what an operator said of another day
		return
	}
	p.protected = p.protected || s.Protected[id] || p.intent.Protected && !inactive
	fault = firstOf(fault, okta.CheckExternalID(id))
	switch {
	case fault != nil:
		p.action, p.reason = actReject, fault.Error()
	case inactive, p.intent.Kind == intent.Deactivate:
		p.action = actDeactivate
	default:
		p.action = actNothing
	}
}

// judge tells whether the item is this person's, and whether it is active. An item that does not match is nobody's.
func judge(view *mapping.View, item []byte, externalID string) (active, theirs bool, err error) {
	if err := view.Load(item); err != nil {
		return false, false, err
	}
	matches, err := view.Matches()
	if err != nil || !matches {
		return false, false, err
	}
	id, err := view.ExternalID()
	if err != nil || id != externalID {
		return false, false, err
	}
	active, err = view.Active()
	return active, true, err
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}
