package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
)

// roster is whom Okta has from the identity source, by externalId.
type roster struct {
	// attributes are the mapped ones; a user's digests are in their order.
	attributes []string
	users      map[string]*user
	// listed counts all users, those without an externalId too.
	listed int
	seed   maphash.Seed
}

// user is what is kept of a user of Okta: about 100 bytes, and the profile only where values are to be shown.
type user struct {
	out bool
	// seen says that the table has the person.
	seen    bool
	digests []uint64
	profile []byte
}

func newRoster(attributes []string) *roster {
	return &roster{attributes: attributes, users: map[string]*user{}, seed: maphash.MakeSeed()}
}

// Differing returns which of the attributes Okta's profile has otherwise than the wanted one, both JSON objects, with
// their values if they are to be shown. Attributes that the wanted profile does not name would stay as they are.
func Differing(has, wanted []byte, attributes []string, show bool) ([]Attribute, error) {
	r := newRoster(attributes)
	values, err := valuesOf(has)
	if err != nil {
		return nil, err
	}
	return r.differing(&user{digests: r.digests(values), profile: has}, wanted, show)
}

// listRoster reads Okta's users.
func listRoster(ctx context.Context, o Options) (*roster, error) {
	r := newRoster(o.Attributes)
	for u, err := range o.Okta.AppUsers(ctx) {
		if err != nil {
			return nil, err
		}
		r.listed++
		o.Listed(1)
		if u.ExternalID == "" {
			continue // assigned by other means than an import: none of ours
		}
		one := &user{out: u.Out()}
		values, err := valuesOf(u.Profile)
		if err != nil {
			return nil, err
		}
		one.digests = r.digests(values)
		if o.Values {
			one.profile = u.Profile
		}
		r.users[u.ExternalID] = one
	}
	return r, nil
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

// shown is a value as a plan shows it.
func (v value) shown() *string {
	if v.raw != nil {
		text := string(v.raw)
		return &text
	}
	return v.text
}

// digests returns a hash of each mapped attribute, 0 for one without a value.
func (r *roster) digests(values map[string]value) []uint64 {
	all := make([]uint64, len(r.attributes))
	for i, name := range r.attributes {
		switch v := values[name]; {
		case v.raw != nil:
			all[i] = maphash.Bytes(r.seed, v.raw) | 1
		case v.text != nil:
			all[i] = maphash.String(r.seed, *v.text) &^ 1
		}
	}
	return all
}

// differing is Differing for a user of the roster.
func (r *roster) differing(u *user, profile []byte, show bool) ([]Attribute, error) {
	wanted, err := valuesOf(profile)
	if err != nil {
		return nil, err
	}
	digests := r.digests(wanted)
	var all []Attribute
	for i, name := range r.attributes {
		if _, named := wanted[name]; !named || digests[i] == u.digests[i] {
			continue
		}
		all = append(all, Attribute{Name: name})
	}
	if !show || len(all) == 0 {
		return all, nil
	}
	has, err := valuesOf(u.profile)
	if err != nil {
		return nil, err
	}
	for i := range all {
		a := &all[i]
		a.Old, a.New = has[a.Name].shown(), wanted[a.Name].shown()
	}
	return all, nil
}
