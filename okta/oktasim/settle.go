package oktasim

import "time"

// idleLife is how long a session lives without a request.
const idleLife = 24 * time.Hour

// settle works off everything that is due by now, in order of time: late requests, and between them the sessions.
func (s *Server) settle(now time.Time) {
	for len(s.late) > 0 && !now.Before(s.late[0].due) {
		next := s.late[0]
		s.late = s.late[1:]
		s.settleSessions(next.due)
		s.handle(next.due, next.call)
	}
	s.settleSessions(now)
}

func (s *Server) settleSessions(now time.Time) {
	for _, x := range s.sessions {
		s.moveOn(now, x)
		if end := x.Touched.Add(idleLife); x.Status.open() && !now.Before(end) {
			next := *x
			next.Status, next.LastUpdated, next.Ended = StatusExpired, end, end
			s.do(change{Session: &next})
			s.log(end, "system.import.session.expired", x.ID, "", "")
		}
	}
	for x := s.nextImport(); x != nil && s.work(now, x); x = s.nextImport() {
	}
}

// moveOn makes a session IN_PROGRESS once its first load has told.
func (s *Server) moveOn(now time.Time, x *Session) {
	if x.Status != StatusCreated || x.Matched.IsZero() || now.Before(x.Matched) {
		return
	}
	next := *x
	next.Status, next.LastUpdated = StatusInProgress, x.Matched
	s.do(change{Session: &next})
}

// nextImport is the session whose import runs or is the next to: imports of a source run one after the other, in the order
// in which they were triggered.
func (s *Server) nextImport() *Session {
	var first *Session
	for _, x := range s.sessions {
		if x.Status == StatusTriggered && (first == nil || x.Triggered.Before(first.Triggered)) {
			first = x
		}
	}
	return first
}

// work carries the import of x as far as it is by now, and says whether it ended.
func (s *Server) work(now time.Time, x *Session) bool {
	if x.Started.IsZero() {
		next := *x
		next.Started = x.Triggered
		if s.free.After(next.Started) {
			next.Started = s.free
		}
		if now.Before(next.Started) {
			return false
		}
		s.do(change{Session: &next})
		s.log(x.Started, "system.import.start", x.ID, "", "")
	}
	first := x.Started.Add(s.config.ImportTime)
	worked := x.Worked
	for worked < len(x.People) {
		at := first.Add(time.Duration(worked+1) * s.config.PersonTime)
		if now.Before(at) {
			break
		}
		s.workPerson(at, x, worked)
		worked++
	}
	end := first.Add(time.Duration(len(x.People)) * s.config.PersonTime)
	next := *x
	next.Worked = worked
	if ended := !now.Before(end); !ended {
		if worked != x.Worked {
			s.do(change{Session: &next})
		}
		return false
	}
	next.Status, next.LastUpdated, next.Ended = StatusCompleted, end, end
	if x.Fails {
		next.Status = StatusError
	}
	s.do(change{Session: &next})
	s.log(end, "system.import.complete", x.ID, "", "")
	return true
}

// workPerson applies one person and notes the outcome.
func (s *Server) workPerson(at time.Time, x *Session, i int) {
	p := x.People[i]
	if x.Fails && !chance(s.config.ErrorApplies, draw(s.config.Seed, "applies", x.Number, hash(p.ExternalID))) {
		return
	}
	var outcome Outcome
	var reason string
	switch {
	case s.losesRace(x, i):
		outcome, reason = s.failed(at, x.ID, p.ExternalID, "listed more than once in the session")
	case p.Delete && p.UserID == "":
		outcome = Ignored
	case p.Delete:
		outcome = s.deactivate(at, x.ID, p.ExternalID, p.UserID)
	default:
		outcome, reason = s.upsert(at, x.ID, p.ExternalID, p.Profile, false)
	}
	s.do(change{Outcome: &outcomeChange{x.ID, i, outcome, reason, at}})
}

// losesRace says whether another entry for the same person beats entry i: the first does, or the last, or both fail.
func (s *Server) losesRace(x *Session, i int) bool {
	id := x.People[i].ExternalID
	if s.listed[x.ID][id] < 2 {
		return false
	}
	first, last := -1, -1
	for j, p := range x.People {
		if p.ExternalID == id {
			last = j
			if first < 0 {
				first = j
			}
		}
	}
	switch draw(s.config.Seed, "race", x.Number, hash(id)) % 3 {
	case 0:
		return i != first
	case 1:
		return i != last
	}
	return true
}

// importFails decides at the trigger whether the import will end in ERROR.
func (s *Server) importFails(x *Session) bool {
	if f := s.takeFault(OpImport); f != nil {
		return true
	}
	for _, p := range x.People {
		if s.poison[p.ExternalID] {
			return true
		}
	}
	return chance(s.config.ImportErrorRate, draw(s.config.Seed, "import", x.Number))
}
