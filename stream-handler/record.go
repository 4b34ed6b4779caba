package streamhandler

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// record is a stream record as Lambda delivers it. Texts are those between the quotation marks, images and keys JSON
// objects, all of them in place in the payload; what the record does not have is nil.
type record struct {
	eventID, eventName []byte
	sequenceNumber     []byte
	viewType           []byte
	created            []byte // ApproximateCreationDateTime, a JSON number of Unix seconds
	keys               []byte
	newImage, oldImage []byte
	identityType       []byte
	principal          []byte
	// malformed says what first is not of the type that it should be.
	malformed string
}

// byTTL reports that DynamoDB itself deleted the item since its time to live was over.
func (r *record) byTTL() bool {
	return string(r.identityType) == "Service" && string(r.principal) == "dynamodb.amazonaws.com"
}

// changed is when the change was made, to the second; zero if the record does not say.
func (r *record) changed() time.Time {
	seconds, err := strconv.ParseFloat(string(r.created), 64)
	if err != nil || seconds <= 0 || seconds > maxSeconds {
		return time.Time{}
	}
	return time.Unix(int64(seconds), 0).UTC()
}

// maxSeconds is the end of the year 9999.
const maxSeconds = 253402300799

// name is what to call the record in logs and rejects.
func (r *record) name() string {
	if len(r.eventID) > 0 {
		return string(bytes.ToValidUTF8(r.eventID, []byte("?")))
	}
	return string(bytes.ToValidUTF8(r.sequenceNumber, []byte("?")))
}

// payloadReader reads {"Records":[…]} record by record. The payload is checked to be JSON in passing, but for texts that
// are not UTF-8: those are the fault of their record alone.
type payloadReader struct {
	payload []byte
	input   bytes.Buffer
	json    *jsontext.Decoder
	current record
}

func newPayloadReader() *payloadReader {
	p := &payloadReader{}
	p.json = jsontext.NewDecoder(&p.input)
	return p
}

// each calls handle for each record. The next one is read into the same place; what it refers to is the payload and
// stays. An error is about the payload as a whole.
func (p *payloadReader) each(payload []byte, handle func(*record)) error {
	p.payload = payload
	p.input = *bytes.NewBuffer(payload)
	p.json.Reset(&p.input, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	err := p.records(handle)
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("payload is not JSON from byte %d on", p.json.InputOffset())
	}
	return err
}

func (p *payloadReader) records(handle func(*record)) error {
	found := false
	err := p.members(func(name []byte) error {
		if string(name) != "Records" {
			return p.json.SkipValue()
		}
		if p.json.PeekKind() != '[' {
			return errNoRecords
		}
		found = true
		if _, err := p.json.ReadToken(); err != nil {
			return err
		}
		for p.json.PeekKind() != ']' {
			p.current = record{}
			if err := p.record(&p.current); err != nil {
				return err
			}
			handle(&p.current)
		}
		_, err := p.json.ReadToken()
		return err
	})
	switch {
	case err != nil:
		return err
	case !found:
		return errNoRecords
	}
	if _, err := p.json.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("payload is followed by something")
	}
	return nil
}

var errNoRecords = errors.New("payload has no array of Records")

func (p *payloadReader) record(r *record) error {
	if kind := p.json.PeekKind(); kind != '{' {
		r.malformed = "record is not an object"
		return p.json.SkipValue()
	}
	return p.members(func(name []byte) error {
		switch string(name) {
		case "eventID":
			return p.text(r, "eventID", &r.eventID)
		case "eventName":
			return p.text(r, "eventName", &r.eventName)
		case "dynamodb":
			return p.object(r, "dynamodb", p.change)
		case "userIdentity":
			return p.object(r, "userIdentity", p.identity)
		}
		return p.json.SkipValue()
	})
}

func (p *payloadReader) change(r *record, name []byte) error {
	switch string(name) {
	case "Keys":
		return p.value(r, "Keys", '{', &r.keys)
	case "NewImage":
		return p.value(r, "NewImage", '{', &r.newImage)
	case "OldImage":
		return p.value(r, "OldImage", '{', &r.oldImage)
	case "SequenceNumber":
		return p.text(r, "SequenceNumber", &r.sequenceNumber)
	case "StreamViewType":
		return p.text(r, "StreamViewType", &r.viewType)
	case "ApproximateCreationDateTime":
		return p.value(r, "ApproximateCreationDateTime", '0', &r.created)
	}
	return p.json.SkipValue()
}

func (p *payloadReader) identity(r *record, name []byte) error {
	switch string(name) {
	case "type":
		return p.text(r, "userIdentity.type", &r.identityType)
	case "principalId":
		return p.text(r, "userIdentity.principalId", &r.principal)
	}
	return p.json.SkipValue()
}

// members reads an object and calls member with the name of each member, to read the value.
func (p *payloadReader) members(member func(name []byte) error) error {
	if token, err := p.json.ReadToken(); err != nil {
		return err
	} else if token.Kind() != '{' {
		return errors.New("payload is not a JSON object")
	}
	for p.json.PeekKind() != '}' {
		quoted, err := p.json.ReadValue()
		if err != nil {
			return err
		}
		if err := member(quoted[1 : len(quoted)-1]); err != nil {
			return err
		}
	}
	_, err := p.json.ReadToken()
	return err
}

// object reads a member that should be an object by its members.
func (p *payloadReader) object(r *record, name string, member func(*record, []byte) error) error {
	switch p.json.PeekKind() {
	case '{':
		return p.members(func(name []byte) error { return member(r, name) })
	case 'n':
	default:
		r.complain(name, "an object")
	}
	return p.json.SkipValue()
}

// value reads a member that should be of a kind.
func (p *payloadReader) value(r *record, name string, kind jsontext.Kind, to *[]byte) error {
	switch p.json.PeekKind() {
	case kind:
		value, err := p.json.ReadValue()
		if err != nil {
			return err
		}
		// The decoder's slice is gone with its next call; the same bytes of the payload stay.
		end := p.json.InputOffset()
		*to = p.payload[end-int64(len(value)) : end]
		return nil
	case 'n':
	default:
		r.complain(name, kinds[kind])
	}
	return p.json.SkipValue()
}

var kinds = map[jsontext.Kind]string{'{': "an object", '"': "a text", '0': "a number"}

// text reads a member that should be a string. None of those that rollcall reads has a reason to be escaped.
func (p *payloadReader) text(r *record, name string, to *[]byte) error {
	var quoted []byte
	if err := p.value(r, name, '"', &quoted); err != nil || quoted == nil {
		return err
	}
	*to = quoted[1 : len(quoted)-1]
	if bytes.IndexByte(*to, '\\') >= 0 {
		*to = nil
		r.complain(name, "a plain text")
	}
	return nil
}

func (r *record) complain(member, should string) {
	if r.malformed == "" {
		r.malformed = member + " is not " + should
	}
}
