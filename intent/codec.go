package intent

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Append appends the message as Version writes it: one JSON object without white space, of characters that SQS takes,
// zero members left out. It does not look at MaxIntents and MaxBytes; a Packer does. An ID or a reason that is not UTF-8
// is an error, and dst is returned as it was.
//
//	{"v":1,"trace":"…","group":"…",
//	 "intents":[{"id":"jane","do":"upsert","keys":[{"id":{"S":"jane"}}],"changed":1700000000,
//	             "approved":true,"protected":true,"again":true,"attempt":2,"suspect":1}],
//	 "rejects":[{"reason":"…","id":"jane","do":"deactivate","protected":true,"key":{"id":{"S":"jane"}},"record":"…",
//	             "at":1700000000000}]}
//
// Changed is in Unix seconds, the precision of a stream record; at is in Unix milliseconds.
func Append(dst []byte, m Message) ([]byte, error) {
	body, err := appendHead(dst, m.Trace, m.Group)
	if err != nil {
		return dst, err
	}
	for i := range m.Intents {
		body = append(body, separator(i, `,"intents":[`)...)
		if body, err = appendIntent(body, &m.Intents[i]); err != nil {
			return dst, err
		}
	}
	body = closeArray(body, len(m.Intents))
	for i := range m.Rejects {
		body = append(body, separator(i, `,"rejects":[`)...)
		if body, err = appendReject(body, &m.Rejects[i]); err != nil {
			return dst, err
		}
	}
	body = closeArray(body, len(m.Rejects))
	return append(body, '}'), nil
}

// separator is what stands before the element of an array at index i.
func separator(i int, open string) string {
	if i == 0 {
		return open
	}
	return ","
}

func closeArray(dst []byte, n int) []byte {
	if n == 0 {
		return dst
	}
	return append(dst, ']')
}

func appendHead(dst []byte, trace, group string) ([]byte, error) {
	dst = append(dst, `{"v":`...)
	dst = strconv.AppendInt(dst, Version, 10)
	dst, err := appendText(dst, `,"trace":`, trace)
	if err != nil {
		return dst, fmt.Errorf("write trace: %w", err)
	}
	if dst, err = appendText(dst, `,"group":`, group); err != nil {
		return dst, fmt.Errorf("write group: %w", err)
	}
	return dst, nil
}

var errNoID = errors.New("no id")

func appendIntent(dst []byte, in *Intent) ([]byte, error) {
	if in.ExternalID == "" { // which would make the whole message unreadable
		return dst, errNoID
	}
	dst = append(dst, `{"id":`...)
	dst, err := appendString(dst, in.ExternalID)
	if err != nil {
		return dst, fmt.Errorf("write externalId: %w", err)
	}
	dst = append(dst, `,"do":"`...)
	dst = append(dst, in.Kind.String()...)
	dst = append(dst, '"')
	for i, key := range in.Keys {
		dst = append(dst, separator(i, `,"keys":[`)...)
		dst = appendKey(dst, key)
	}
	dst = closeArray(dst, len(in.Keys))
	if !in.Changed.IsZero() {
		dst = append(dst, `,"changed":`...)
		dst = strconv.AppendInt(dst, in.Changed.Unix(), 10)
	}
	if in.Approved {
		dst = append(dst, `,"approved":true`...)
	}
	if in.Protected {
		dst = append(dst, `,"protected":true`...)
	}
	if in.Again {
		dst = append(dst, `,"again":true`...)
	}
	dst = appendCount(dst, `,"attempt":`, in.Attempt)
	dst = appendCount(dst, `,"suspect":`, in.Suspect)
	return append(dst, '}'), nil
}

func appendReject(dst []byte, r *Reject) ([]byte, error) {
	dst = append(dst, `{"reason":`...)
	dst, err := appendString(dst, r.Reason)
	if err != nil {
		return dst, fmt.Errorf("write reason: %w", err)
	}
	if dst, err = appendText(dst, `,"id":`, r.ExternalID); err != nil {
		return dst, fmt.Errorf("write externalId: %w", err)
	}
	if r.Kind == Deactivate {
		dst = append(dst, `,"do":"deactivate"`...)
	}
	if r.Protected {
		dst = append(dst, `,"protected":true`...)
	}
	if r.Key != "" {
		dst = append(dst, `,"key":`...)
		dst = appendKey(dst, r.Key)
	}
	if dst, err = appendText(dst, `,"record":`, r.Record); err != nil {
		return dst, fmt.Errorf("write record: %w", err)
	}
	if !r.At.IsZero() {
		dst = append(dst, `,"at":`...)
		dst = strconv.AppendInt(dst, r.At.UnixMilli(), 10)
	}
	return append(dst, '}'), nil
}

