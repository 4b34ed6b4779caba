package oktasim

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Server is one org with one identity source. All methods are safe for concurrent use.
type Server struct {
	mu sync.Mutex
	*state
	config  Config
	journal *journal // nil without a Dir
	// pending are the changes of the request in hand, not yet in the journal.
	pending []change
	// broken is why the journal could not be written; from then on every call is refused.
	broken error

	faults  []Fault
	late    []lateCall
	poison  map[string]bool
	buckets map[string]*bucket
	calls   map[string]int
	// used are the ids of assertions and proofs that may not come again, in usedInOrder till when.
	used        map[string]bool
	usedInOrder []usedID
	// tokens counts the access tokens issued, rotations those of the nonce, revocations those of all tokens.
	tokens, rotations, revocations uint64
	// arrived counts the calls, refused those over the rate or the concurrency limit, atWork those not yet answered.
	arrived, errorsMade uint64
	refused, atWork     int
}

// New starts an org, with what config.Dir holds of it. It returns every problem of the config.
func New(config Config) (*Server, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("check config: %w", err)
	}
	if config.Now == nil {
		config.Now = time.Now
	}
	s := &Server{
		state: newState(), buckets: map[string]*bucket{}, calls: map[string]int{}, used: map[string]bool{},
	}
	s.setConfig(config)
	if config.Dir != "" {
		j, err := openJournal(config.Dir, s.state)
		if err != nil {
			return nil, fmt.Errorf("open journal: %w", err)
		}
		s.journal = j
	}
	return s, nil
}

// Close closes the journal. The state needs no closing: a Server that was not closed loses nothing.
func (s *Server) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	j := s.journal
	s.journal = nil
	return j.close()
}

// Reconfigure changes settings while the org runs: a limit that shrinks, a reading of a rule. Now, IdentitySourceID, Seed
// and Dir stay as they are.
func (s *Server) Reconfigure(edit func(*Config)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reconfigure(edit)
}

func (s *Server) reconfigure(edit func(*Config)) error {
	next := s.config
	next.DeclaredAttributes, next.Poison, next.Undeletable = slices.Clone(next.DeclaredAttributes), slices.Clone(next.Poison), slices.Clone(next.Undeletable)
	edit(&next)
	next.Now, next.IdentitySourceID, next.Seed, next.Dir = s.config.Now, s.config.IdentitySourceID, s.config.Seed, s.config.Dir
	if err := next.Validate(); err != nil {
		return fmt.Errorf("check config: %w", err)
	}
	s.settle(s.config.Now())
	s.commit()
	s.setConfig(next)
	return nil
}

func (s *Server) setConfig(config Config) {
	s.config = config
	s.poison = map[string]bool{}
	for _, id := range config.Poison {
		s.poison[id] = true
	}
}

// Advance works off what is due by now. Every request and every accessor does so too.
func (s *Server) Advance() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
}

func (s *Server) advance() time.Time {
	now := s.config.Now()
	s.settle(now)
	s.commit()
	return now
}

// Users returns the people of the org in order of externalId (bytewise), deactivated ones included.
func (s *Server) Users() []User {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	users := make([]User, 0, len(s.users))
	for _, id := range s.externalIDs() {
		users = append(users, s.users[id].clone())
	}
	return users
}

// User returns the person with this externalId.
func (s *Server) User(externalID string) (User, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	u := s.users[externalID]
	if u == nil {
		return User{}, false
	}
	return u.clone(), true
}

// Put enters people as if they had always been there, replacing those with the same externalId. An empty ID, Status or
// time is filled in.
func (s *Server) Put(users ...User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.advance()
	for _, given := range users {
		u := given.clone()
		if u.Profile == nil {
			u.Profile = map[string]string{}
		}
		if u.ID == "" {
			u.ID = newID(s.config.Seed, "00u", s.people+1)
		}
		if u.Status == "" {
			u.Status = Active
		}
		if u.Created.IsZero() {
			u.Created = now
		}
		if u.LastUpdated.IsZero() {
			u.LastUpdated = now
		}
		s.do(change{User: &u})
	}
	s.commit()
}

// Sessions returns the sessions in order of creation, with the people uploaded to them.
func (s *Server) Sessions() []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	sessions := make([]Session, 0, len(s.sessions))
	for _, x := range s.sessions {
		sessions = append(sessions, x.clone())
	}
	return sessions
}

// Violations returns what clients did that Okta does not refuse and that they must not do: one person twice in a session,
// an empty profile.
func (s *Server) Violations() []Violation {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance()
	return slices.Clone(s.violations)
}

// Calls returns how many calls of each operation arrived, refused and failed ones included. See the Op… constants.
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// Throttled returns how many calls were answered with 429 for being over a limit.
func (s *Server) Throttled() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// Fault orders faults: all of them, or none where one is wrong.
func (s *Server) Fault(faults ...Fault) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.order(faults)
}

// ClearFaults takes back the faults that have not hit yet.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

// do makes a change and keeps it for the journal.
func (s *Server) do(c change) {
	s.apply(c)
	if s.journal != nil {
		s.pending = append(s.pending, c)
	}
}

// commit writes the changes of a request, so that they are kept before the request is answered.
func (s *Server) commit() {
	if s.journal == nil || len(s.pending) == 0 {
		return
	}
	if err := s.journal.write(s.pending, s.state); err != nil && s.broken == nil {
		s.broken = err
	}
	clear(s.pending)
	s.pending = s.pending[:0]
}

func (s *Server) violate(at time.Time, session, externalID, what string) {
	s.do(change{Violation: &Violation{at, session, externalID, what}})
}

func (x *Session) clone() Session {
	c := *x
	c.People = slices.Clone(x.People)
	return c
}
