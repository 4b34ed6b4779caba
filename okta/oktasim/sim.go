package oktasim

import (
	"fmt"
	"net/http"
	"strings"
)

// simRoutes are the endpoints under /sim, for tests and for the page. They need no token and count against no limit.
var simRoutes = []struct {
	method, path string
	handle       func(*Server, *call) *answer
}{
	{"GET", "/", pageFile("index.html")},
	{"GET", "/sim/page.css", pageFile("page.css")},
	{"GET", "/sim/page.js", pageFile("page.js")},
	{"GET", "/sim/icon.svg", pageFile("icon.svg")},
	{"GET", "/sim/users", (*Server).simUsers},
	{"GET", "/sim/users/{user}", (*Server).simUser},
	{"GET", "/sim/sessions", (*Server).simSessions},
	{"GET", "/sim/sessions/{session}", (*Server).simSession},
	{"GET", "/sim/overview", (*Server).simOverview},
	{"GET", "/sim/directory", (*Server).simDirectory},
	{"GET", "/sim/calls", (*Server).simCalls},
	{"GET", "/sim/violations", (*Server).simViolations},
	{"GET", "/sim/faults", (*Server).simFaults},
	{"POST", "/sim/faults", (*Server).simOrderFaults},
	{"DELETE", "/sim/faults", (*Server).simClearFaults},
	{"GET", "/sim/settings", (*Server).simSettings},
	{"POST", "/sim/settings", (*Server).simChangeSettings},
	{"GET", "/sim/clients", (*Server).simClients},
	{"PUT", "/sim/clients", (*Server).simSetClients},
	{"POST", "/sim/nonce", (*Server).simRotateNonce},
	{"POST", "/sim/revoke", (*Server).simRevokeTokens},
}

// isSim tells the paths that are not Okta's.
func isSim(path string) bool { return path == "/" || strings.HasPrefix(path, "/sim/") }

func (s *Server) serveSim(c *call) *answer {
	status := http.StatusNotFound
	for _, r := range simRoutes {
		vars, ok := match(r.path, c.path)
		if !ok {
			continue
		}
		if r.method != c.method {
			status = http.StatusMethodNotAllowed
			continue
		}
		c.vars = vars
		a := r.handle(s, c)
		a.header.Set("X-Content-Type-Options", "nosniff")
		a.header.Set("Cache-Control", "no-store")
		return a
	}
	return simProblem(status, fmt.Errorf("no %s %s", c.method, c.path))
}

func simProblem(status int, err error) *answer {
	return answerJSON(status, map[string]string{"error": err.Error()})
}

// simUserBody is a person under /sim/users. The profile has no attribute that is null.
type simUserBody struct {
	ExternalID string            `json:"externalId"`
	Status     string            `json:"status"`
	Profile    map[string]string `json:"profile"`
}

func (s *Server) simUsers(*call) *answer {
	users := make([]simUserBody, 0, len(s.users))
	for _, id := range s.externalIDs() {
		u := s.users[id]
		users = append(users, simUserBody{u.ExternalID, u.Status, u.Profile})
	}
	return answerJSON(http.StatusOK, users)
}

func (s *Server) simUser(c *call) *answer {
	u := s.users[c.vars["user"]]
	if u == nil {
		return simProblem(http.StatusNotFound, fmt.Errorf("no user %q", c.vars["user"]))
	}
	return answerJSON(http.StatusOK, simUserBody{u.ExternalID, u.Status, u.Profile})
}

func (s *Server) simCalls(*call) *answer {
	return answerJSON(http.StatusOK, map[string]any{"calls": s.calls, "throttled": s.refused})
}

func (s *Server) simViolations(*call) *answer {
	return answerJSON(http.StatusOK, append([]Violation{}, s.violations...))
}

func (s *Server) simFaults(*call) *answer {
	return answerJSON(http.StatusOK, append([]Fault{}, s.faults...))
}

// simOrderFaults takes one fault or an array of them.
func (s *Server) simOrderFaults(c *call) *answer {
	var faults []Fault
	if !decode(c.body, &faults) {
		faults = make([]Fault, 1)
		if !decode(c.body, &faults[0]) {
			return simProblem(http.StatusBadRequest, fmt.Errorf(`body is not {"op":"create","count":1,"status":503,"delay":"1s","drop":"before","body":"…"} or an array of those`))
		}
	}
	if err := s.order(faults); err != nil {
		return simProblem(http.StatusBadRequest, err)
	}
	return answerNothing(http.StatusNoContent)
}

func (s *Server) simClearFaults(*call) *answer {
	s.faults = nil
	return answerNothing(http.StatusNoContent)
}
