package okta

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestPaceOfAFullSession(t *testing.T) {
	for _, test := range []struct {
		limit, parallel int
		share           float64
		most            time.Duration
	}{
		{15, 1, 0.8, 5 * time.Minute},
		{15, 4, 0.8, 5 * time.Minute},
		{15, 1, 1, 4 * time.Minute},
		{15, 4, 1, 4 * time.Minute},
		{60, 4, 0.8, 75 * time.Second},
		{600, 1, 0.8, 54 * 1900 * time.Millisecond},
	} {
		for _, offset := range []time.Duration{0, 100 * time.Millisecond, 20 * time.Second, 59900 * time.Millisecond} {
			t.Run(fmt.Sprintf("%d a minute by %d at %v, window %v old", test.limit, test.parallel, test.share, offset), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := &meter{limit: always(test.limit), offset: offset, latency: func() time.Duration { return 1900 * time.Millisecond }}
					took := m.run(t, test.share, 54, test.parallel)
					if m.refused > 0 || took > test.most {
						t.Errorf("took %v, want at most %v; %d refused, want none", took, test.most, m.refused)
					}
				})
			})
		}
	}
}

// TestNever429 plays random limits, latencies, clocks and callers.
func TestNever429(t *testing.T) {
	for seed := range uint64(400) {
		synctest.Test(t, func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			limit, share := 1+r.IntN(40), 0.1+0.9*r.Float64()
			if seed%4 == 0 {
				share = 1 // nothing is left to others that could hide a mistake of one
			}
			quickest := time.Duration(r.IntN(1000)) * time.Millisecond
			m := &meter{
				limit:   always(limit),
				offset:  time.Duration(r.IntN(60000)) * time.Millisecond,
				ahead:   time.Duration(r.IntN(7200_000)-3600_000) * time.Millisecond,
				apart:   r.IntN(2) == 0,
				lazy:    r.IntN(2) == 0,
				latency: func() time.Duration { return quickest + time.Duration(rand.IntN(3000))*time.Millisecond },
			}
			m.run(t, share, min(4*limit, 60), 1+r.IntN(4))
			if m.refused > 0 {
				t.Errorf("seed %d: limit %d, share %v: %d calls refused", seed, limit, share, m.refused)
			}
		})
	}
}

func TestShareOfOthersIsKeptFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meter{limit: always(10), start: time.Now(), buckets: map[bool]*bucket{}, latency: func() time.Duration { return time.Second }}
		ctx, cancel := context.WithCancel(t.Context())
		others := make(chan struct{})
		go func() { // two of ten, each minute
			defer close(others)
			for ctx.Err() == nil {
				m.others()
				time.Sleep(29 * time.Second)
				m.others()
				time.Sleep(31 * time.Second)
			}
		}()
		m.run(t, 0.8, 40, 4)
		cancel()
		<-others
		if m.refused > 0 {
			t.Errorf("%d calls refused", m.refused)
		}
	})
}

func TestShrinkingLimitIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &meter{latency: func() time.Duration { return time.Second }, limit: func(window int) int { return []int{20, 5, 3, 10}[window%4] }}
		if m.run(t, 0.8, 60, 1); m.refused > 0 {
			t.Errorf("%d calls refused", m.refused)
		}
	})
}

// TestLimitThatShrinksInTheMiddleOfAWindow is noticed within one response, by all who call: whatever was sent after a
// response told of it is not refused.
func TestLimitThatShrinksInTheMiddleOfAWindow(t *testing.T) {
	for _, at := range []time.Duration{time.Second, 5 * time.Second, 12 * time.Second, 31 * time.Second, 59 * time.Second, 70 * time.Second} {
		for _, parallel := range []int{1, 2, 4} {
			for _, after := range []int{1, 6, 12, 20} {
				synctest.Test(t, func(t *testing.T) {
					start := time.Now()
					m := &meter{
						latency: func() time.Duration { return 1900 * time.Millisecond },
						limit: func(int) int {
							if time.Since(start) < at {
								return 30
							}
							return after
						},
					}
					var mu sync.Mutex
					var told time.Time
					m.answered = func(sent time.Time, limit, status int) {
						mu.Lock()
						defer mu.Unlock()
						if status == 429 && !told.IsZero() && sent.After(told) {
							t.Errorf("shrunk to %d at %v with %d callers: a call sent %v after a response had told so was refused", after, at, parallel, sent.Sub(told))
						}
						if limit == after && told.IsZero() {
							told = time.Now()
						}
					}
					m.run(t, 0.8, 45, parallel)
					if m.refused > parallel {
						t.Errorf("shrunk to %d at %v with %d callers: %d calls refused", after, at, parallel, m.refused)
					}
				})
			}
		}
	}
}

