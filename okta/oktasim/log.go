package oktasim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// logImportFailed is the System Log's type for a person whom an import could not apply.
const logImportFailed = "app.user_management.update_from_master_failed"

// logEntry is one entry of the System Log, as short as it can be kept.
type logEntry struct {
	N          uint64    `json:"n"`
	At         time.Time `json:"at"`
	Type       string    `json:"type"`
	Session    string    `json:"session,omitempty"`
	ExternalID string    `json:"externalId,omitempty"`
	Reason     string    `json:"reason,omitempty"`
}

func (s *Server) log(at time.Time, kind, session, externalID, reason string) {
	s.do(change{Log: &logEntry{s.logged + 1, at, kind, session, externalID, reason}})
}

// logBody is an entry as the API answers it. The session is named three times: as a target, in debugData, and as the
// transaction.
type logBody struct {
	UUID           string       `json:"uuid"`
	Published      string       `json:"published"`
	EventType      string       `json:"eventType"`
	Version        string       `json:"version"`
	Severity       string       `json:"severity"`
	DisplayMessage string       `json:"displayMessage"`
	Outcome        logOutcome   `json:"outcome"`
	Actor          logObject    `json:"actor"`
	Target         []logObject  `json:"target"`
	Transaction    logReference `json:"transaction"`
	DebugContext   struct {
		DebugData map[string]string `json:"debugData"`
	} `json:"debugContext"`
}

type logOutcome struct {
	Result string `json:"result"`
	Reason string `json:"reason,omitempty"`
}

type logObject struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	AlternateID string `json:"alternateId"`
	DisplayName string `json:"displayName"`
}

type logReference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

var logMessages = map[string]string{
	logImportFailed:                       "Update user profile from the profile source failed",
	"system.import.session.created":       "Import session created",
	"system.import.session.triggered":     "Import session triggered",
	"system.import.session.cancelled":     "Import session cancelled",
	"system.import.session.expired":       "Import session expired",
	"system.identity_sources.bulk_upsert": "Bulk upsert users",
	"system.identity_sources.bulk_delete": "Bulk delete users",
	"system.import.start":                 "Import started",
	"system.import.complete":              "Import completed",
	"system.import.user.create":           "Import created user",
	"system.import.user.update":           "Import updated user",
	"system.import.user.delete":           "Import deactivated user",
	"system.import.user.match":            "Import matched user",
	"user.lifecycle.create":               "Create Okta user",
	"user.lifecycle.activate":             "Activate Okta user",
	"user.lifecycle.deactivate":           "Deactivate Okta user",
	"user.lifecycle.reactivate":           "Reactivate Okta user",
}

// body writes an entry out. Of a person the target tells the Okta id, if there is a user, and the externalId.
func (s *Server) body(e logEntry) logBody {
	b := logBody{
		UUID: s.logUUID(e.N), Published: oktaTime(e.At), EventType: e.Type, Version: "0", Severity: "INFO",
		DisplayMessage: logMessages[e.Type], Outcome: logOutcome{Result: "SUCCESS"},
		Actor:       logObject{newID(s.config.Seed, "spr", 1), "SystemPrincipal", "system@okta.com", "Okta System"},
		Transaction: logReference{"JOB", e.Session}, Target: []logObject{},
	}
	if e.Reason != "" {
		b.Severity, b.Outcome = "ERROR", logOutcome{"FAILURE", "Could not apply import: " + e.Reason}
	}
	b.DebugContext.DebugData = map[string]string{"identitySourceId": s.config.IdentitySourceID}
	if e.ExternalID != "" {
		person := logObject{"unknown", "AppUser", e.ExternalID, e.ExternalID}
		if u := s.users[e.ExternalID]; u != nil {
			person.ID = u.ID
		}
		b.Target = append(b.Target, person)
		b.DebugContext.DebugData["externalId"] = e.ExternalID
	}
	if e.Session != "" {
		b.Target = append(b.Target, logObject{e.Session, "IdentitySourceSession", "unknown", e.Session})
		b.DebugContext.DebugData["sessionId"] = e.Session
	}
	b.Target = append(b.Target, logObject{s.config.IdentitySourceID, "AppInstance", "unknown", "Custom Identity Source"})
	return b
}

func (s *Server) logUUID(n uint64) string {
	a, b := draw(s.config.Seed, "log", n), draw(s.config.Seed, "uuid", n)
	hex := func(x uint64, digits int) string {
		text := "000000000000" + strconv.FormatUint(x, 16)
		return text[len(text)-digits:]
	}
	return hex(a, 8) + "-" + hex(a>>32, 4) + "-4" + hex(a>>48, 3) + "-a" + hex(b>>48, 3) + "-" + hex(b, 12)
}

// listLogs answers a page of the System Log, oldest first unless sortOrder says DESCENDING: by default the last seven
// days, 100 entries, at most 1,000. As at Okta a search without an until always has a next page, maybe an empty one.
func (s *Server) listLogs(c *call) (*answer, *refusal) {
	limit, refused := c.limit(100, 1000)
	if refused != nil {
		return nil, refused
	}
	since, refused := c.time("since", c.now.Add(-7*24*time.Hour))
	if refused != nil {
		return nil, refused
	}
	until, refused := c.time("until", c.now.Add(time.Nanosecond))
	if refused != nil {
		return nil, refused
	}
	wanted, refused := parseFilter(c.query.Get("filter"))
	if refused != nil {
		return nil, refused
	}
	backwards := c.query.Get("sortOrder") == "DESCENDING"
	var after uint64
	if cursor := c.query.Get("after"); cursor != "" {
		n, err := strconv.ParseUint(cursor, 36, 64)
		if err != nil {
			return nil, invalid("after", "after: The cursor is not valid")
		}
		after = n
	}

	bodies, last, more := []logBody{}, after, false
	for _, e := range s.orderedLogs(backwards) {
		passed := after != 0 && (e.N <= after && !backwards || e.N >= after && backwards)
		if passed || e.At.Before(since) || !e.At.Before(until) || e.At.Add(s.config.LogDelay).After(c.now) {
			continue
		}
		if len(bodies) == limit {
			more = true
			break
		}
		if b := s.body(e); wanted(&b) {
			bodies, last = append(bodies, b), e.N
		}
	}
	next := ""
	if polling := c.query.Get("until") == "" && !backwards; more || polling {
		next = strconv.FormatUint(last, 36)
	}
	a := answerJSON(http.StatusOK, bodies)
	c.link(a, next)
	return a, nil
}

// orderedLogs returns the entries in order of their numbers, which is that of their times but where an import ended
// before a call that had already been logged.
func (s *Server) orderedLogs(backwards bool) []logEntry {
	if !backwards {
		return s.logs
	}
	logs := slices.Clone(s.logs)
	slices.Reverse(logs)
	return logs
}

// time is the RFC 3339 time that the query gives, or standard.
func (c *call) time(name string, standard time.Time) (time.Time, *refusal) {
	text := c.query.Get(name)
	if text == "" {
		return standard, nil
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, invalid(name, name+": The value must be a time in ISO 8601 format")
	}
	return t, nil
}
