package oktasim

import (
	"maps"
	"net/http"
	"strconv"
	"time"
)

// rateWindow is a minute by Okta's documents. A window starts with the first call after the one before ended, so it is not
// aligned to the clock.
const rateWindow = time.Minute

// bucket counts the calls of one API.
type bucket struct {
	start time.Time
	used  int
}

// rateLimit is the limit of an API; 0 is none.
func (s *Server) rateLimit(api string) int {
	switch api {
	case apiIdentitySources, apiUploads:
		return s.config.RateLimit
	}
	return s.config.AdminRateLimit
}

// window returns the bucket of an API, a new one if its window is over.
func (s *Server) window(now time.Time, api string) *bucket {
	b := s.buckets[api]
	if b == nil || !now.Before(b.start.Add(rateWindow)) {
		b = &bucket{start: now}
		s.buckets[api] = b
	}
	return b
}

// api is the bucket of a call. Whether uploads share the one of the sessions is not known of Okta.
func (s *Server) api(c *call) string {
	switch {
	case c.route == nil:
		return ""
	case s.config.UploadsApart && (c.route.op == OpBulkUpsert || c.route.op == OpBulkDelete):
		return apiUploads
	}
	return c.route.api
}

// spend counts a call and returns the headers that its answer carries, and whether it is over the limit.
func (s *Server) spend(now time.Time, api string) (http.Header, bool) {
	limit := s.rateLimit(api)
	if limit == 0 {
		return nil, false
	}
	b := s.window(now, api)
	over := b.used >= limit
	if over {
		s.refused++
	} else {
		b.used++
	}
	return rateHeader(limit, limit-b.used, b.start.Add(rateWindow)), over
}

// exhausted writes the headers of a 429 that a fault asked for.
func (s *Server) exhausted(c *call, header http.Header) {
	reset := c.now.Add(time.Second)
	limit := s.rateLimit(s.api(c))
	if limit > 0 {
		reset = s.window(c.now, s.api(c)).start.Add(rateWindow)
	}
	maps.Copy(header, rateHeader(max(limit, 1), 0, reset))
}

// rateHeader has the reset in whole seconds, cut off, as the Date header is.
func rateHeader(limit, remaining int, reset time.Time) http.Header {
	return http.Header{
		"X-Rate-Limit-Limit":     {strconv.Itoa(limit)},
		"X-Rate-Limit-Remaining": {strconv.Itoa(max(remaining, 0))},
		"X-Rate-Limit-Reset":     {strconv.FormatInt(reset.Unix(), 10)},
	}
}
