package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"rollcall/internal/items"
)

// line is anything that a source may hold, told apart by which members there are.
type line struct {
	// A whole payload of a function.
	Records json.RawMessage
	// An on-failure record: with payload from a bucket, without from a queue.
	Payload            *struct{ Records json.RawMessage }
	DDBStreamBatchInfo json.RawMessage
	// A stream record.
	EventName json.RawMessage `json:"eventName"`
	DynamoDB  json.RawMessage `json:"dynamodb"`
	// A line of a full export.
	Item json.RawMessage
	// A line of an incremental export.
	Metadata                 *struct{ WriteTimestampMicros micros }
	Keys, NewImage, OldImage json.RawMessage
}

var errRange = errors.New("it names a range of the stream and holds no records")

// asPayload returns what a line holds as a payload of records, {"Records":[…]}. Lines of exports become records of the
// writes that they stand for; partition and sort name the key's attributes.
func asPayload(text []byte, partition, sort string) ([]byte, error) {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, withoutValue(err)
	}
	switch {
	case l.Records != nil:
		return text, nil
	case l.Payload != nil && l.Payload.Records != nil:
		return wrap(l.Payload.Records), nil
	case l.DDBStreamBatchInfo != nil:
		return nil, errRange
	case l.DynamoDB != nil && l.EventName != nil:
		return one(text), nil
	case l.Item != nil:
		return itemPayload(l.Item, partition, sort)
	case l.Keys != nil && l.Metadata != nil:
		return l.change()
	}
	return nil, errShape
}

// wrap makes a payload of an array of records.
func wrap(records []byte) []byte {
	return append(append([]byte(`{"Records":`), records...), '}')
}

// one makes a payload of one record.
func one(record []byte) []byte {
	return append(append([]byte(`{"Records":[`), record...), "]}"...)
}

// stored is a record as it is written here, of the members that are looked at when it is decoded.
type stored struct {
	EventID   string       `json:"eventID,omitempty"`
	EventName string       `json:"eventName"`
	DynamoDB  storedChange `json:"dynamodb"`
}

type storedChange struct {
	Created  int64           `json:"ApproximateCreationDateTime,omitempty"`
	Keys     json.RawMessage `json:"Keys,omitempty"`
	NewImage json.RawMessage `json:"NewImage,omitempty"`
	OldImage json.RawMessage `json:"OldImage,omitempty"`
	Number   string          `json:"SequenceNumber,omitempty"`
	ViewType string          `json:"StreamViewType,omitempty"`
}

func (s stored) payload() ([]byte, error) {
	record, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("write record: %w", err)
	}
	return one(record), nil
}

// itemPayload is the record of an item that was put, as a line of a full export stands for one.
func itemPayload(item []byte, partition, sort string) ([]byte, error) {
	key, err := items.KeyOf(item, partition, sort)
	if err != nil {
		return nil, err
	}
	return stored{EventID: "export", EventName: "INSERT", DynamoDB: storedChange{Keys: json.RawMessage(key), NewImage: item}}.payload()
}

// change is the record of a write, as a line of an incremental export stands for one. Exports without old images do not
// tell an insert from a change, nor whom a delete was of unless the key says it.
func (l *line) change() ([]byte, error) {
	s := stored{EventID: "export", EventName: "INSERT", DynamoDB: storedChange{
		Created: int64(l.Metadata.WriteTimestampMicros) / 1_000_000, Keys: l.Keys, NewImage: l.NewImage, OldImage: l.OldImage,
	}}
	switch {
	case l.NewImage == nil:
		s.EventName = "REMOVE"
		if l.OldImage == nil {
			s.DynamoDB.ViewType = "KEYS_ONLY"
		}
	case l.OldImage != nil:
		s.EventName = "MODIFY"
	}
	return s.payload()
}

// micros is a time in microseconds since 1970: in AWS's documents a number or a string, in exports {"N":"…"}.
type micros int64

// UnmarshalJSON reads any of the spellings.
func (m *micros) UnmarshalJSON(text []byte) error {
	var n struct{ N json.RawMessage }
	if err := json.Unmarshal(text, &n); err == nil && n.N != nil {
		text = n.N
	}
	var quoted string
	if json.Unmarshal(text, &quoted) != nil {
		quoted = string(text)
	}
	number, err := strconv.ParseInt(quoted, 10, 64)
	if err != nil {
		return errors.New("WriteTimestampMicros is not a number")
	}
	*m = micros(number)
	return nil
}

// withoutValue is an error of encoding/json without what it found, which may be somebody's.
func withoutValue(err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("not a JSON object: at byte %d", syntax.Offset)
	}
	if kind, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("not a JSON object of a known shape: %s", kind.Value)
	}
	return err
}
