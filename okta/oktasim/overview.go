package oktasim

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	// maxPage bounds what the page's lists hold at once.
	maxPage = 200
	// lastSessions is how many sessions the overview holds.
	lastSessions = 30
)

// sessionView is a session under /sim: what the API says of it, and what it does not say.
type sessionView struct {
	sessionBody
	Number    uint64          `json:"number"`
	Triggered *time.Time      `json:"triggered"`
	Ended     *time.Time      `json:"ended"`
	Loads     int             `json:"loads"`
	People    int             `json:"people"`
	Worked    int             `json:"worked"`
	Counts    map[Outcome]int `json:"counts"`
}

// view counts the people by outcome; those without one are not in the counts.
func (s *Server) view(x *Session) sessionView {
	v := sessionView{
		sessionBody: s.sessionBody(x), Number: x.Number, Loads: x.Loads, People: len(x.People), Worked: x.Worked,
		Triggered: known(x.Triggered), Ended: known(x.Ended),
		Counts: map[Outcome]int{Created: 0, Updated: 0, Unchanged: 0, Deactivated: 0, Failed: 0, Ignored: 0},
	}
	for _, p := range x.People {
		if p.Outcome != "" {
			v.Counts[p.Outcome]++
		}
	}
	return v
}

func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// simSessions answers every session in order of creation.
func (s *Server) simSessions(*call) *answer {
	views := make([]sessionView, 0, len(s.sessions))
	for _, x := range s.sessions {
		views = append(views, s.view(x))
	}
	return answerJSON(http.StatusOK, views)
}

// simSession answers a session with its people: all of them, or with limit a page of those that outcome and q choose.
func (s *Server) simSession(c *call) *answer {
	x := s.byID[c.vars["session"]]
	if x == nil {
		return notFound(c.vars["session"], "IdentitySourceSession").answer(s.errorID())
	}
	outcome, q := c.query.Get("outcome"), strings.ToLower(c.query.Get("q"))
	people := []Person{}
	for _, p := range x.People {
		if (outcome == "" || string(p.Outcome) == outcome) && strings.Contains(strings.ToLower(p.ExternalID), q) {
			p.Profile = nil
			people = append(people, p)
		}
	}
	matching := len(people)
	return answerJSON(http.StatusOK, struct {
		sessionView
		Matching int      `json:"matching"`
		Outcomes []Person `json:"outcomes"`
	}{s.view(x), matching, page(c, people)})
}

// simDirectory answers a page of the people whom id, q and status choose: q is looked for in externalId and profile.
func (s *Server) simDirectory(c *call) *answer {
	id, status, q := c.query.Get("id"), c.query.Get("status"), strings.ToLower(c.query.Get("q"))
	found := []*User{}
	for _, each := range s.externalIDs() {
		if u := s.users[each]; (id == "" || id == each) && (status == "" || u.Status == status) && u.mentions(q) {
			found = append(found, u)
		}
	}
	return answerJSON(http.StatusOK, map[string]any{"matching": len(found), "users": page(c, found)})
}

func (u *User) mentions(q string) bool {
	if q == "" || strings.Contains(strings.ToLower(u.ExternalID), q) {
		return true
	}
	for _, value := range u.Profile {
		if strings.Contains(strings.ToLower(value), q) {
			return true
		}
	}
	return false
}

// page cuts out what offset and limit ask for; without a limit there is none.
func page[T any](c *call, all []T) []T {
	limit, err := strconv.Atoi(c.query.Get("limit"))
	if err != nil || limit < 1 {
		return all
	}
	offset, _ := strconv.Atoi(c.query.Get("offset")) // no number: from the start
	offset = min(max(offset, 0), len(all))
	return all[offset:min(offset+min(limit, maxPage), len(all))]
}

// simOverview is what the page asks for again and again. Version changes with the state and with every call.
func (s *Server) simOverview(c *call) *answer {
	active := 0
	for _, u := range s.users {
		if u.Status == Active {
			active++
		}
	}
	views := []sessionView{}
	for _, x := range s.sessions[max(0, len(s.sessions)-lastSessions):] {
		views = append(views, s.view(x))
	}
	slices.Reverse(views)
	remaining := s.config.RateLimit
	var reset *time.Time
	if b := s.buckets[apiIdentitySources]; b != nil && c.now.Before(b.start.Add(rateWindow)) {
		remaining = max(0, remaining-b.used)
		reset = known(b.start.Add(rateWindow))
	}
	return answerJSON(http.StatusOK, map[string]any{
		"version": strconv.FormatUint(s.version, 10) + "." + strconv.FormatUint(s.arrived, 10), "now": c.now,
		"identitySourceId": s.config.IdentitySourceID,
		"users":            map[string]int{"total": len(s.users), "active": active, "deprovisioned": len(s.users) - active},
		"rate":             map[string]any{"limit": s.config.RateLimit, "remaining": remaining, "reset": reset},
		"calls":            s.calls, "throttled": s.refused, "violations": len(s.violations), "faults": len(s.faults),
		"sessionsEver": s.numbered, "sessions": views,
	})
}
