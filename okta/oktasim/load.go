package oktasim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

const (
	// maxEntities, maxKB and maxLoads are the guide's: 200 entities and 200 KB an upload, 50 uploads a session.
	maxEntities = 200
	maxKB       = 200
	maxLoads    = 50
	// maxCauses keeps the answer to a load that is wrong throughout readable.
	maxCauses = 20
)

// loadBody is the body of bulk-upsert and bulk-delete.
type loadBody struct {
	EntityType any `json:"entityType"`
	Profiles   []struct {
		ExternalID any `json:"externalId"`
		Profile    any `json:"profile"`
	} `json:"profiles"`
}

func (s *Server) bulkUpsert(c *call) (*answer, *refusal) { return s.load(c, false) }
func (s *Server) bulkDelete(c *call) (*answer, *refusal) { return s.load(c, true) }

// load takes one bulk upload. Deletes are matched with the people of this moment.
func (s *Server) load(c *call, deletes bool) (*answer, *refusal) {
	x, refused := s.session(c)
	if refused != nil {
		return nil, refused
	}
	body, refused := s.readLoad(c, x)
	if refused != nil {
		return nil, refused
	}
	people := make([]Person, 0, len(body.Profiles))
	var causes []string
	custom := s.custom()
	for i, entry := range body.Profiles {
		id, problem := checkExternalID(entry.ExternalID)
		person := Person{ExternalID: id, Delete: deletes}
		var problems []string
		if problem != "" {
			problems = append(problems, problem)
		}
		if !deletes {
			p, wrong := s.checkProfile(entry.Profile, custom, false)
			person.Profile = p
			problems = append(problems, wrong...)
		} else if u := s.users[id]; u != nil {
			person.UserID = u.ID
		}
		for _, problem := range problems {
			causes = append(causes, fmt.Sprintf("profiles[%d].%s", i, problem))
		}
		people = append(people, person)
	}
	if len(causes) > 0 {
		return nil, invalid("profiles", causes[:min(len(causes), maxCauses)]...)
	}
	s.accept(c, x, people)
	return answerNothing(http.StatusAccepted), nil
}

// readLoad refuses a load for what it is as a whole.
func (s *Server) readLoad(c *call, x *Session) (*loadBody, *refusal) {
	limit := maxKB << 10
	if s.config.StrictKB {
		limit = maxKB * 1000
	}
	switch {
	case !x.Status.open():
		return nil, invalid("identitySourceSession", "Session="+x.ID+" should be in CREATED or IN_PROGRESS status in order to upload data")
	case x.Loads >= maxLoads:
		return nil, invalid("identitySourceSession", fmt.Sprintf("Session=%s has reached the maximum of %d bulk requests", x.ID, maxLoads))
	case len(c.body) > limit:
		return nil, invalid("body", fmt.Sprintf("The request body cannot be larger than %d KB", maxKB))
	}
	var body loadBody
	if !decode(c.body, &body) {
		return nil, malformed()
	}
	switch {
	case body.EntityType != "USERS":
		return nil, invalid("entityType", "entityType: The value must be USERS")
	case len(body.Profiles) > maxEntities:
		return nil, invalid("profiles", fmt.Sprintf("profiles: The array cannot have more than %d items", maxEntities))
	}
	return &body, nil
}

// accept enters the people of a load into the session. Only somebody to upsert, or to delete and known, moves it on.
func (s *Server) accept(c *call, x *Session, people []Person) {
	listed := s.listed[x.ID]
	matched := false
	for _, p := range people {
		matched = matched || !p.Delete || p.UserID != ""
		if listed[p.ExternalID] > 0 {
			s.violate(c.now, x.ID, p.ExternalID, "listed more than once in a session")
		}
		if !p.Delete && len(p.Profile) == 0 {
			s.violate(c.now, x.ID, p.ExternalID, "upserted with an empty profile")
		}
		s.do(change{Loaded: &loaded{Session: x.ID, Person: p}})
	}
	next := *x
	next.Loads++
	next.LastUpdated = c.now
	if matched && next.Matched.IsZero() {
		next.Matched = c.now.Add(s.config.StatusLag)
	}
	s.do(change{Session: &next})
	s.moveOn(c.now, x)
	if len(people) > 0 {
		kind := "system.identity_sources.bulk_upsert"
		if people[0].Delete {
			kind = "system.identity_sources.bulk_delete"
		}
		s.log(c.now, kind, x.ID, "", "")
	}
}

// decode reads one JSON value and nothing besides.
func decode(body []byte, into any) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	if d.Decode(into) != nil {
		return false
	}
	_, err := d.Token()
	return err == io.EOF
}
