package batcher

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"rollcall/intent"
)

// The entries of held people, rejects and watches. Intents are stored in the wire form of package intent, so that there
// is one form to keep readable for ever.

type heldValue struct {
	Since   time.Time       `json:"since"`
	Reason  string          `json:"reason"`
	Message json.RawMessage `json:"message"`
}

// encodeHeld makes the entry of a person to hold. What is held is a deactivation, also where an upsert came to it by an
// inactive item: that item may be gone when the person is released, and its removal join those held already.
func encodeHeld(p *person, now time.Time) (Entry, error) {
	in := p.intent
	in.Kind = intent.Deactivate
	message, err := intent.Append(nil, intent.Message{Intents: []intent.Intent{in}})
	if err != nil {
		return Entry{}, fmt.Errorf("encode held person: %w", err)
	}
	value, err := json.Marshal(heldValue{Since: now.UTC(), Reason: p.reason, Message: message})
	if err != nil {
		return Entry{}, fmt.Errorf("encode held person: %w", err)
	}
	return Entry{Kind: kindHeld, ID: p.intent.ExternalID, Value: value}, nil
}

func decodeHeld(e Entry) (Held, error) {
	var v heldValue
	if err := json.Unmarshal(e.Value, &v); err != nil {
		return Held{}, err
	}
	message, err := intent.Decode(string(v.Message))
	if err != nil {
		return Held{}, err
	}
	if len(message.Intents) != 1 {
		return Held{}, fmt.Errorf("%d intents in one held entry", len(message.Intents))
	}
	return Held{Intent: message.Intents[0], Since: v.Since, Reason: v.Reason, entry: e}, nil
}

// rejectOf makes the reject of an intent's person.
func rejectOf(in intent.Intent, reason string, at time.Time) intent.Reject {
	return intent.Reject{
		ExternalID: in.ExternalID, Kind: in.Kind, Protected: in.Protected, Key: firstKey(in), Reason: reason, At: at,
	}
}

func encodeReject(r intent.Reject) (Entry, error) {
	value, err := intent.Append(nil, intent.Message{Rejects: []intent.Reject{r}})
	if err != nil {
		return Entry{}, fmt.Errorf("encode reject: %w", err)
	}
	return Entry{Kind: kindReject, ID: rejectID(r), Value: value}, nil
}

// rejectID is the person where known, else the item, else the record, so that the same fault is one entry however often
// it is met.
func rejectID(r intent.Reject) string {
	switch {
	case r.ExternalID != "":
		return personRejectID(r.ExternalID)
	case r.Key != "":
		return keyRejectID(r.Key)
	default:
		return "record:" + r.Record
	}
}

func personRejectID(externalID string) string { return "person:" + externalID }

func keyRejectID(key intent.Key) string { return "item:" + string(key) }

func decodeReject(e Entry) (Reject, error) {
	message, err := intent.Decode(string(e.Value))
	if err != nil {
		return Reject{}, err
	}
	if len(message.Rejects) != 1 {
		return Reject{}, fmt.Errorf("%d rejects in one entry", len(message.Rejects))
	}
	return Reject{Reject: message.Rejects[0], entry: e}, nil
}

func (c *Control) putOutcome(ctx context.Context, o SessionOutcome) error {
	value, err := json.Marshal(o)
	if err != nil {
		return fmt.Errorf("encode session outcome: %w", err)
	}
	entry := Entry{Kind: kindSession, ID: o.Session, Value: value, Expires: o.Ended.Add(outcomesKept)}
	if err := c.store.Put(ctx, []Entry{entry}); err != nil {
		return fmt.Errorf("put session outcome: %w", err)
	}
	return nil
}

// putRejects enters rejects. One that is there already for the same reason keeps its time, which is when that was first
// found; it is written all the same, since a run that began before must not clear what was found anew. What any of them said
// of the person's protection stays.
func (c *Control) putRejects(ctx context.Context, rejects []intent.Reject) error {
	before, err := c.store.List(ctx, kindReject)
	if err != nil {
		return fmt.Errorf("list rejects: %w", err)
	}
	known := make(map[string]intent.Reject, len(before))
	for _, e := range before {
		if r, err := decodeReject(e); err == nil { // that of a newer release is only replaced
			known[e.ID] = r.Reject
		}
	}
	entries := make([]Entry, 0, len(rejects))
	for _, r := range rejects {
		old := known[rejectID(r)]
		if r.Protected = r.Protected || old.Protected; r.Reason == old.Reason && !old.At.IsZero() {
			r.At = old.At
		}
		entry, err := encodeReject(r)
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	if err := c.store.Put(ctx, entries); err != nil {
		return fmt.Errorf("enter rejects: %w", err)
	}
	return nil
}
