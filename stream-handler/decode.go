package streamhandler

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rollcall/intent"
	"rollcall/mapping"
)

// decoder makes intents of records. It knows the mapping and no more: no clock, no queue, no log. It is not safe for
// concurrent use.
type decoder struct {
	mapping          *mapping.Mapping
	newItem, oldItem *mapping.View
	// key is the record's, before the externalId that the item had, after the one that it has.
	key, before, after []byte
	text               []byte // scratch
	intents            [2]intent.Intent
	keys               [2]intent.Key
}

func newDecoder(m *mapping.Mapping) *decoder {
	return &decoder{mapping: m, newItem: m.NewView(), oldItem: m.NewView()}
}

// decoded is what became of a record. Without intents and reject it is nothing to Okta.
type decoded struct {
	// intents are at most two; they and their keys are overwritten by the next record.
	intents []intent.Intent
	// there says that the last of them is about the item as the record has it; the others are about what it was.
	there bool
	// reject says why there is no intent, or why one may be missing.
	reject *intent.Reject
}

// errViewType is returned for a stream that does not carry what the mapping needs. No record of it can be decoded, so
// the batch must fail rather than be rejected.
var errViewType = errors.New("stream does not carry what externalId and match are computed from: " +
	"set its view type to NEW_AND_OLD_IMAGES, or compute both from the table's key alone")

// decode says who changed. The error is errViewType and about the whole stream; what is wrong with the record alone is
// its reject.
func (d *decoder) decode(r *record) (decoded, error) {
	switch {
	case r.malformed != "":
		return d.reject(r, nil, r.malformed), nil
	case r.keys == nil:
		return d.reject(r, nil, "record has no keys"), nil
	}
	var err error
	if d.key, err = intent.AppendKey(d.key[:0], r.keys); err != nil {
		return d.reject(r, nil, err.Error()), nil
	}
	switch string(r.viewType) {
	case "NEW_AND_OLD_IMAGES", "":
	case "KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE":
		if !d.mapping.Computable(attributeNames(r.keys)) {
			return decoded{}, fmt.Errorf("view type %s: %w", r.viewType, errViewType)
		}
		return d.partial(r), nil
	default:
		return d.reject(r, nil, "unknown view type"), nil
	}
	switch string(r.eventName) {
	case "INSERT":
		return d.inserted(r), nil
	case "MODIFY":
		return d.modified(r), nil
	case "REMOVE":
		return d.removed(r, r.oldImage, true), nil
	}
	return d.reject(r, nil, "unknown event name"), nil
}

// partial decodes a record without both images, whose key says who it is about.
func (d *decoder) partial(r *record) decoded {
	switch string(r.eventName) {
	case "INSERT", "MODIFY":
		if r.newImage == nil {
			r.newImage = r.keys
		}
		return d.inserted(r)
	case "REMOVE":
		if r.oldImage != nil {
			return d.removed(r, r.oldImage, true)
		}
		return d.removed(r, r.keys, false)
	}
	return d.reject(r, nil, "unknown event name")
}

func (d *decoder) inserted(r *record) decoded {
	if err := load(d.newItem, r.newImage, "new image"); err != nil {
		return d.reject(r, nil, err.Error())
	}
	if matches, err := d.newItem.Matches(); err != nil {
		return d.reject(r, nil, err.Error())
	} else if !matches {
		return decoded{}
	}
	return d.upsert(r, nil)
}

func (d *decoder) modified(r *record) decoded {
	if err := load(d.oldItem, r.oldImage, "old image"); err != nil {
		// Who the item was is not known, who it is may be.
		now := d.inserted(r)
		now.reject = d.reject(r, nil, err.Error()).reject
		return now
	}
	d.before = d.before[:0]
	// An unreadable match counts as one: a needless intent costs a look at the table, a missing one lets a leaver stay.
	if matched, err := d.oldItem.Matches(); matched || err != nil {
		d.before = appendID(d.before, d.oldItem)
	}
	if err := load(d.newItem, r.newImage, "new image"); err != nil {
		return d.reject(r, d.before, err.Error())
	}
	if d.newItem.Equal(d.oldItem) {
		return decoded{}
	}
	matches, err := d.newItem.Matches()
	switch {
	case err != nil:
		return d.reject(r, d.before, err.Error())
	case matches:
		return d.upsert(r, d.before)
	case len(d.before) > 0:
		return d.ask(d.leaver(r, 0, d.before, d.oldItem))
	}
	return decoded{}
}

