package okta

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	// windowLength is the length of Okta's rate-limit windows, taken where a response has no Date to reckon from.
	windowLength = 60 * time.Second
	// resetMargin is waited beyond the reset: headers count whole seconds.
	resetMargin = time.Second
)

// quota is what a response's headers say about the rate limit.
type quota struct {
	limit, remaining int
	// reset is when the window ends, in seconds of Okta's clock. It names the window.
	reset int64
	// left is how long the window still lasts, from the response's own Date to its reset; never negative.
	left time.Duration
}

// readQuota reads the rate-limit headers. It returns false if one is missing or not a number. Where a header is given
// more than once several limits apply, and the smallest counts.
func readQuota(h http.Header) (quota, bool) {
	limit, ok1 := smallest(h, "X-Rate-Limit-Limit")
	remaining, ok2 := smallest(h, "X-Rate-Limit-Remaining")
	reset, ok3 := smallest(h, "X-Rate-Limit-Reset")
	if !ok1 || !ok2 || !ok3 {
		return quota{}, false
	}
	q := quota{limit: int(limit), remaining: int(remaining), reset: reset, left: windowLength}
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		q.left = max(0, time.Unix(reset, 0).Sub(date))
	}
	return q, true
}

// date is when the response was made, in seconds of Okta's clock.
func (q quota) date() int64 { return q.reset - int64(q.left/time.Second) }

// concurrent tells whether the headers are those of the limit on calls at once, which has no window.
func (q quota) concurrent() bool { return q.limit == 0 && q.remaining == 0 }

func smallest(h http.Header, name string) (int64, bool) {
	var least int64
	found := false
	for _, line := range h.Values(name) {
		for field := range strings.SplitSeq(line, ",") {
			n, err := strconv.ParseInt(strings.TrimSpace(field), 10, 64)
			if err != nil || n < 0 {
				return 0, false
			}
			if !found || n < least {
				least, found = n, true
			}
		}
	}
	return least, found
}

// skew is by how much Okta's clock is ahead of ours.
type skew struct {
	mu    sync.Mutex
	known bool
	ahead time.Duration
}

// read takes the skew from a response to a request sent at that time.
func (s *skew) read(h http.Header, sent time.Time) {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return
	}
	// Okta wrote its time, cut to the second, at some moment between the two of ours.
	now := time.Now()
	least, most := date.Sub(now), date.Add(time.Second).Sub(sent)
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known || s.ahead < least || s.ahead > most { // a slow answer tells nothing that a quick one has not told better
		s.known, s.ahead = true, least+(most-least)/2
	}
}

func (s *skew) get() (time.Duration, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ahead, s.known
}

// now is the time by Okta's clock, as far as it is known.
func (s *skew) now() time.Time {
	ahead, _ := s.get()
	return time.Now().Add(ahead)
}
