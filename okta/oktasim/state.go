package oktasim

import "time"

const (
	// keptSessions and keptPeople bound what is kept of ended sessions: the oldest go first.
	keptSessions = 1000
	keptPeople   = 500_000
	// keptLogs bounds the System Log.
	keptLogs = 200_000
)

// state is everything that outlives a restart. It changes by apply alone.
type state struct {
	users    map[string]*User
	sessions []*Session
	byID     map[string]*Session
	// listed counts, for each session that is not over, how often each externalId was uploaded.
	listed     map[string]map[string]int
	logs       []logEntry
	violations []Violation
	// attributes are the custom attributes declared and removed since the org was set up; those removed are nil.
	attributes map[string]*property
	// mapped are the mapping's properties set and removed since; those removed are nil.
	mapped map[string]*mappedProperty
	// people and numbered count the users and sessions ever made, logged the log entries.
	people, numbered, logged uint64
	// free is when the last import ended.
	free time.Time
	held int // people in all sessions
	// ids are the externalIds, sorted; nil when they are to be sorted anew.
	ids []string
	// version counts the changes since the start.
	version uint64
}

// Violation is something that a client must not do and that Okta does not refuse.
type Violation struct {
	At         time.Time `json:"at"`
	Session    string    `json:"session"`
	ExternalID string    `json:"externalId"`
	What       string    `json:"what"`
}

// change is one step from a state to the next, as the journal holds it: exactly one field is set. Counts ends a snapshot.
type change struct {
	User      *User          `json:"user,omitempty"`
	Gone      string         `json:"gone,omitempty"`
	Session   *Session       `json:"session,omitempty"`
	Loaded    *loaded        `json:"loaded,omitempty"`
	Outcome   *outcomeChange `json:"outcome,omitempty"`
	Log       *logEntry      `json:"log,omitempty"`
	Violation *Violation     `json:"violation,omitempty"`
	Declared  *declared      `json:"declared,omitempty"`
	Mapped    *mapped        `json:"mapped,omitempty"`
	Counts    *counts        `json:"counts,omitempty"`
}

type loaded struct {
	Session string `json:"session"`
	Person  Person `json:"person"`
}

type outcomeChange struct {
	Session string    `json:"session"`
	Index   int       `json:"index"`
	Outcome Outcome   `json:"outcome"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at"`
}

// counts are the numbers of what a snapshot no longer holds.
type counts struct {
	People   uint64    `json:"people"`
	Sessions uint64    `json:"sessions"`
	Logs     uint64    `json:"logs"`
	Free     time.Time `json:"free"`
}

func newState() *state {
	return &state{
		users: map[string]*User{}, byID: map[string]*Session{}, listed: map[string]map[string]int{},
		attributes: map[string]*property{}, mapped: map[string]*mappedProperty{},
	}
}

// apply makes a change. It is all that happens to a state, in a request as in a restart.
func (t *state) apply(c change) {
	t.version++
	switch {
	case c.User != nil:
		if t.users[c.User.ExternalID] == nil {
			t.people++
			t.ids = nil
		}
		t.users[c.User.ExternalID] = c.User
	case c.Gone != "":
		delete(t.users, c.Gone)
		t.ids = nil
	case c.Session != nil:
		t.applySession(c.Session)
	case c.Loaded != nil:
		x := t.byID[c.Loaded.Session]
		x.People = append(x.People, c.Loaded.Person)
		t.held++
		if listed := t.listed[x.ID]; listed != nil {
			listed[c.Loaded.Person.ExternalID]++
		}
	case c.Outcome != nil:
		p := &t.byID[c.Outcome.Session].People[c.Outcome.Index]
		p.Outcome, p.Reason, p.At = c.Outcome.Outcome, c.Outcome.Reason, c.Outcome.At
	case c.Log != nil:
		t.logs = append(t.logs, *c.Log)
		t.logged = max(t.logged, c.Log.N)
		if len(t.logs) > keptLogs+keptLogs/10 {
			t.logs = append([]logEntry(nil), t.logs[len(t.logs)-keptLogs:]...)
		}
	case c.Violation != nil:
		t.violations = append(t.violations, *c.Violation)
	case c.Declared != nil:
		t.attributes[c.Declared.Name] = c.Declared.Property
	case c.Mapped != nil:
		t.mapped[c.Mapped.Name] = c.Mapped.Property
	case c.Counts != nil:
		t.people, t.numbered, t.logged, t.free = c.Counts.People, c.Counts.Sessions, c.Counts.Logs, c.Counts.Free
	}
}

func (t *state) applySession(to *Session) {
	x := t.byID[to.ID]
	if x == nil {
		x = &Session{ID: to.ID}
		t.sessions = append(t.sessions, x)
		t.byID[to.ID] = x
		t.numbered = max(t.numbered, to.Number)
	}
	people := x.People
	*x = *to
	x.People = people
	switch {
	case x.Status.active() && t.listed[x.ID] == nil:
		t.listed[x.ID] = map[string]int{}
	case !x.Status.active():
		t.end(x)
	}
}

// end forgets what an ended session does not need, and the oldest ended sessions when there are many.
func (t *state) end(x *Session) {
	delete(t.listed, x.ID)
	for i := range x.People {
		x.People[i].Profile = nil
	}
	if !x.Started.IsZero() && x.Ended.After(t.free) {
		t.free = x.Ended
	}
	for i := 0; i < len(t.sessions) && (len(t.sessions) > keptSessions || t.held > keptPeople); {
		old := t.sessions[i]
		if old == x || old.Status.active() {
			i++
			continue
		}
		t.held -= len(old.People)
		delete(t.byID, old.ID)
		t.sessions = append(t.sessions[:i:i], t.sessions[i+1:]...)
	}
}
