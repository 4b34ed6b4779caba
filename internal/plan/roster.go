package plan

import (
	"context"

	"rollcall/internal/compare"
)

// roster is whom Okta has from the identity source, by externalId.
type roster struct {
	profiles *compare.Profiles
	users    map[string]*user
	// listed counts all users, those without an externalId too.
	listed int
}

// user is what is kept of a user of Okta: about 100 bytes, and the profile only where values are to be shown.
type user struct {
	out bool
	// seen says that the table has the person.
	seen    bool
	digest  compare.Digest
	profile []byte
}

// listRoster reads Okta's users.
func listRoster(ctx context.Context, o Options) (*roster, error) {
	r := &roster{profiles: compare.New(o.Attributes), users: map[string]*user{}}
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
		if one.digest, err = r.profiles.Digest(u.Profile); err != nil {
			return nil, err
		}
		if o.Values {
			one.profile = u.Profile
		}
		r.users[u.ExternalID] = one
	}
	return r, nil
}

// differing returns which of the attributes Okta has otherwise, with their values if they are to be shown.
func (r *roster) differing(u *user, wanted []byte, show bool) ([]compare.Attribute, error) {
	if show {
		return r.profiles.Compare(u.profile, wanted)
	}
	names, err := r.profiles.Differing(u.digest, wanted)
	return compare.Named(names), err
}
