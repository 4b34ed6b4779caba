// Package compare says whether Okta has a person otherwise than the table: which attributes of the app's profile differ
// from those that an upsert would upload. It keeps hashes, so that everybody of an org fits into memory.
package compare

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
)

// Attribute is one that differs. Old and New are set only where values are to be shown; nil then is none.
type Attribute struct {
	Name string  `json:"name"`
	Old  *string `json:"old,omitempty"`
	New  *string `json:"new,omitempty"`
}

// Profiles compares profiles. Its digests are good for these Profiles alone.
type Profiles struct {
	// attributes are the mapped ones; digests are in their order.
	attributes []string
	seed       maphash.Seed
}

// New returns Profiles of these attributes; all others do not count.
func New(attributes []string) *Profiles {
	return &Profiles{attributes: attributes, seed: maphash.MakeSeed()}
}

// Digest is what is kept of a profile: a hash of each attribute, 0 for one without a value.
type Digest []uint64

// Digest returns the digest of a profile, a JSON object.
func (c *Profiles) Digest(profile []byte) (Digest, error) {
	values, err := valuesOf(profile)
	if err != nil {
		return nil, err
	}
	return c.digest(values), nil
}

// Same reports that Okta's profile has every attribute that the wanted one names as it is there. What is null, empty or
// not there is the same, and what the wanted profile does not name would stay as it is.
func (c *Profiles) Same(has Digest, wanted []byte) (bool, error) {
	differing, err := c.Differing(has, wanted)
	return len(differing) == 0, err
}

// Differing returns the names of the attributes that are not the same.
func (c *Profiles) Differing(has Digest, wanted []byte) ([]string, error) {
	values, err := valuesOf(wanted)
	if err != nil {
		return nil, err
	}
	var names []string
	for i, digest := range c.digest(values) {
		if _, named := values[c.attributes[i]]; named && digest != has[i] {
			names = append(names, c.attributes[i])
		}
	}
	return names, nil
}

// Compare returns the attributes that are not the same with their values.
func (c *Profiles) Compare(has, wanted []byte) ([]Attribute, error) {
	old, err := valuesOf(has)
	if err != nil {
		return nil, err
	}
	names, err := c.Differing(c.digest(old), wanted)
	if err != nil {
		return nil, err
	}
	values, err := valuesOf(wanted)
	if err != nil {
		return nil, err
	}
	var all []Attribute
	for _, name := range names {
		all = append(all, Attribute{name, old[name].shown(), values[name].shown()})
	}
	return all, nil
}

// Named are attributes without their values.
func Named(names []string) (all []Attribute) {
	for _, name := range names {
		all = append(all, Attribute{Name: name})
	}
	return all
}

// value is an attribute's text. Okta may also hold other things than texts, which equal none; neither is set of an
// attribute that is null or empty, which is the same as one that is not there.
type value struct {
	text *string
	raw  json.RawMessage
}

// valuesOf reads a profile.
func valuesOf(profile []byte) (map[string]value, error) {
	var raw map[string]json.RawMessage
	if len(profile) > 0 {
		if err := json.Unmarshal(profile, &raw); err != nil {
			return nil, fmt.Errorf("read profile: %w", err)
		}
	}
	values := make(map[string]value, len(raw))
	for name, r := range raw {
		var text *string
		switch err := json.Unmarshal(r, &text); {
		case err != nil:
			values[name] = value{raw: r}
		case text != nil && *text == "":
			values[name] = value{}
		default:
			values[name] = value{text: text}
		}
	}
	return values, nil
}

// shown is a value as it is shown.
func (v value) shown() *string {
	if v.raw != nil {
		text := string(v.raw)
		return &text
	}
	return v.text
}

func (c *Profiles) digest(values map[string]value) Digest {
	all := make(Digest, len(c.attributes))
	for i, name := range c.attributes {
		switch v := values[name]; {
		case v.raw != nil:
			all[i] = maphash.Bytes(c.seed, v.raw) | 1
		case v.text != nil:
			all[i] = maphash.String(c.seed, *v.text) &^ 1
		}
	}
	return all
}
