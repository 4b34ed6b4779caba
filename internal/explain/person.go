package explain

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/compare"
	"rollcall/internal/status"
	"rollcall/mapping"
	"rollcall/okta"
)

// Explain tells of a person. Okta's failure to answer is part of what it tells; the table and the control table must
// answer.
func (x Explainer) Explain(ctx context.Context, externalID string) (Explanation, error) {
	e := Explanation{Person: x.Name(externalID)}
	keys, err := x.control(ctx, externalID, &e.Control)
	if err != nil {
		return Explanation{}, err
	}
	upsert := intent.Intent{ExternalID: externalID, Keys: keys}
	leave := intent.Intent{ExternalID: externalID, Keys: keys, Kind: intent.Deactivate}
	decisions, err := x.Flusher.Resolver().Resolve(ctx, []intent.Intent{upsert, leave})
	if err != nil {
		return Explanation{}, err
	}
	if e.Items, err = x.items(ctx, externalID, decisions[0].Intent.Keys); err != nil {
		return Explanation{}, err
	}
	guard, err := x.Flusher.GuardState(ctx)
	if err != nil {
		return Explanation{}, err
	}
	e.Guard = Guard{Deactivated: len(guard.Deactivated), Limit: guard.Limit, AnybodyHeld: guard.AnybodyHeld}
	if e.Okta, err = x.user(ctx, externalID, decisions[0].Profile); err != nil {
		return Explanation{}, err
	}
	if e.Queue, err = x.queue(ctx, externalID); err != nil {
		return Explanation{}, err
	}
	if e.Known = e.known(); e.Known {
		e.InStep = inStep(e.Okta, decisions)
	}
	e.Next = outlooks(guard, decisions)
	return e, nil
}

// known says that there is anything of the person. An item of another's, or of nobody, is none of theirs.
func (e Explanation) known() bool {
	theirs := slices.ContainsFunc(e.Items, func(i Item) bool { return i.State == Active || i.State == Inactive || i.State == Bad })
	c := e.Control
	entered := c.Held != nil || len(c.Rejects) > 0 || len(c.Watched) > 0 || c.Deactivated != nil
	return theirs || entered || e.Okta.There || e.Queue.Messages != nil && *e.Queue.Messages > 0
}

// queue tells what waits. What cannot be read is part of it.
func (x Explainer) queue(ctx context.Context, externalID string) (Queue, error) {
	q := Queue{Depths: []status.Queue{}}
	for _, named := range x.Queues {
		depth, err := named.Read(ctx)
		if err != nil {
			q.Unknown = append(q.Unknown, fmt.Sprintf("%s: %v", named.Name, err))
		}
		if depth != nil {
			q.Depths = append(q.Depths, *depth)
		}
	}
	if x.Peek == nil {
		return q, nil
	}
	messages := 0
	err := x.Peek.Peek(ctx, func(body string, _ bool) error {
		m, err := intent.Decode(body)
		if err == nil && slices.ContainsFunc(m.Intents, func(in intent.Intent) bool { return in.ExternalID == externalID }) {
			messages++
		}
		return nil
	})
	q.Messages = &messages
	return q, err
}

