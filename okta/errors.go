package okta

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// APIError is an answer of Okta, or of something before it, that is not what was asked for.
type APIError struct {
	// Op is the call in words: "create session".
	Op string
	// URL is the address without query and without externalIds.
	URL string
	// Status is the HTTP status. One below 300 means that the answer's body could not be read as what was asked for.
	Status int
	// Code, Summary, ID and Causes are errorCode (E0000001), errorSummary, errorId and errorCauses. They are empty if the
	// body was not Okta's; Summary then holds an excerpt of it.
	Code, Summary, ID string
	Causes            []string
	// RequestID is Okta's name for the request, which its support asks for.
	RequestID string
	// Repeated says that an earlier try of the same call may have had its effect.
	Repeated bool

	// class is set where the status alone does not tell.
	class Class
}

// Error names the call, the status and what Okta said, cause by cause, and its IDs of error and request.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: status %d", e.Op, e.Status)
	if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Summary != "" {
		b.WriteString(": " + e.Summary)
	}
	for i, cause := range e.Causes {
		b.WriteString([]string{": ", "; "}[min(i, 1)] + cause)
	}
	switch {
	case e.ID != "" && e.RequestID != "":
		fmt.Fprintf(&b, " (error %s, request %s)", e.ID, e.RequestID)
	case e.ID != "":
		fmt.Fprintf(&b, " (error %s)", e.ID)
	case e.RequestID != "":
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// TransportError is a call that got no answer, or only the beginning of one.
type TransportError struct {
	Op string
	// Sent is false if the request surely did not reach Okta: no connection could be made, or it was not authorized.
	Sent bool
	Err  error
}

func (e *TransportError) Error() string { return fmt.Sprintf("%s: %v", e.Op, e.Err) }

func (e *TransportError) Unwrap() error { return e.Err }

// ThrottledError is a call that was not made, or not made again, since the rate limit allows it only when the context
// is over.
type ThrottledError struct {
	Op string
	// Until is when the next window begins, by our clock; zero if calls in flight have to tell.
	Until time.Time
	// Err is the 429 that the call got, or the context's error if it ended while the call waited; nil if neither.
	Err error
}

func (e *ThrottledError) Error() string {
	text := e.Op + ": rate limit is used up"
	if !e.Until.IsZero() {
		text += " until " + e.Until.UTC().Format(time.RFC3339)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *ThrottledError) Unwrap() error { return e.Err }

// errInvalid marks arguments that Okta would refuse and that are therefore not sent.
var errInvalid = errors.New("invalid argument")

func invalid(op, format string, args ...any) error {
	return fmt.Errorf("%s: %w: %w", op, errInvalid, fmt.Errorf(format, args...))
}

// IsNotFound tells whether Okta answered 404: there is no such session or user, or no such identity source.
func IsNotFound(err error) bool { return hasStatus(err, http.StatusNotFound) }

// IsUnauthorized tells whether Okta answered 401: it does not take the credentials.
func IsUnauthorized(err error) bool { return hasStatus(err, http.StatusUnauthorized) }

// IsForbidden tells whether Okta answered 403: the credentials are valid, but lack a scope or a permission of an admin
// role.
func IsForbidden(err error) bool { return hasStatus(err, http.StatusForbidden) }

func hasStatus(err error, status int) bool {
	var api *APIError
	return errors.As(err, &api) && api.Status == status
}
