package okta

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// meter is a fake Okta that counts calls in windows of a minute and refuses those above the limit.
type meter struct {
	limit   func(window int) int
	latency func() time.Duration
	ahead   time.Duration // of its clock
	offset  time.Duration // at which its first window began before the start
	apart   bool          // uploads have a bucket of their own
	lazy    bool          // a window begins with the first call after the one before
	// answered, if set, is told of each answer, with when its request was sent and the limit that it tells.
	answered func(sent time.Time, limit, status int)

	mu      sync.Mutex
	start   time.Time
	buckets map[bool]*bucket
	refused int
}

type bucket struct {
	begins time.Time
	window int
	used   int
}

func (m *meter) RoundTrip(req *http.Request) (*http.Response, error) {
	delay, sent := m.latency(), time.Now()
	time.Sleep(delay / 2)
	reply := m.count(m.apart && strings.Contains(req.URL.Path, "/bulk-"))
	time.Sleep(delay - delay/2)
	resp, err := reply(req)
	if m.answered != nil && err == nil {
		limit, atoiErr := strconv.Atoi(resp.Header.Get("X-Rate-Limit-Limit"))
		if atoiErr != nil {
			return nil, atoiErr
		}
		m.answered(sent, limit, resp.StatusCode)
	}
	return resp, err
}

// others takes a call for somebody else.
func (m *meter) others() { m.count(false) }

func (m *meter) count(upload bool) roundTrip {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	b := m.buckets[upload]
	if b == nil {
		b = &bucket{begins: m.start.Add(-m.offset)}
		m.buckets[upload] = b
	}
	for !now.Before(b.begins.Add(time.Minute)) {
		b.begins, b.window, b.used = b.begins.Add(time.Minute), b.window+1, 0
		if m.lazy && now.Before(b.begins.Add(time.Minute)) {
			b.begins = now
		}
	}
	limit, theirs := m.limit(b.window), now.Add(m.ahead)
	header := func(remaining int) []string {
		return []string{"X-Rate-Limit-Limit", fmt.Sprint(limit), "X-Rate-Limit-Remaining", fmt.Sprint(remaining),
			"X-Rate-Limit-Reset", fmt.Sprint(b.begins.Add(m.ahead + time.Minute).Unix()), "Date", theirs.UTC().Format(http.TimeFormat)}
	}
	if b.used >= limit {
		m.refused++
		return status(429, `{"errorCode":"E0000047"}`, header(0)...)
	}
	b.used++
	return status(200, "[]", header(limit-b.used)...)
}

func always(limit int) func(int) int { return func(int) int { return limit } }

// run makes n calls by some goroutines at once, every fifth not an upload, and returns how long they took.
func (m *meter) run(t *testing.T, share float64, n, parallel int) time.Duration {
	t.Helper()
	began := time.Now()
	if m.start.IsZero() {
		m.start = began
	}
	if m.buckets == nil {
		m.buckets = map[bool]*bucket{}
	}
	c := newClient(t, m, share, nil)
	calls := make(chan int, n)
	for i := range n {
		calls <- i
	}
	close(calls)
	var group sync.WaitGroup
	for range parallel {
		group.Go(func() {
			for i := range calls {
				var err error
				if i%5 == 0 {
					_, err = c.ListSessions(t.Context())
				} else {
					err = c.BulkDelete(t.Context(), "aps1", []string{"jane"})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	return time.Since(began)
}
