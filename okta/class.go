package okta

import (
	"errors"
	"net/http"
)

// Class is what kind of failure an error is, and so what to do about it.
type Class uint8

const (
	// OK is no error.
	OK Class = iota
	// Refused means that Okta understood and said no: 400 and the other 4xx. On CreateSession it means that another
	// session is in the way.
	Refused
	// Throttled means that the rate limit is used up: wait for the next window.
	Throttled
	// Concurrency means that too many calls were under way at once: wait briefly.
	Concurrency
	// Unavailable means that Okta could not be reached or did not work: 5xx, network, timeout, a page in place of an answer.
	Unavailable
	// Misconfigured means that somebody must mend the setup: 401, 403, 404, a redirect, credentials that do not work.
	Misconfigured
)

// String returns the class as a word.
func (c Class) String() string {
	return [...]string{"ok", "refused", "throttled", "concurrency", "unavailable", "misconfigured"}[c]
}

// Classify returns the class of an error that this package returned. Errors of others are Unavailable.
func Classify(err error) Class {
	var (
		api       *APIError
		token     *TokenError
		throttled *ThrottledError
	)
	switch {
	case err == nil:
		return OK
	case errors.As(err, &token):
		return token.class()
	case errors.As(err, &throttled):
		return Throttled
	case errors.As(err, &api) && api.class != OK:
		return api.class
	case api != nil:
		return classOfStatus(api.Status)
	case errors.Is(err, errInvalid):
		return Refused
	case errors.Is(err, ErrMisconfigured):
		return Misconfigured
	}
	return Unavailable
}

// ErrMisconfigured marks failures that are not answers and that time will not mend. A Source wraps it where credentials
// are there and are none.
var ErrMisconfigured = errors.New("misconfigured")

// classOfStatus is the class of an answer that was not what the call asked for. One with a status of success is thus
// Unavailable: a page of a proxy, or half an answer.
func classOfStatus(status int) Class {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound,
		http.StatusMethodNotAllowed, http.StatusProxyAuthRequired:
		return Misconfigured
	case http.StatusTooManyRequests:
		return Throttled
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return Unavailable
	}
	switch status / 100 {
	case 3: // Okta's API does not redirect; the address is another's
		return Misconfigured
	case 4:
		return Refused
	}
	return Unavailable
}

// Ambiguous tells whether the request of a failed call may have had its effect all the same: it was sent, and there was
// no answer, or one that does not say. A 4xx and a connection that could not be made are not ambiguous.
func Ambiguous(err error) bool {
	var (
		api       *APIError
		transport *TransportError
	)
	switch {
	case errors.As(err, &transport):
		return transport.Sent
	case errors.As(err, &api):
		return api.Status < 300 || api.Status >= 500
	}
	return false
}
