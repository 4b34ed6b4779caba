package oktasim

import (
	"net/http"
	"time"
)

// Status is a session's.
type Status string

const (
	StatusCreated    Status = "CREATED"
	StatusInProgress Status = "IN_PROGRESS"
	StatusTriggered  Status = "TRIGGERED"
	StatusCompleted  Status = "COMPLETED"
	StatusError      Status = "ERROR"
	StatusClosed     Status = "CLOSED"
	StatusExpired    Status = "EXPIRED"
)

// active is what the list of sessions shows; open is what takes loads.
func (s Status) active() bool { return s.open() || s == StatusTriggered }
func (s Status) open() bool   { return s == StatusCreated || s == StatusInProgress }

// Session is an import session as the org sees it.
type Session struct {
	ID string `json:"id"`
	// Number counts the sessions of the org from 1.
	Number      uint64    `json:"number"`
	Status      Status    `json:"status"`
	Created     time.Time `json:"created"`
	LastUpdated time.Time `json:"lastUpdated"`
	// Touched is the time of the last request that named the session: 24 h later it expires.
	Touched time.Time `json:"touched"`
	// Matched is when it becomes or became IN_PROGRESS; zero while no load held anything.
	Matched time.Time `json:"matched,omitzero"`
	// Triggered and Started are when start-import was called and when the import's turn came.
	Triggered time.Time `json:"triggered,omitzero"`
	Started   time.Time `json:"started,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
	Loads     int       `json:"loads"`
	// Worked is how many of the people the import is through with.
	Worked int `json:"worked"`
	// Fails is set when the import will end, or ended, in ERROR.
	Fails bool `json:"fails,omitempty"`
	// People are those uploaded, in order. An ended session may have lost their profiles.
	People []Person `json:"-"`
}

// Person is one entry of a load and what became of it.
type Person struct {
	ExternalID string `json:"externalId"`
	// Delete tells an entry of a bulk-delete from one of a bulk-upsert.
	Delete bool `json:"delete,omitempty"`
	// Outcome is empty until the import is through with the person, and for good where a session that ended in ERROR did
	// not apply them.
	Outcome Outcome   `json:"outcome,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at,omitzero"`

	// Profile is what was uploaded; UserID is whom a delete was matched with when it was.
	Profile profile `json:"profile,omitempty"`
	UserID  string  `json:"userId,omitempty"`
}

// sessionBody is a session as the API answers it.
type sessionBody struct {
	ID               string `json:"id"`
	IdentitySourceID string `json:"identitySourceId"`
	Status           Status `json:"status"`
	ImportType       string `json:"importType"`
	Created          string `json:"created"`
	LastUpdated      string `json:"lastUpdated"`
}

// oktaTime is RFC 3339 with milliseconds.
func oktaTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (s *Server) sessionBody(x *Session) sessionBody {
	return sessionBody{x.ID, s.config.IdentitySourceID, x.Status, "INCREMENTAL", oktaTime(x.Created), oktaTime(x.LastUpdated)}
}

func (s *Server) listSessions(*call) (*answer, *refusal) {
	bodies := []sessionBody{}
	for _, x := range s.sessions {
		if x.Status.active() || s.config.ListEnded {
			bodies = append(bodies, s.sessionBody(x))
		}
	}
	return answerJSON(http.StatusOK, bodies), nil
}

func (s *Server) createSession(c *call) (*answer, *refusal) {
	for _, x := range s.sessions {
		if x.Status == StatusCreated || x.Status == StatusInProgress && !s.config.CreateWhileLoading {
			return nil, invalid("identitySourceSession", "An import session in "+string(x.Status)+" status already exists for this identity source: "+x.ID)
		}
	}
	if s.coolingDown(c.now) {
		return nil, invalid("identitySourceSession",
			"Only one active import session per identity source is allowed to be created every "+s.config.Cooldown.String())
	}
	number := s.numbered + 1
	x := Session{
		ID: newID(s.config.Seed, "iss", number), Number: number, Status: StatusCreated,
		Created: c.now, LastUpdated: c.now, Touched: c.now,
	}
	s.do(change{Session: &x})
	s.log(c.now, "system.import.session.created", x.ID, "", "")
	return answerJSON(http.StatusCreated, s.sessionBody(&x)), nil
}

// coolingDown says whether a session triggered or created of late refuses another one. A session that was cancelled or
// expired causes no cooldown.
func (s *Server) coolingDown(now time.Time) bool {
	for _, x := range s.sessions {
		var since time.Time
		switch s.config.CooldownReading {
		case CooldownCreate:
			if x.Status != StatusClosed && x.Status != StatusExpired {
				since = x.Created
			}
		case CooldownWindow:
			if x.Status.active() {
				since = x.Created
			}
		default:
			if x.Status == StatusTriggered {
				since = x.Triggered
			}
		}
		if !since.IsZero() && now.Before(since.Add(s.config.Cooldown)) {
			return true
		}
	}
	return false
}

// session finds the session that the path names and notes that it was asked for.
func (s *Server) session(c *call) (*Session, *refusal) {
	x := s.byID[c.vars["session"]]
	if x == nil {
		return nil, notFound(c.vars["session"], "IdentitySourceSession")
	}
	if x.Status.open() && !x.Touched.Equal(c.now) {
		next := *x
		next.Touched = c.now
		s.do(change{Session: &next})
	}
	return x, nil
}

func (s *Server) getSession(c *call) (*answer, *refusal) {
	x, refused := s.session(c)
	if refused != nil {
		return nil, refused
	}
	return answerJSON(http.StatusOK, s.sessionBody(x)), nil
}

func (s *Server) cancelSession(c *call) (*answer, *refusal) {
	x, refused := s.session(c)
	if refused != nil {
		return nil, refused
	}
	if !x.Status.open() {
		return nil, invalid("identitySourceSession", "Only a session that is in CREATED or IN_PROGRESS status can be canceled.")
	}
	next := *x
	next.Status, next.LastUpdated, next.Ended = StatusClosed, c.now, c.now
	s.do(change{Session: &next})
	s.log(c.now, "system.import.session.cancelled", x.ID, "", "")
	return answerNothing(http.StatusNoContent), nil
}

func (s *Server) startImport(c *call) (*answer, *refusal) {
	x, refused := s.session(c)
	if refused != nil {
		return nil, refused
	}
	if x.Status != StatusInProgress {
		return nil, invalid("identitySourceSession", "Session="+x.ID+" should be in IN_PROGRESS status in order to be processed")
	}
	next := *x
	next.Status, next.LastUpdated, next.Triggered = StatusTriggered, c.now, c.now
	next.Fails = s.importFails(x)
	s.do(change{Session: &next})
	s.log(c.now, "system.import.session.triggered", x.ID, "", "")
	return answerJSON(http.StatusOK, s.sessionBody(x)), nil
}