func appendText(dst []byte, name, text string) ([]byte, error) {
	if text == "" {
		return dst, nil
	}
	return appendString(append(dst, name...), text)
}

func appendCount(dst []byte, name string, n int) []byte {
	if n == 0 {
		return dst
	}
	return strconv.AppendInt(append(dst, name...), int64(n), 10)
}

// wireMessage, wireIntent and wireReject are the members of version 1. A member that they do not name is skipped: a
// release that needs older ones to heed a new member raises Version.
type wireMessage struct {
	Trace   string       `json:"trace"`
	Group   string       `json:"group"`
	Intents []wireIntent `json:"intents"`
	Rejects []wireReject `json:"rejects"`
}

type wireIntent struct {
	ID        string           `json:"id"`
	Do        string           `json:"do"`
	Keys      []jsontext.Value `json:"keys"`
	Changed   *int64           `json:"changed"`
	Approved  bool             `json:"approved"`
	Protected bool             `json:"protected"`
	Again     bool             `json:"again"`
	Attempt   int              `json:"attempt"`
	Suspect   int              `json:"suspect"`
}

type wireReject struct {
	ID        string         `json:"id"`
	Do        string         `json:"do"`
	Protected bool           `json:"protected"`
	Key       jsontext.Value `json:"key"`
	Record    string         `json:"record"`
	Reason    string         `json:"reason"`
	At        *int64         `json:"at"`
}

// Decode reads a message. The error is ErrNewer, or ErrUnreadable with the reason; neither quotes the message. Keys come
// out canonical, sorted and each once, times in UTC.
func Decode(body string) (Message, error) {
	text := []byte(body)
	var head struct {
		V int64 `json:"v"`
	}
	switch err := json.Unmarshal(text, &head); {
	case err != nil:
		return Message{}, unreadable(err)
	case head.V > Version:
		return Message{}, fmt.Errorf("%w: version %d, this release reads %d", ErrNewer, head.V, Version)
	case head.V != Version:
		return Message{}, fmt.Errorf("%w: no version", ErrUnreadable)
	}
	var wire wireMessage
	if err := json.Unmarshal(text, &wire); err != nil {
		return Message{}, unreadable(err)
	}
	m := Message{Trace: wire.Trace, Group: wire.Group}
	for i := range wire.Intents {
		in, err := wire.Intents[i].intent()
		if err != nil {
			return Message{}, fmt.Errorf("%w: intent %d: %w", ErrUnreadable, i, err)
		}
		m.Intents = append(m.Intents, in)
	}
	for i := range wire.Rejects {
		r, err := wire.Rejects[i].reject()
		if err != nil {
			return Message{}, fmt.Errorf("%w: reject %d: %w", ErrUnreadable, i, err)
		}
		m.Rejects = append(m.Rejects, r)
	}
	return m, nil
}

// unreadable says where a message is not what it should be. The parser's own words may quote a value.
func unreadable(err error) error {
	if semantic, ok := errors.AsType[*json.SemanticError](err); ok {
		return fmt.Errorf("%w: unexpected JSON %v at %q", ErrUnreadable, semantic.JSONKind, semantic.JSONPointer)
	}
	if syntactic, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return fmt.Errorf("%w: not JSON from byte %d on", ErrUnreadable, syntactic.ByteOffset)
	}
	return fmt.Errorf("%w: not JSON", ErrUnreadable)
}

func (w *wireIntent) intent() (Intent, error) {
	in := Intent{
		ExternalID: w.ID, Approved: w.Approved, Protected: w.Protected, Again: w.Again, Attempt: w.Attempt, Suspect: w.Suspect,
	}
	if w.ID == "" {
		return in, errNoID
	}
	switch w.Do {
	case Upsert.String():
		in.Kind = Upsert
	case Deactivate.String():
		in.Kind = Deactivate
	default:
		return in, errors.New("unknown kind")
	}
	if w.Attempt < 0 || w.Suspect < 0 {
		return in, errors.New("negative count")
	}
	for _, raw := range w.Keys {
		key, err := ParseKey(raw)
		if err != nil {
			return in, err
		}
		in.Keys = append(in.Keys, key)
	}
	slices.Sort(in.Keys)
	in.Keys = slices.Compact(in.Keys)
	if w.Changed != nil {
		in.Changed = time.Unix(*w.Changed, 0).UTC()
	}
	return in, nil
}

func (w *wireReject) reject() (Reject, error) {
	r := Reject{ExternalID: w.ID, Protected: w.Protected, Record: w.Record, Reason: w.Reason}
	if w.Do == Deactivate.String() {
		r.Kind = Deactivate
	}
	if w.Key != nil {
		key, err := ParseKey(w.Key)
		if err != nil {
			return r, err
		}
		r.Key = key
	}
	if w.At != nil {
		r.At = time.UnixMilli(*w.At).UTC()
	}
	return r, nil
}