// items says what each item is to the person.
func (x Explainer) items(ctx context.Context, externalID string, keys []intent.Key) ([]Item, error) {
	found, bad, err := x.Flusher.Table.Get(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	view := x.Mapping.NewView()
	all := make([]Item, 0, len(keys))
	for _, key := range keys {
		item := Item{Key: x.Name(string(key)), State: Absent}
		if err := bad[key]; err != nil {
			item.State, item.Why = Bad, err.Error()
		} else if text, there := found[key]; there {
			if err := x.judge(&item, view, text, externalID); err != nil {
				item.State, item.Why = Bad, err.Error()
			}
		}
		all = append(all, item)
	}
	return all, nil
}

// judge fills in what an item is; an error is why it cannot be judged.
func (x Explainer) judge(item *Item, view *mapping.View, text []byte, externalID string) error {
	if err := view.Load(text); err != nil {
		return err
	}
	matches, err := view.Matches()
	if err != nil {
		return err
	}
	if !matches {
		item.State = NoPerson
		return nil
	}
	id, err := view.ExternalID()
	if err != nil {
		return err
	}
	if id != externalID {
		item.State = Another
		return nil
	}
	if item.Protected, err = view.Protected(); err != nil {
		return err
	}
	active, err := view.Active()
	if err != nil {
		return err
	}
	if item.State = Inactive; !active {
		return nil
	}
	mapped, err := view.AppendProfile(nil)
	if err != nil {
		return err
	}
	item.State = Active
	item.Profile, err = x.attributes(mapped)
	return err
}

func (x Explainer) attributes(mapped []byte) ([]Attribute, error) {
	var values map[string]*string
	if err := json.Unmarshal(mapped, &values); err != nil {
		return nil, fmt.Errorf("read profile: %w", err)
	}
	var all []Attribute
	for _, name := range x.Attributes {
		value, named := values[name]
		if !named {
			continue
		}
		if !x.Values {
			value = nil
		}
		all = append(all, Attribute{Name: name, Value: value})
	}
	return all, nil
}

// user asks Okta, and compares with the profile that an upsert would upload, if any.
func (x Explainer) user(ctx context.Context, externalID string, wanted []byte) (User, error) {
	u, err := x.Okta.GetUser(ctx, externalID)
	switch {
	case okta.IsNotFound(err):
		return User{}, nil
	case err != nil:
		if ctx.Err() != nil {
			return User{}, err
		}
		return User{Problem: err.Error()}, nil
	}
	user := User{There: true, Status: u.Status, LastUpdated: u.LastUpdated}
	if wanted != nil {
		if user.Differs, err = x.differing(u.Profile, wanted); err != nil {
			return User{}, fmt.Errorf("compare with Okta: %w", err)
		}
	}
	return user, nil
}

// differing returns which attributes Okta has otherwise, with their values if they are to be shown.
func (x Explainer) differing(has, wanted []byte) ([]compare.Attribute, error) {
	all, err := compare.New(x.Attributes).Compare(has, wanted)
	if !x.Values {
		for i := range all {
			all[i].Old, all[i].New = nil, nil
		}
	}
	return all, err
}

// inStep compares what Okta has with what the table says; nil if either does not say.
func inStep(u User, decisions []batcher.Decision) *bool {
	if u.Problem != "" {
		return nil
	}
	here := u.There && !(okta.User{Status: u.Status}).Out()
	var same bool
	switch decisions[0].Action {
	case batcher.DoUpsert:
		same = here && len(u.Differs) == 0
	case batcher.DoReject:
		return nil
	default: // not active under any key
		same = !here
	}
	return &same
}

// outlooks says what a flush would do if it were asked to upsert, and if it were asked to deactivate.
func outlooks(guard batcher.GuardState, decisions []batcher.Decision) []Outlook {
	var all []Outlook
	for i := range decisions {
		d := decisions[i : i+1 : i+1]
		before := d[0].Action
		guard.Apply(d)
		o := Outlook{Asked: d[0].Intent.Kind.String(), Now: d[0].Action, Why: d[0].Reason}
		if o.Why == "" {
			o.Why = why(before, d[0])
		}
		all = append(all, o)
	}
	if all[0].Now == all[1].Now && all[0].Why == all[1].Why {
		all = all[:1]
		all[0].Asked = ""
	}
	return all
}

func why(a batcher.Action, d batcher.Decision) string {
	switch a {
	case batcher.DoUpsert:
		if d.Shadowed > 0 {
			return fmt.Sprintf("the item is active; so are others with the same externalId (%d), the smallest key counts", d.Shadowed)
		}
		return "the item is active"
	case batcher.DoDeactivate:
		return "no item of the person is active"
	}
	return "there is no item of the person, and an upsert never deactivates"
}
