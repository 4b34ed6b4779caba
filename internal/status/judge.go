package status

import (
	"fmt"
	"time"

	"rollcall/okta"
)

// judge lists the reasons why the house is not healthy. What is not known is no reason, but for a queue that cannot be
// read, which read has listed.
func (s *Status) judge(now time.Time, overdue time.Duration) {
	if s.Mode != Running {
		s.unhealthy(NotRunning, "%s since %s, by %s", s.Mode, s.ChangedAt.Format(time.RFC3339), s.ChangedBy)
	}
	if s.Failures > MaxFailures {
		s.unhealthy(Failing, "%d flushes failed in a row: their log says why", s.Failures)
	}
	for _, q := range s.Queues {
		if q.Oldest != nil && *q.Oldest > MaxMessageAge.Seconds() {
			s.unhealthy(QueueOld, "the oldest message of queue %s is %s old, more than %s", q.Name, whole(*q.Oldest), MaxMessageAge)
		}
	}
	if s.Behind != nil && *s.Behind > MaxBehind.Seconds() {
		s.unhealthy(StreamOld, "the stream-handler is %s behind the table, more than %s", whole(*s.Behind), MaxBehind)
	}
	for _, w := range s.Watched {
		if age := now.Sub(w.Triggered); age > overdue {
			s.unhealthy(Overdue, "session %s has been importing for %s, more than %s", w.Session, age.Round(time.Second), overdue)
		}
	}
	if len(s.Sessions) > 0 && s.Sessions[0].Status != string(okta.StatusCompleted) {
		s.unhealthy(SessionLost, "the latest session, %s, ended in %s", s.Sessions[0].Session, s.Sessions[0].Status)
	}
	if s.Held > 0 {
		s.unhealthy(HeldPeople, "the guard holds people (%d)", s.Held)
	}
	if s.Rejects > 0 {
		s.unhealthy(Rejected, "there are rejects (%d)", s.Rejects)
	}
}

func (s *Status) unhealthy(kind Kind, format string, args ...any) {
	s.Unhealthy = append(s.Unhealthy, Reason{kind, fmt.Sprintf(format, args...)})
}

// whole is a number of seconds as a duration, without fractions.
func whole(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second)).Round(time.Second)
}
