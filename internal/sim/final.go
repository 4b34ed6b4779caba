package sim

import (
	"maps"
	"slices"

	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// final checks the drained house: Okta is what the table says, but for those who are accounted for by name.
func (c *checks) final() {
	h := c.house
	rejects := h.store.rejects()
	users := map[string]oktasim.User{}
	ids := maps.Clone(h.people.everybody)
	for _, u := range h.org.Users() {
		users[u.ExternalID] = u
		ids[u.ExternalID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		c.person(id, users[id], rejects)
	}
	c.counts["the house drains"]++
	for id := range h.released {
		// A copy of the intent without the approval may be held again, of somebody who is out already, or whom a record of
		// the time when they were chief has protected meanwhile.
		c.that(!h.store.held(id) || users[id].Status != oktasim.Active || h.people.ever[id].chief, "whoever is released is out", "%s", id)
	}
	for _, r := range rejects {
		_, _, bad := h.people.state(r.ExternalID)
		c.that(c.deserved(r, bad), "nobody is rejected without a cause", "%s %s: %s", r.ExternalID, r.Key, r.Reason)
	}
}

func (c *checks) person(id string, u oktasim.User, rejects []intent.Reject) {
	h := c.house
	s, as, bad := h.people.state(id)
	in := u.Status == oktasim.Active
	rejected := slices.ContainsFunc(rejects, func(r intent.Reject) bool { return c.rejectedBy(r, id) })
	held := h.store.held(id)
	named := held || rejected || c.excused(id)
	c.that(!held || s != stateActive || rejected || c.excused(id) || c.late[id], "nobody active is held", "%s in the end", id)
	switch {
	case bad:
		c.that(named, "whoever cannot be mapped is rejected by name", "%s", id)
	case s == stateActive && !named:
		c.that(in && maps.Equal(u.Profile, as.profile()), "every active person is in Okta as mapped", "%s is %s %v, want %v", id, u.Status, u.Profile, as.profile())
	case s != stateActive && !named:
		c.that(!in, "nobody else is active", "%s", id)
	}
}