// upsert asks for the person that the new item is, and for the one that it was before if that is another.
func (d *decoder) upsert(r *record, before []byte) decoded {
	var err error
	if d.after, err = d.newItem.AppendExternalID(d.after[:0]); err != nil {
		return d.reject(r, before, err.Error())
	}
	var asked decoded
	if len(before) == 0 || bytes.Equal(before, d.after) {
		asked = d.ask(d.stayer(r, 0))
	} else {
		asked = d.ask(d.leaver(r, 0, before, d.oldItem), d.stayer(r, 1))
	}
	asked.there = true
	return asked
}

// removed asks for whom the deleted item was. Of an item that is not whole, but its key alone, protection is not known
// where the key does not settle it.
func (d *decoder) removed(r *record, item []byte, whole bool) decoded {
	if err := load(d.oldItem, item, "old image"); err != nil {
		return d.reject(r, nil, err.Error())
	}
	if matched, err := d.oldItem.Matches(); !matched && err == nil {
		return decoded{}
	}
	var err error
	if d.before, err = d.oldItem.AppendExternalID(d.before[:0]); err != nil {
		return d.reject(r, nil, err.Error())
	}
	leaver := d.leaver(r, 0, d.before, d.oldItem)
	if !whole {
		leaver.Protected, err = d.oldItem.Protected()
		leaver.Protected = leaver.Protected && err == nil
	}
	return d.ask(leaver)
}

// stayer asks for the person that the new item is.
func (d *decoder) stayer(r *record, i int) intent.Intent {
	if kindOf(d.newItem) == intent.Deactivate {
		return d.leaver(r, i, d.after, d.newItem) // the item may be gone by the time that it is looked for
	}
	return d.intent(r, i, d.after, intent.Upsert)
}

// leaver asks to deactivate the person that an item is or was, and says whether they were protected by what it held: when
// the intent is resolved there may be nothing left to judge. Where that cannot be told they count as protected, since an
// intent of somebody protected by mistake becomes a reject, and one of somebody unprotected by mistake a locked-out person.
func (d *decoder) leaver(r *record, i int, externalID []byte, item *mapping.View) intent.Intent {
	in := d.intent(r, i, externalID, intent.Deactivate)
	protected, err := item.Protected()
	in.Protected = protected || err != nil
	return in
}

func load(view *mapping.View, item []byte, name string) error {
	if item == nil {
		return fmt.Errorf("record has no %s", name)
	}
	if err := view.Load(item); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// kindOf is what an item asks for. One whose activity cannot be read asks for an upsert, which is rejected, with the
// reason, if the item is still that way when it is resolved.
func kindOf(item *mapping.View) intent.Kind {
	if active, err := item.Active(); err == nil && !active {
		return intent.Deactivate
	}
	return intent.Upsert
}

// appendID appends the externalId of an item, or nothing if it has none that can be used.
func appendID(dst []byte, item *mapping.View) []byte {
	id, err := item.AppendExternalID(dst)
	if err != nil {
		return dst
	}
	return id
}

// intent makes the intent at an index of the record's. ID and key are one string: one allocation.
func (d *decoder) intent(r *record, i int, externalID []byte, kind intent.Kind) intent.Intent {
	d.text = append(append(d.text[:0], externalID...), d.key...)
	text := string(d.text)
	d.keys[i] = intent.Key(text[len(externalID):])
	return intent.Intent{
		ExternalID: text[:len(externalID)], Kind: kind, Keys: d.keys[i : i+1 : i+1], Changed: r.changed(),
	}
}

func (d *decoder) ask(intents ...intent.Intent) decoded {
	return decoded{intents: d.intents[:copy(d.intents[:], intents)]}
}

// reject names the item, if the record has a key, and the person, if known.
func (d *decoder) reject(r *record, externalID []byte, reason string) decoded {
	reject := &intent.Reject{ExternalID: string(externalID), Record: r.name(), Reason: reason}
	if key, err := intent.ParseKey(r.keys); err == nil {
		reject.Key = key
	}
	return decoded{reject: reject}
}

// attributeNames returns the names of a key's attributes.
func attributeNames(keys []byte) []string {
	var attributes map[string]jsontext.Value
	if err := json.Unmarshal(keys, &attributes); err != nil {
		return nil
	}
	return slices.Collect(maps.Keys(attributes))
}