func TestReserve(t *testing.T) {
	for _, test := range []struct {
		limit   int
		share   float64
		reserve int
	}{
		{15, 0.8, 3}, {15, 1, 0}, {10, 0.7, 3}, {1, 0.8, 0}, {2, 0.1, 1}, {600, 0.5, 300}, {0, 0.8, -1},
	} {
		if got := newPacer(test.share).reserve(test.limit); got != test.reserve {
			t.Errorf("limit %d, share %v: reserve %d, want %d", test.limit, test.share, got, test.reserve)
		}
	}
}

func TestWaitBeyondTheDeadlineIsAnErrorAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := dial(t, status(200, "[]", limits(10, 2, 40*time.Second)...))
		ctx, cancel := context.WithTimeout(t.Context(), 40*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := c.ListSessions(ctx); err != nil {
			t.Fatal(err)
		}
		_, err := c.ListSessions(ctx)
		var throttled *ThrottledError
		if !errors.As(err, &throttled) || throttled.Op != "list sessions" || Classify(err) != Throttled || Ambiguous(err) {
			t.Fatalf("got %v", err)
		}
		if want := start.Add(41 * time.Second); !throttled.Until.Equal(want) || c.Rate() != (Rate{Limit: 10, Remaining: 2, Reset: want}) {
			t.Errorf("until %v, rate %+v, want %v", throttled.Until, c.Rate(), want)
		}
		if time.Since(start) != 0 || len(fake.calls()) != 1 || c.Room() != 0 {
			t.Errorf("took %v and %d calls, room %d", time.Since(start), len(fake.calls()), c.Room())
		}
	})
}

func TestACallInFlightMayMakeRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Okta had counted the slow call already when it told of one that was left.
		slow := func(req *http.Request) (*http.Response, error) {
			time.Sleep(5 * time.Second)
			return status(200, "[]", limits(10, 3, 30*time.Second)...)(req)
		}
		c, fake := dial(t, status(200, "[]", limits(10, 3, 40*time.Second)...), slow, status(200, "[]"))
		if _, err := c.ListSessions(t.Context()); err != nil {
			t.Fatal(err)
		}
		go func() { _, _ = c.ListSessions(t.Context()) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := c.ListSessions(ctx); err != nil || time.Since(start) != 5*time.Second || len(fake.calls()) != 3 {
			t.Errorf("took %v and %d calls: %v", time.Since(start), len(fake.calls()), err)
		}
	})
}

func TestNoHeadersNoPacing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, headers := range [][]string{
			nil,
			{"X-Rate-Limit-Limit", "1", "X-Rate-Limit-Remaining", "0"},
			{"X-Rate-Limit-Limit", "1", "X-Rate-Limit-Remaining", "x", "X-Rate-Limit-Reset", "946684860"},
			{"X-Rate-Limit-Limit", "1", "X-Rate-Limit-Remaining", "-1", "X-Rate-Limit-Reset", "946684860"},
		} {
			c, _ := dial(t, status(200, "[]", headers...))
			start := time.Now()
			for range 100 {
				if _, err := c.ListSessions(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if time.Since(start) != 0 || c.Room() != math.MaxInt {
				t.Errorf("%v: took %v, room %d", headers, time.Since(start), c.Room())
			}
		}
	})
}

func TestRepeatedHeadersTheSmallestCounts(t *testing.T) {
	h := http.Header{}
	for _, v := range []string{"600", "15, 30"} {
		h.Add("X-Rate-Limit-Limit", v)
	}
	h.Add("X-Rate-Limit-Remaining", "590")
	h.Add("X-Rate-Limit-Remaining", "3")
	h.Add("X-Rate-Limit-Reset", "1700000050")
	h.Add("X-Rate-Limit-Reset", "1700000020")
	h.Set("Date", time.Unix(1700000000, 0).UTC().Format(http.TimeFormat))
	want := quota{limit: 15, remaining: 3, reset: 1700000020, left: 20 * time.Second}
	if got, ok := readQuota(h); !ok || got != want {
		t.Errorf("got %+v, %v", got, ok)
	}
	h.Del("Date")
	want.left = windowLength
	if got, ok := readQuota(h); !ok || got != want {
		t.Errorf("without Date: got %+v, %v", got, ok)
	}
}
