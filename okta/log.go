package okta

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

const (
	// logPage is how many entries a page of the System Log has, the most that Okta allows.
	logPage = 1000
	// LogImportFailed is the type of the entries about a person whose import could not be applied.
	LogImportFailed = "app.user_management.update_from_master_failed"
)

// LogEntry is an entry of the System Log, as far as imports need it. Okta keeps entries for 90 days.
type LogEntry struct {
	UUID      string
	Published time.Time
	// EventType is what happened: system.import.session.triggered.
	EventType string
	// Severity is DEBUG, INFO, WARN or ERROR.
	Severity string
	Message  string
	// Result is SUCCESS, FAILURE and the like, Reason says why.
	Result, Reason string
	Targets        []LogTarget
	// TransactionID is shared by the entries of one request or job.
	TransactionID string
	// Debug holds what Okta added for this type of entry; it does not document which names.
	Debug map[string]string
}

// LogTarget is something that an entry is about.
type LogTarget struct {
	ID string `json:"id"`
	// Type is AppUser, User, AppInstance and the like.
	Type        string `json:"type"`
	AlternateID string `json:"alternateId"`
	DisplayName string `json:"displayName"`
}

// LogQuery selects entries of the System Log.
type LogQuery struct {
	// Since and Until bound Published, by Okta's clock; Until itself is out. A zero Until is now.
	Since, Until time.Time
	// Filter is a SCIM filter: eventType eq "system.import.complete". Empty is all.
	Filter string
}

// Logs yields the entries that the query selects, oldest first, and ends with the first error. Entries come to the log
// with a delay. Scope: okta.logs.read.
func (c *Client) Logs(ctx context.Context, q LogQuery) iter.Seq2[LogEntry, error] {
	type wire struct {
		UUID, Published, EventType, Severity, DisplayMessage string
		Outcome                                              struct{ Result, Reason string }
		Target                                               []LogTarget
		Transaction                                          struct{ ID string }
		DebugContext                                         struct{ DebugData map[string]any }
	}
	return func(yield func(LogEntry, error) bool) {
		until := q.Until
		if until.IsZero() {
			until = c.skew.now()
		}
		// Without an until the list would have no end: Okta then always names a next page, to poll for what is to come.
		query := url.Values{"since": {logTime(q.Since)}, "until": {logTime(until)}, "limit": {strconv.Itoa(logPage)}, "sortOrder": {"ASCENDING"}}
		if q.Filter != "" {
			query.Set("filter", q.Filter)
		}
		for e, err := range pages[wire](ctx, c, c.orgCall("read system log", familyLogs, http.MethodGet, "/logs", query)) {
			entry := LogEntry{UUID: e.UUID, Published: readTime(e.Published), EventType: e.EventType, Severity: e.Severity,
				Message: e.DisplayMessage, Result: e.Outcome.Result, Reason: e.Outcome.Reason, Targets: e.Target,
				TransactionID: e.Transaction.ID, Debug: map[string]string{}}
			for name, value := range e.DebugContext.DebugData {
				if text, ok := value.(string); ok {
					entry.Debug[name] = text
				}
			}
			if !yield(entry, err) {
				return
			}
		}
	}
}

func logTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// ImportFailures yields the entries about people whose import by this identity source failed between two times. An entry
// that names a session is of that one; Okta does not document that each does. Scope: okta.logs.read.
func (c *Client) ImportFailures(ctx context.Context, since, until time.Time) iter.Seq2[LogEntry, error] {
	return func(yield func(LogEntry, error) bool) {
		q := LogQuery{Since: since, Until: until, Filter: `eventType eq "` + LogImportFailed + `"`}
		for e, err := range c.Logs(ctx, q) {
			if err == nil && !e.mayBeOf(c.source) {
				continue
			}
			if !yield(e, err) {
				return
			}
		}
	}
}

// mayBeOf tells whether the entry is about that app, or does not say about which.
func (e LogEntry) mayBeOf(app string) bool {
	named := e.target("AppInstance")
	return named == nil || named.ID == app
}

// SessionID returns the import session that the entry names, empty if it names none.
func (e LogEntry) SessionID() string {
	if id := e.Debug["sessionId"]; id != "" {
		return id
	}
	if t := e.target("IdentitySourceSession"); t != nil {
		return t.ID
	}
	return ""
}

// ExternalID returns the person that the entry is about: by externalId, or by what Okta calls the app's user else, which
// may be the userName. It is empty if the entry names nobody.
func (e LogEntry) ExternalID() string {
	if id := e.Debug["externalId"]; id != "" {
		return id
	}
	if t := e.target("AppUser"); t != nil {
		return t.AlternateID
	}
	return ""
}

func (e LogEntry) target(kind string) *LogTarget {
	for i := range e.Targets {
		if e.Targets[i].Type == kind {
			return &e.Targets[i]
		}
	}
	return nil
}
