package oktasim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"
)

// Fault is an order to treat the next calls of an operation badly.
type Fault struct {
	// Op is one of the Op… constants or a pattern of them (path.Match): *, user-*. OpImport makes the imports of the next
	// sessions that are triggered end in ERROR; nothing but Count matters to it.
	Op string `json:"op"`
	// Count is how many calls are hit; 0 is one, below 0 all.
	Count int `json:"count"`
	// Status answers the call with this status and without an effect. 0 lets it go on.
	Status int `json:"status"`
	// Delay lets the call wait: before its effect, but after it where Drop is after or middle. With drop late the call is
	// dropped at once and has its effect so much later.
	Delay Duration `json:"delay"`
	// Drop closes the connection: before or after the call has its effect, in the middle of the answer's body, or late.
	Drop string `json:"drop"`
	// Body is the answer's body in place of Okta's; with no Status it replaces that of a call that has its effect.
	Body string `json:"body"`
	// Header is added to the answer.
	Header map[string]string `json:"header"`
}

// Duration is a duration that JSON writes as Go does: "1.5s".
type Duration time.Duration

// UnmarshalJSON reads "1.5s".
func (d *Duration) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("read duration: %w", err)
	}
	parsed, err := time.ParseDuration(s)
	if err != nil {
		return fmt.Errorf("read duration: %w", err)
	}
	*d = Duration(parsed)
	return nil
}

// MarshalJSON writes "1.5s".
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(time.Duration(d).String()) }

// lateCall is a call whose connection is gone and whose effect is to come.
type lateCall struct {
	due  time.Time
	call *call
}

func (s *Server) order(faults []Fault) error {
	for _, f := range faults {
		if err := f.check(); err != nil {
			return fmt.Errorf("order fault: %w", err)
		}
	}
	for _, f := range faults {
		s.faults = append(s.faults, f.filled())
	}
	return nil
}

func (f Fault) check() error {
	if _, err := path.Match(f.Op, ""); err != nil || f.Op == "" {
		return fmt.Errorf("op is %q: want an operation or a pattern", f.Op)
	}
	if !slices.ContainsFunc(operations, func(op string) bool { return matches(f.Op, op) }) {
		return fmt.Errorf("op is %q: matches none of %s", f.Op, strings.Join(operations, ", "))
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("status is %d: want 200 to 599", f.Status)
	}
	if f.Delay < 0 {
		return fmt.Errorf("delay is negative")
	}
	if cuts := []cut{cutNowhere, cutBefore, cutAfter, cutMiddle, cutLate}; !slices.Contains(cuts, cut(f.Drop)) {
		return fmt.Errorf("drop is %q: want before, after, middle or late", f.Drop)
	}
	return nil
}

func (f Fault) filled() Fault {
	if f.Count == 0 {
		f.Count = 1
	}
	return f
}

func matches(pattern, op string) bool {
	ok, err := path.Match(pattern, op)
	return ok && err == nil
}

// takeFault returns the first order that hits op, used up by one.
func (s *Server) takeFault(op string) *Fault {
	for i, f := range s.faults {
		if !matches(f.Op, op) || op == OpImport && f.Op != OpImport {
			continue
		}
		if f.Count > 0 {
			if s.faults[i].Count--; s.faults[i].Count == 0 {
				s.faults = slices.Delete(s.faults, i, i+1)
			}
		}
		return &f
	}
	return s.chanceFault(op)
}

// chanceFault fails a share of the calls by chance.
func (s *Server) chanceFault(op string) *Fault {
	if op == OpImport || s.config.ErrorRate == 0 || !chance(s.config.ErrorRate, draw(s.config.Seed, "call", s.arrived)) {
		return nil
	}
	faults := []Fault{{Status: 500}, {Status: 503}, {Drop: string(cutBefore)}, {Drop: string(cutAfter)}}
	return &faults[draw(s.config.Seed, "fault", s.arrived)%uint64(len(faults))]
}

// answerFault is the answer of a fault with a status.
func (s *Server) answerFault(f *Fault, c *call) *answer {
	known := map[int]*refusal{
		http.StatusBadRequest:          invalid("fault"),
		http.StatusUnauthorized:        badToken(),
		http.StatusForbidden:           forbidden(),
		http.StatusNotFound:            notFound(c.path, "Resource"),
		http.StatusTooManyRequests:     throttled(),
		http.StatusInternalServerError: internalError(),
		http.StatusServiceUnavailable:  readOnly(),
	}
	a := &answer{status: f.Status, header: http.Header{"Content-Type": {"text/html"}}}
	if refused := known[f.Status]; refused != nil {
		a = refused.answer(s.errorID())
	} else if f.Status >= 400 {
		a.body = fmt.Appendf(nil, "<html><body><h1>%d %s</h1></body></html>", f.Status, http.StatusText(f.Status))
	}
	if f.Status == http.StatusTooManyRequests {
		s.exhausted(c, a.header)
	}
	return a
}
