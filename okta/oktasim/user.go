package oktasim

import (
	"net/http"
	"slices"
)

// userBody is a user as the per-user endpoints take and answer it. Okta's guide names the first two fields alone.
type userBody struct {
	ExternalID  any    `json:"externalId"`
	Profile     any    `json:"profile"`
	ID          string `json:"id,omitempty"`
	Status      string `json:"status,omitempty"`
	Created     string `json:"created,omitempty"`
	LastUpdated string `json:"lastUpdated,omitempty"`
}

func answerUser(u *User) *answer {
	return answerJSON(http.StatusOK, userBody{u.ExternalID, u.Profile, u.ID, u.Status, oktaTime(u.Created), oktaTime(u.LastUpdated)})
}

func (s *Server) createUser(c *call) (*answer, *refusal) {
	var body userBody
	if !decode(c.body, &body) {
		return nil, malformed()
	}
	id, problem := checkExternalID(body.ExternalID)
	if problem != "" {
		return nil, invalid("externalId", problem)
	}
	if u := s.users[id]; u != nil && u.Status == Active {
		return nil, invalid("externalId", "externalId: An object with this field already exists in the current organization")
	}
	return s.write(c, id, body.Profile, false, false)
}

func (s *Server) getUser(c *call) (*answer, *refusal) {
	u, refused := s.user(c)
	if refused != nil {
		return nil, refused
	}
	return answerUser(u), nil
}

// replaceUser makes the user what the body says: attributes that it does not name become null.
func (s *Server) replaceUser(c *call) (*answer, *refusal) { return s.changeKnown(c, true) }

// updateUser changes the attributes that the body names.
func (s *Server) updateUser(c *call) (*answer, *refusal) { return s.changeKnown(c, false) }

// deleteUser deactivates at once. A user who is out already stays so.
func (s *Server) deleteUser(c *call) (*answer, *refusal) {
	u, refused := s.user(c)
	if refused != nil {
		return nil, refused
	}
	if slices.Contains(s.config.Undeletable, u.ExternalID) {
		return nil, forbidden()
	}
	s.deactivate(c.now, "", u.ExternalID, u.ID)
	return answerNothing(http.StatusNoContent), nil
}

func (s *Server) user(c *call) (*User, *refusal) {
	u := s.users[c.vars["user"]]
	if u == nil {
		return nil, notFound(c.vars["user"], "IdentitySourceUser")
	}
	return u, nil
}

func (s *Server) changeKnown(c *call, replace bool) (*answer, *refusal) {
	u, refused := s.user(c)
	if refused != nil {
		return nil, refused
	}
	var body userBody
	if !decode(c.body, &body) {
		return nil, malformed()
	}
	return s.write(c, u.ExternalID, body.Profile, !replace, replace)
}

// write is checked as a load is, and against the target's limits at once.
func (s *Server) write(c *call, id string, v any, partial, replace bool) (*answer, *refusal) {
	p, problems := s.checkProfile(v, s.custom(), partial)
	if len(problems) > 0 {
		return nil, invalid("profile", problems...)
	}
	if outcome, reason := s.upsert(c.now, "", id, p, replace); outcome == Failed {
		return nil, invalid("profile", reason)
	}
	return answerUser(s.users[id]), nil
}
