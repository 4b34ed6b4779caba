package streamhandler

import (
	"time"

	"rollcall/intent"
	"rollcall/mapping"
)

// Decoder decodes records as the function does, for those who bring records back. It is not safe for concurrent use.
type Decoder struct {
	reader  *payloadReader
	decoder *decoder
}

// NewDecoder returns a decoder of records of the mapping's table.
func NewDecoder(m *mapping.Mapping) *Decoder {
	return &Decoder{reader: newPayloadReader(), decoder: newDecoder(m)}
}

// Decoded is what became of a record. Without intents and reject it is nothing to Okta; with both, one of its intents is
// missing.
type Decoded struct {
	// Intents are at most two; they and their keys are overwritten by the next record.
	Intents []intent.Intent
	// There says that the last of them is about the item as the record has it, which may be inactive; the others are about
	// an item that was deleted, is another person's now, or no person's.
	There bool
	// Reject is nil for a record that could be read. It has no time.
	Reject *intent.Reject
	// Changed is when the change was made, to the second; zero if the record does not say.
	Changed time.Time
}

// Decode hands to take what each record of a payload, {"Records":[…]}, becomes, and ends with take's first error. Other
// errors are about the payload as a whole: it is not JSON, or the stream lacks what the mapping needs.
func (d *Decoder) Decode(payload []byte, take func(Decoded) error) error {
	var first error
	err := d.reader.each(payload, func(r *record) {
		if first != nil {
			return
		}
		var became decoded
		if became, first = d.decoder.decode(r); first == nil {
			first = take(Decoded{Intents: became.intents, There: became.there, Reject: became.reject, Changed: r.changed()})
		}
	})
	if err != nil {
		return err
	}
	return first
}
