package sim

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"

	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// The invariants about calls of Okta.

// Limits of a load by Okta's guide, the KB taken small.
const (
	maxLoadPeople = 200
	maxLoadBytes  = 200_000
	maxLoads      = 50
	guardWindow   = 24 * time.Hour
)

// loadBody is the body of an upload.
type loadBody struct {
	Profiles []struct {
		ExternalID string
		Profile    map[string]*string
	}
}

// calling is told of a call before it has its effect.
func (c *checks) calling(a *actor, t attempt) {
	if a.run == nil {
		return
	}
	c.telling(a, t)
	switch {
	case t.op == oktasim.OpUserDelete:
		c.leaver(a, t.person)
		c.enteredBefore(t.person)
		return
	case t.op == oktasim.OpCancel:
		c.cancelling(a, t.session)
		return
	case t.op != oktasim.OpBulkUpsert && t.op != oktasim.OpBulkDelete:
		return
	}
	var body loadBody
	c.house.must(json.Unmarshal(t.body, &body))
	c.that(len(body.Profiles) <= maxLoadPeople && len(t.body) <= maxLoadBytes, "loads are within Okta's limits",
		"%d people, %d bytes", len(body.Profiles), len(t.body))
	s := c.sessions[t.session]
	c.that(s != nil && s.owner == a.run.owner, "only a run's own session is loaded", "session %s", t.session)
	for _, p := range body.Profiles {
		if t.op == oktasim.OpBulkDelete {
			c.leaver(a, p.ExternalID)
		} else {
			c.upsert(a, p.ExternalID, p.Profile)
		}
	}
}

// leaver checks that a deactivation was asked for: by an intent or by an inactive item, and that no item that was read says
// that the person is active.
func (c *checks) leaver(a *actor, id string) {
	told := slices.ContainsFunc(a.run.received[id], func(in intent.Intent) bool { return in.Kind == intent.Deactivate })
	active := false
	for _, key := range a.run.keys[id] {
		if r := a.run.read[key]; r.there && r.item.id == id {
			told = told || r.item.state() == stateInactive
			active = active || r.item.state() == stateActive
		}
	}
	c.that(told, "nobody is deactivated untold", "%s", id)
	c.that(!active, "nobody active in the table is deactivated", "%s", id)
	_, chief := a.run.resolved(id)
	c.that(id != c.house.plan.flavor.protected && !chief, "protected people are never deactivated", "%s", id)
	// Who ever left unprotected may be taken out by that record at any time, it may come late or once more.
	was := c.house.people.ever[id]
	c.that(!was.chief || was.exposed || c.dismissed[id], "protected people are never deactivated", "%s, chief", id)
}

// upsert checks that a profile is the mapping of an item that the run read.
func (c *checks) upsert(a *actor, id string, profile map[string]*string) {
	got := map[string]string{}
	for name, value := range profile {
		if value != nil {
			got[name] = *value
		}
	}
	same := false
	for _, key := range a.run.keys[id] {
		r := a.run.read[key]
		same = same || r.there && r.item.id == id && r.item.state() == stateActive && maps.Equal(got, r.item.profile())
	}
	c.that(same, "profiles are those of the table when it was read", "%s: %v", id, got)
}

// besideTriggered checks that no other session waits to be imported that the run could know of: one triggered before a
// time by Okta's clock.
func (c *checks) besideTriggered(session, what string, before time.Time) {
	triggered := ""
	for _, s := range c.house.org.Sessions() {
		if s.Status == oktasim.StatusTriggered && s.ID != session && s.Triggered.Before(before) {
			triggered = s.ID
		}
	}
	c.that(triggered == "", "no session beside a TRIGGERED one", "%s %s while %s is TRIGGERED", session, what, triggered)
}

