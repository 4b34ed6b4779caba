package sim

import (
	"context"
	"slices"

	"rollcall/batcher"
	"rollcall/intent"
)

// The invariants about what operators approve.

// approve notes that an operator lets somebody out whatever the guard says.
func (c *checks) approve(ctx context.Context, a *actor, id string) {
	_ = a.perform(ctx, effect{op: "approve", detail: id, do: func() error {
		c.approved[id] = c.house.trace.steps
		if c.approving[a] == nil {
			c.approving[a] = map[string]bool{}
		}
		c.approving[a][id] = true
		return nil
	}})
}

// dismiss notes that an operator lets somebody out by name.
func (c *checks) dismiss(ctx context.Context, a *actor, id string) {
	c.approve(ctx, a, id)
	c.dismissed[id] = true
}

// passedOn checks that an approved intent that is sent or watched is one that an operator approves now, or that was
// received so or watched so when the flush looked.
func (c *checks) passedOn(a *actor, in intent.Intent) {
	if !in.Approved {
		return
	}
	stems := c.approving[a][in.ExternalID]
	delete(c.approving[a], in.ExternalID)
	if a.run != nil {
		stems = a.run.gotApproved(in.ExternalID) || c.house.store.watchedApproved(in.ExternalID) ||
			slices.ContainsFunc(a.run.watchesSeen, func(m intent.Message) bool { return approvedIn(m, in.ExternalID) })
	}
	c.that(stems, "only an operator approves", "%s: %s %s", a.name, in.Kind, in.ExternalID)
}

func isApproved(in intent.Intent) bool { return in.Approved }

func (r *runView) gotApproved(id string) bool { return slices.ContainsFunc(r.received[id], isApproved) }

// watchedApproved tells whether a watch has a person's intent as approved.
func (s *store) watchedApproved(id string) bool {
	for key, e := range s.entries {
		if key.kind == "watch" && approvedIn(messageIn(e), id) {
			return true
		}
	}
	return false
}

func approvedIn(m intent.Message, id string) bool {
	return slices.ContainsFunc(m.Intents, func(in intent.Intent) bool { return in.ExternalID == id && in.Approved })
}

// keptApproved checks that an approval outlives a message or a watch: in another, unless the person is in the table as
// active or rejected, or not known to Okta after all. M is the message that goes, nil for a watch.
func (c *checks) keptApproved(a *actor, m *message, in intent.Intent, rejects []intent.Reject, what string) {
	if !in.Approved {
		return
	}
	id := in.ExternalID
	kept := m != nil && (c.house.store.watchedApproved(id) || a.run.approvedWatch[id]) || isRejected(rejects, in) ||
		slices.ContainsFunc(c.house.queue.messages, func(o *message) bool { return o != m && approvedIn(o.view.message, id) })
	if m != nil {
		state, _ := a.run.resolved(id)
		kept = kept || state == stateActive || in.Again && a.run.ignored[id] || a.run.resolvedToNothing(in)
	}
	c.that(kept, "no approval is lost", "%s of %s", id, what)
}

// heldUnapproved checks that nobody is held whose intent has an operator's approval, be it only one of its copies.
func (c *checks) heldUnapproved(a *actor, e batcher.Entry) {
	approved := false
	for _, m := range a.run.hand {
		approved = approved || approvedIn(m.view.message, e.ID)
	}
	c.that(!approved, "nobody approved is held", "%s", e.ID)
}
