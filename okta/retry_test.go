package okta

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// repeatable are the calls whose repetition does no harm.
var repeatable = []string{"list sessions", "get session", "cancel session", "get user", "replace user", "delete user"}

func TestRepeatedOnlyWhereHarmless(t *testing.T) {
	const always, ifRepeatable, never = "always", "if repeatable", "never"
	for name, test := range map[string]struct {
		reply roundTrip
		when  string
	}{
		"no connection":      {failing(errDial), always},
		"connection broken":  {failing(errors.New("read: connection reset by peer")), ifRepeatable},
		"hanging":            {hanging, ifRepeatable},
		"internal error":     {status(500, refusedBody), ifRepeatable},
		"bad gateway":        {status(502, "<html>bad gateway</html>"), ifRepeatable},
		"page for an answer": {status(200, "<html>maintenance</html>", "Content-Type", "text/html"), ifRepeatable},
		"rate limit": {func(r *http.Request) (*http.Response, error) {
			return status(429, "", limits(15, 0, 9*time.Second)...)(r)
		}, always},
		"rate limit, no reset":  {status(429, ""), always},
		"too many at once":      {status(429, "", "X-Rate-Limit-Limit", "0", "X-Rate-Limit-Remaining", "0", "X-Rate-Limit-Reset", "1"), always},
		"refused":               {status(400, refusedBody), never},
		"unauthorized":          {status(401, refusedBody), never},
		"not found":             {status(404, refusedBody), never},
		"redirect":              {status(302, "", "Location", "https://elsewhere.example.com/"), never},
		"conflict":              {status(409, refusedBody), never},
		"timeout of the server": {status(408, ""), always},
	} {
		for op, try := range everyCall {
			t.Run(op+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, fake := dial(t, test.reply)
					err := try(c, t.Context())
					if err == nil {
						t.Fatal("no error")
					}
					if !strings.HasPrefix(err.Error(), op+": ") {
						t.Errorf("the error does not begin with %q: %v", op, err)
					}
					tries := 1
					if test.when == always || test.when == ifRepeatable && slices.Contains(repeatable, op) {
						tries = maxTries
					}
					if got := len(fake.calls()); got != tries {
						t.Errorf("%d tries, want %d: %v", got, tries, err)
					}
					if test.when == ifRepeatable != Ambiguous(err) {
						t.Errorf("Ambiguous is %v: %v", Ambiguous(err), err)
					}
				})
			})
		}
	}
}

func TestSucceedsAfterFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c, fake := dial(t, status(503, ""), failing(errDial), status(500, "{"), status(200, sessionBody))
		s, err := c.GetSession(t.Context(), "aps1")
		if err != nil || s.ID != "aps1" {
			t.Fatalf("got %+v, %v", s, err)
		}
		// Jitter of one half: three quarters of 0.5, 1 and 2 s.
		var waits []time.Duration
		for _, x := range fake.seen {
			waits = append(waits, x.at.Sub(start))
		}
		want := []time.Duration{0, 375 * time.Millisecond, 1125 * time.Millisecond, 2625 * time.Millisecond}
		if !slices.Equal(waits, want) {
			t.Errorf("tries at %v, want %v", waits, want)
		}
	})
}

func TestWaitsForTheResetAfter429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		// The reset says 30 s by Okta's clock, which is an hour behind ours.
		date := start.Add(-time.Hour)
		c, fake := dial(t,
			status(429, `{"errorCode":"E0000047"}`, "X-Rate-Limit-Limit", "15", "X-Rate-Limit-Remaining", "0",
				"X-Rate-Limit-Reset", "946681230", "Date", date.UTC().Format(http.TimeFormat)),
			status(201, sessionBody))
		if date.Unix() != 946681200 {
			t.Fatalf("the bubble began at %v", start)
		}
		if _, err := c.CreateSession(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := fake.seen[1].at.Sub(start); got != 31*time.Second {
			t.Errorf("tried again after %v", got)
		}
	})
}

func Test429BeyondTheDeadlineKeepsTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := dial(t, status(429, `{"errorCode":"E0000047","errorId":"oae429"}`, limits(15, 0, 50*time.Second)...))
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.CreateSession(ctx)
		var (
			throttled *ThrottledError
			api       *APIError
		)
		if !errors.As(err, &throttled) || !throttled.Until.Equal(start.Add(51*time.Second)) {
			t.Errorf("got %v", err)
		}
		if !errors.As(err, &api) || api.ID != "oae429" {
			t.Errorf("the answer is lost: %v", err)
		}
		if time.Since(start) != 0 || len(fake.calls()) != 1 {
			t.Errorf("took %v and %d calls", time.Since(start), len(fake.calls()))
		}
	})
}

func TestNoWaitBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := dial(t, status(503, refusedBody))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := c.ListSessions(ctx)
		if !hasStatus(err, 503) || time.Since(start) != 375*time.Millisecond || len(fake.calls()) != 2 {
			t.Errorf("took %v and %d calls: %v", time.Since(start), len(fake.calls()), err)
		}
	})
}

func TestCancelDuringAWaitKeepsTheLastError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := dial(t, status(503, refusedBody))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := c.ListSessions(ctx)
		if !hasStatus(err, 503) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		_, err = c.CreateSession(ctx)
		if !errors.Is(err, context.Canceled) || Ambiguous(err) {
			t.Errorf("a call that was never made: %v, ambiguous %v", err, Ambiguous(err))
		}
	})
}

func TestAttemptEndsAfterItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := dial(t, hanging)
		start := time.Now()
		_, err := c.StartImport(t.Context(), "aps1")
		if time.Since(start) != attemptTimeout || Classify(err) != Unavailable || !Ambiguous(err) {
			t.Errorf("took %v: %v", time.Since(start), err)
		}
	})
}

func TestCancelThatTookEffectBeforeItsAnswerWasLost(t *testing.T) {
	closed := strings.Replace(sessionBody, "CREATED", "CLOSED", 1)
	triggered := strings.Replace(sessionBody, "CREATED", "TRIGGERED", 1)
	for _, test := range []struct {
		name    string
		replies []roundTrip
		ok      bool
		calls   int
	}{
		{"closed by the first try", []roundTrip{status(503, ""), status(400, refusedBody), status(200, closed)}, true, 3},
		{"started by somebody else", []roundTrip{status(503, ""), status(400, refusedBody), status(200, triggered)}, false, 3},
		{"refused at once", []roundTrip{status(400, refusedBody)}, false, 1},
		{"never sent, then refused", []roundTrip{failing(errDial), status(400, refusedBody)}, false, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, fake := dial(t, test.replies...)
				err := c.CancelSession(t.Context(), "aps1")
				if (err == nil) != test.ok || len(fake.calls()) != test.calls {
					t.Errorf("%d calls: %v", len(fake.calls()), err)
				}
			})
		})
	}
}

func TestDeleteThatTookEffectBeforeItsAnswerWasLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := dial(t, status(502, ""), status(404, refusedBody))
		if err := c.DeleteUser(t.Context(), "jane"); err != nil {
			t.Error(err)
		}
		c, _ = dial(t, status(404, refusedBody))
		if err := c.DeleteUser(t.Context(), "jane"); !IsNotFound(err) {
			t.Errorf("got %v", err)
		}
	})
}