// called is told of a call after its effect, whether or not the caller will hear of it.
func (c *checks) called(a *actor, t attempt, response *http.Response, v verdict) {
	if a.run == nil {
		return
	}
	if n := c.house.org.Throttled(); n > c.throttled {
		c.throttled = n
		// A process that was paused or is new does not know what others have asked since, strangers may ask anything, and a
		// call that lands late is counted then.
		r := c.house.plan.flavor.rates
		c.that(r.kill+r.pause+r.late > 0 || c.house.faults.injected[faultStranger] > 0, "Okta is not asked more than its limit allows", "%s answered 429", t.op)
	}
	if response != nil && (response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusTooManyRequests) {
		a.run.hit = true
	}
	// The caller may not hear, but the org has done it.
	done := response != nil && response.StatusCode < 300 || v.fault == faultDropAfter
	switch t.op {
	case oktasim.OpList:
		a.run.listed = time.Now().Add(c.house.plan.flavor.skew)
		c.sawBeside(a)
	case oktasim.OpCreate:
		if response != nil && response.StatusCode < 300 {
			c.created(a)
		}
	case oktasim.OpBulkUpsert, oktasim.OpBulkDelete:
		if done {
			c.loaded(a, t)
		} else {
			a.run.refused = true
		}
		for _, violation := range c.house.org.Violations() {
			c.fail("nobody is twice in a session", "%s: %s %s", violation.Session, violation.ExternalID, violation.What)
		}
		c.counts["nobody is twice in a session"]++
	case oktasim.OpStartImport:
		if done {
			c.started(a, t.session)
		}
	case oktasim.OpUserDelete:
		if done && c.approved[t.person] == 0 {
			c.out[t.person] = time.Now()
			c.guarded()
		}
	}
}

// created notes the youngest session as the run's.
func (c *checks) created(a *actor) {
	all := c.house.org.Sessions()
	s := all[len(all)-1]
	a.run.opened = true
	c.sessions[s.ID] = &sessionView{id: s.ID, owner: a.run.owner, created: s.Created}
	c.besideTriggered(s.ID, "opened", a.run.listed)
}

func (c *checks) loaded(a *actor, t attempt) {
	s := c.sessions[t.session]
	if s == nil {
		return
	}
	s.loads++
	c.expireApprovals()
	c.besideTriggered(t.session, "loaded", s.created)
	c.alone(a)
	c.travels(a)
	c.that(s.loads <= maxLoads, "loads are within Okta's limits", "%d loads in a session", s.loads)
	var body loadBody
	c.house.must(json.Unmarshal(t.body, &body))
	for _, p := range body.Profiles {
		if t.op != oktasim.OpBulkDelete {
			s.upserted = append(s.upserted, p.ExternalID)
			s.everyone = append(s.everyone, p.ExternalID)
			continue
		}
		if _, known := c.house.org.User(p.ExternalID); !known {
			a.run.ignored[p.ExternalID] = true
		}
		// A copy of the intent that an operator approved may come at any time.
		if slices.ContainsFunc(a.run.received[p.ExternalID], func(in intent.Intent) bool { return in.Approved }) {
			c.approved[p.ExternalID] = c.house.trace.steps
		}
		if c.approved[p.ExternalID] > 0 {
			s.approved = append(s.approved, p.ExternalID)
		} else {
			s.leavers = append(s.leavers, p.ExternalID)
		}
	}
}

// started checks the guard's limit and how long leavers had to wait.
func (c *checks) started(a *actor, session string) {
	now := time.Now()
	c.expireApprovals()
	s := c.sessions[session]
	if s == nil || s.triggered > 0 {
		return
	}
	c.besideTriggered(session, "triggered", s.created)
	s.triggered = c.house.trace.steps
	c.left(slices.Concat(s.leavers, s.approved))
	c.ages.told(slices.Concat(s.leavers, s.approved, s.everyone))
	c.passed(a)
	for _, id := range s.leavers {
		c.enteredBefore(id)
		c.out[id] = now
	}
	c.guarded()
}

// expireApprovals ends what an operator said of those who were brought back since.
func (c *checks) expireApprovals() {
	for _, o := range c.house.org.Sessions() {
		s := c.sessions[o.ID]
		if s == nil || o.Status != oktasim.StatusCompleted {
			continue
		}
		for _, id := range s.upserted {
			if c.approved[id] < s.triggered {
				delete(c.approved, id)
			}
		}
		s.upserted = nil
	}
}

// guarded checks that no more people were deactivated in 24 h than the guard lets pass, besides those whom a flush entered
// that lost its lease over it.
func (c *checks) guarded() {
	maps.DeleteFunc(c.out, func(_ string, at time.Time) bool { return time.Since(at) > guardWindow })
	limit := c.house.plan.flavor.guardLimit(int64(c.house.plan.flavor.rows))
	for id := range c.out {
		if c.late[id] {
			limit++
		}
	}
	c.that(len(c.out) <= limit, "the guard's limit holds", "%d of %d: %v", len(c.out), limit, slices.Sorted(maps.Keys(c.out)))
}
