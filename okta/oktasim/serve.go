package oktasim

import (
	"context"
	"maps"
	"net/http"
	"time"
)

// serve is a call from its arrival to its answer. It fails only when ctx ends first.
func (s *Server) serve(ctx context.Context, c *call) (*answer, error) {
	s.mu.Lock()
	if isSim(c.path) {
		defer s.mu.Unlock()
		c.now = s.advance()
		return s.serveSim(c), nil
	}
	refused := c.find()
	s.calls[c.op()]++
	s.arrived++
	fault := s.takeFault(c.op())
	s.atWork++
	crowded := s.config.Concurrency > 0 && s.atWork > s.config.Concurrency
	latency := s.config.Latency
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.atWork--
		s.mu.Unlock()
	}()
	if fault == nil {
		fault = &Fault{}
	}
	drop, delay := cut(fault.Drop), time.Duration(fault.Delay)

	before := latency
	if drop == cutNowhere || drop == cutBefore {
		before += delay
	}
	if err := sleep(ctx, before); err != nil {
		return nil, err
	}
	a := s.effect(c, fault, refused, crowded)
	if drop == cutAfter || drop == cutMiddle {
		if err := sleep(ctx, delay); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// effect is the moment at which a call has its effect, if it has one, and the answer to it.
func (s *Server) effect(c *call, fault *Fault, refused *refusal, crowded bool) *answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.now = s.advance()
	var a *answer
	switch drop := cut(fault.Drop); {
	case drop == cutBefore:
		return &answer{cut: cutBefore}
	case drop == cutLate:
		s.later(lateCall{c.now.Add(time.Duration(fault.Delay)), c})
		return &answer{cut: cutBefore}
	case fault.Status != 0:
		a = s.answerFault(fault, c)
	case crowded:
		s.refused++
		a = throttled().answer(s.errorID())
		maps.Copy(a.header, rateHeader(0, 0, c.now.Add(time.Second)))
	case refused != nil:
		a = refused.answer(s.errorID())
	default:
		a = s.handle(c.now, c)
	}
	s.commit()
	if s.broken != nil {
		a = internalError().answer(s.errorID())
	}
	a.cut = cut(fault.Drop)
	if fault.Body != "" {
		a.body = []byte(fault.Body)
		a.header.Set("Content-Type", http.DetectContentType(a.body))
	}
	for name, value := range fault.Header {
		a.header.Set(name, value)
	}
	a.header.Set("Date", c.now.UTC().Format(http.TimeFormat))
	a.header.Set("X-Okta-Request-Id", newID(s.config.Seed, "req", s.arrived))
	return a
}

// handle lets a call in, counts it and answers it.
func (s *Server) handle(now time.Time, c *call) *answer {
	c.now = now
	a := s.handleAuthorized(c)
	s.freshNonce(c, a)
	return a
}

func (s *Server) handleAuthorized(c *call) *answer {
	if refused := s.authorize(c); refused != nil {
		return refused.answer(s.errorID())
	}
	rate, over := s.spend(c.now, s.api(c))
	refused := throttled()
	var a *answer
	if !over {
		if refused = s.inOrg(c); refused == nil {
			a, refused = c.route.handle(s, c)
		}
	}
	if refused != nil {
		a = refused.answer(s.errorID())
	}
	maps.Copy(a.header, rate)
	return a
}

// inOrg refuses the ids of other identity sources, which are also those of their apps.
func (s *Server) inOrg(c *call) *refusal {
	if id, ok := c.vars["source"]; ok && id != s.config.IdentitySourceID {
		return notFound(id, "IdentitySource")
	}
	if id, ok := c.vars["app"]; ok && id != s.config.IdentitySourceID {
		return notFound(id, "AppInstance")
	}
	return nil
}

// later queues a call whose connection is gone, in order of its time.
func (s *Server) later(l lateCall) {
	i := len(s.late)
	for i > 0 && s.late[i-1].due.After(l.due) {
		i--
	}
	s.late = append(s.late[:i:i], append([]lateCall{l}, s.late[i:]...)...)
}

func (s *Server) errorID() string {
	s.errorsMade++
	return newID(s.config.Seed, "oae", s.errorsMade)
}

// sleep waits for d, or fails with the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
