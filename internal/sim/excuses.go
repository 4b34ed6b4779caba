package sim

import (
	"context"
	"slices"
	"strings"

	"rollcall/batcher"
	"rollcall/intent"
)

// Who may differ in Okta from the table: those who are accounted for by name.

// forgiveness is that an operator left somebody as they are in Okta. It ends when something is said of the person.
type forgiveness struct {
	// dropping says that the entry is still to be deleted: what is said before that may come to nothing.
	dropping bool
	// said says that the person was said again since: which mends what the table has, but no absence.
	said bool
}

// forgive notes that an operator leaves somebody as they are.
func (c *checks) forgive(ctx context.Context, a *actor, id string) {
	_ = a.perform(ctx, effect{op: "forgive", detail: id, do: func() error {
		c.forgiven[id] = forgiveness{dropping: true}
		return nil
	}})
}

// discarded is told of the entries that an operator deletes.
func (c *checks) discarded(entries []batcher.Entry) {
	for _, e := range entries {
		ids := []string{e.ID}
		if e.Kind == "reject" {
			ids = nil
			m, _ := intent.Decode(string(e.Value))
			for _, r := range m.Rejects {
				ids = append(ids, r.ExternalID)
			}
		}
		for _, id := range ids {
			if c.forgiven[id].dropping {
				c.forgiven[id] = forgiveness{}
			}
		}
	}
}

// unforgive ends what an operator forgave once the person is said again.
func (c *checks) unforgive(in intent.Intent) {
	f, is := c.forgiven[in.ExternalID]
	switch {
	case !is || f.dropping:
	case in.Kind == intent.Deactivate:
		delete(c.forgiven, in.ExternalID)
	default:
		c.forgiven[in.ExternalID] = forgiveness{said: true}
	}
}

// excused tells whether an operator said to leave a person as they are, and nothing was said of them since that mends it.
func (c *checks) excused(id string) bool {
	f, is := c.forgiven[id]
	if !is || !f.said {
		return is
	}
	s, _, bad := c.house.people.state(id)
	return s == stateNobody && !bad
}

// rejectedBy tells whether a reject names a person: by externalId, or where that is not known by the item, if the person
// was there when it was entered.
func (c *checks) rejectedBy(r intent.Reject, id string) bool {
	return r.ExternalID == id || r.ExternalID == "" && r.Key != "" && c.wereAt[r.Key][id]
}

// rejected is told of each reject that is entered.
func (c *checks) rejected(a *actor, r intent.Reject) {
	a.run.rejects = append(a.run.rejects, r)
	c.overtaken(a, r.ExternalID)
	if i, there := c.house.people.at(r.Key); there && r.ExternalID == "" {
		if c.wereAt[r.Key] == nil {
			c.wereAt[r.Key] = map[string]bool{}
		}
		c.wereAt[r.Key][i.id] = true
	}
	c.that(c.deserved(r, c.house.people.ever[r.ExternalID].bad), "nobody is rejected without a cause", "%s: %s", r.ExternalID, r.Reason)
}

// deserved tells whether a reject has a cause that somebody must mend. Bad says whether the person cannot be mapped.
func (c *checks) deserved(r intent.Reject, bad bool) bool {
	f, was := c.house.plan.flavor, c.house.people.ever[r.ExternalID]
	bad = bad || c.late[r.ExternalID] && was.bad
	switch {
	case r.ExternalID == "":
		return c.unreadable(r)
	case r.Record != "":
		return was.bad // of a record of the past
	case strings.HasPrefix(r.Reason, "protected"):
		return r.ExternalID == f.protected || was.chief
	case strings.HasPrefix(r.Reason, "refused by Okta"):
		return f.org.RefuseNullCustom && was.untitled || f.undeletable != "" && r.ExternalID == f.undeletable
	case strings.Contains(r.Reason, "sessions with this person"):
		return slices.Contains(f.poison, r.ExternalID) || f.org.ImportErrorRate > 0
	}
	return bad
}

// overtaken notes an entry about a person that was under way when its flush lost the lease, so that another may have known
// better since.
func (c *checks) overtaken(a *actor, id string) {
	if !a.run.lost.IsZero() {
		c.late[id] = true
	}
}

// unreadable tells whether the play has a message or a record of which nobody can say whom it is about.
func (c *checks) unreadable(r intent.Reject) bool {
	return slices.ContainsFunc(c.house.plan.ops, func(o op) bool {
		return o.kind == opJunk && strings.HasPrefix(r.Record, "message ") ||
			o.kind == opMalformed && r.Key == keyOf(c.house.plan.flavor.indexed, o.row, personName(o.row))
	})
}

// isRejected tells whether the person of an intent is rejected.
func isRejected(rejects []intent.Reject, in intent.Intent) bool {
	return slices.ContainsFunc(rejects, func(r intent.Reject) bool { return r.ExternalID == in.ExternalID })
}
