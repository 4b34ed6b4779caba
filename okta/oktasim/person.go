package oktasim

import (
	"maps"
	"slices"
	"time"
)

// Statuses of a user.
const (
	Active        = "ACTIVE"
	Deprovisioned = "DEPROVISIONED"
)

// User is one of the people whom the org has from the identity source.
type User struct {
	// ID is Okta's: 00u….
	ID         string `json:"id"`
	ExternalID string `json:"externalId"`
	Status     string `json:"status"`
	// Profile is the app's profile; an attribute that is null is not in it.
	Profile     map[string]string `json:"profile"`
	Created     time.Time         `json:"created"`
	LastUpdated time.Time         `json:"lastUpdated"`
}

func (u *User) clone() User {
	c := *u
	c.Profile = maps.Clone(u.Profile)
	return c
}

// Outcome is what an import made of one person.
type Outcome string

const (
	Created     Outcome = "created"
	Updated     Outcome = "updated"
	Unchanged   Outcome = "unchanged"
	Deactivated Outcome = "deactivated"
	Failed      Outcome = "failed"
	// Ignored is a delete of somebody whom Okta did not have when it was uploaded.
	Ignored Outcome = "ignored"
)

// profile is a profile as it is uploaded; nil clears the attribute.
type profile map[string]*string

// upsert makes the user what p says: attributes it does not name stay, or with replace are cleared.
func (s *Server) upsert(at time.Time, session, externalID string, p profile, replace bool) (Outcome, string) {
	if reason := s.overTarget(p); reason != "" {
		return s.failed(at, session, externalID, reason)
	}
	old := s.users[externalID]
	if old == nil {
		taken, reason := s.sameUserName(externalID, p)
		if reason != "" {
			return s.failed(at, session, externalID, reason)
		}
		if taken == nil {
			return s.create(at, session, externalID, p), ""
		}
		moved := taken.clone()
		moved.ExternalID = externalID
		s.do(change{Gone: taken.ExternalID})
		s.do(change{User: &moved})
		s.log(at, "system.import.user.match", session, externalID, "")
		old = &moved
	}
	if old.Status == Deprovisioned && !s.config.ReactivateDeactivated {
		return s.failed(at, session, externalID, "user is DEPROVISIONED and the app does not reactivate deactivated users")
	}
	next := old.clone()
	next.Status = Active
	if replace {
		clear(next.Profile)
	}
	p.into(next.Profile)
	if next.Status == old.Status && maps.Equal(next.Profile, old.Profile) {
		return Unchanged, ""
	}
	next.LastUpdated = at
	s.do(change{User: &next})
	if old.Status == Deprovisioned {
		s.log(at, "user.lifecycle.reactivate", session, externalID, "")
	}
	s.log(at, "system.import.user.update", session, externalID, "")
	return Updated, ""
}

func (s *Server) create(at time.Time, session, externalID string, p profile) Outcome {
	u := &User{
		ID: newID(s.config.Seed, "00u", s.people+1), ExternalID: externalID, Status: Active,
		Profile: map[string]string{}, Created: at, LastUpdated: at,
	}
	p.into(u.Profile)
	s.do(change{User: u})
	s.log(at, "system.import.user.create", session, externalID, "")
	s.log(at, "user.lifecycle.create", session, externalID, "")
	s.log(at, "user.lifecycle.activate", session, externalID, "")
	return Created
}

// deactivate takes out the user with Okta's id, under whatever externalId.
func (s *Server) deactivate(at time.Time, session, externalID, id string) Outcome {
	u := s.users[externalID]
	if u == nil || u.ID != id {
		u = s.userByID(id)
	}
	if u == nil || u.Status == Deprovisioned {
		return Unchanged
	}
	next := u.clone()
	next.Status = Deprovisioned
	next.LastUpdated = at
	s.do(change{User: &next})
	s.log(at, "system.import.user.delete", session, next.ExternalID, "")
	s.log(at, "user.lifecycle.deactivate", session, next.ExternalID, "")
	return Deactivated
}

func (s *Server) failed(at time.Time, session, externalID, reason string) (Outcome, string) {
	s.log(at, logImportFailed, session, externalID, reason)
	return Failed, reason
}

// sameUserName returns the user to take over, or the reason why the person clashes.
func (s *Server) sameUserName(externalID string, p profile) (taken *User, reason string) {
	name := p["userName"]
	if name == nil || s.config.SameUserName == "" || s.config.SameUserName == SameUserNameSeparate {
		return nil, ""
	}
	for _, id := range s.externalIDs() {
		u := s.users[id]
		if id == externalID || u.Profile["userName"] != *name {
			continue
		}
		if s.config.SameUserName == SameUserNameMatch {
			return u, ""
		}
		return nil, "login: An object with this field already exists in the current organization"
	}
	return nil, ""
}

func (s *Server) userByID(id string) *User {
	for _, u := range s.users {
		if u.ID == id {
			return u
		}
	}
	return nil
}

// externalIDs returns everybody's, sorted. The slice is shared.
func (t *state) externalIDs() []string {
	if t.ids == nil {
		t.ids = sortedKeys(t.users)
	}
	return t.ids
}

func (p profile) into(attributes map[string]string) {
	for name, value := range p {
		if value == nil {
			delete(attributes, name)
		} else {
			attributes[name] = *value
		}
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
