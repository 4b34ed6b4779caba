package okta

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// TestEveryStatus makes one call for each status that HTTP has room for.
func TestEveryStatus(t *testing.T) {
	type row struct {
		class     Class
		ambiguous bool
	}
	want := func(status int) row {
		switch {
		case status == 401, status == 403, status == 404, status == 405, status == 407:
			return row{Misconfigured, false}
		case status == 408, status == 425:
			return row{Unavailable, false}
		case status == 429:
			return row{Throttled, false}
		case status < 200:
			return row{Unavailable, true}
		case status < 300:
			return row{OK, false}
		case status < 400:
			return row{Misconfigured, false}
		case status < 500:
			return row{Refused, false}
		}
		return row{Unavailable, true}
	}
	for code := 100; code < 600; code++ {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			var seen []Call
			fake := &fakeOkta{replies: []roundTrip{status(code, refusedBody, "X-Okta-Request-Id", "req1")}}
			c := newClient(t, fake, 1, func(call Call) { seen = append(seen, call) })
			k := c.sourceCall("try", familySessions, "POST", "/sessions", "")
			_, err := c.attempt(t.Context(), k)
			if got := (row{Classify(err), Ambiguous(err)}); got != want(code) {
				t.Errorf("got %v, want %v", got, want(code))
			}
			if len(seen) != 1 || seen[0].Op != "try" || seen[0].Status != code || seen[0].Class != want(code).class ||
				seen[0].RequestID != "req1" || seen[0].Limit != -1 {
				t.Errorf("observed %+v", seen)
			}
			var api *APIError
			if errors.As(err, &api) != (code/100 != 2) {
				t.Fatalf("got %T", err)
			}
			if api != nil && (api.Status != code || api.Code != "E0000001" || api.ID != "oaeError" || len(api.Causes) != 2) {
				t.Errorf("got %+v", api)
			}
			if IsNotFound(err) != (code == 404) {
				t.Errorf("IsNotFound is %v", IsNotFound(err))
			}
		})
	}
}

func TestClassifyOtherErrors(t *testing.T) {
	concurrency := &APIError{Status: 429, class: Concurrency}
	for _, test := range []struct {
		err       error
		class     Class
		ambiguous bool
	}{
		{nil, OK, false},
		{errors.New("of somebody else"), Unavailable, false},
		{context.Canceled, Unavailable, false},
		{concurrency, Concurrency, false},
		{&ThrottledError{Err: &APIError{Status: 429}}, Throttled, false},
		{&ThrottledError{Err: context.DeadlineExceeded}, Throttled, false},
		{&TransportError{Sent: true, Err: context.DeadlineExceeded}, Unavailable, true},
		{&TransportError{Err: errDial}, Unavailable, false},
		{&TransportError{Err: fmt.Errorf("authorize: %w", ErrMisconfigured)}, Misconfigured, false},
		{&APIError{Status: 200}, Unavailable, true},
		{invalid("try", "no"), Refused, false},
	} {
		for _, err := range []error{test.err, fmt.Errorf("wrapped: %w", test.err)} {
			if test.err == nil {
				err = nil
			}
			if Classify(err) != test.class || Ambiguous(err) != test.ambiguous {
				t.Errorf("%v: got %v, ambiguous %v; want %v, %v", err, Classify(err), Ambiguous(err), test.class, test.ambiguous)
			}
		}
	}
}

func TestClassesHaveWords(t *testing.T) {
	want := "ok refused throttled concurrency unavailable misconfigured"
	if got := fmt.Sprint(OK, Refused, Throttled, Concurrency, Unavailable, Misconfigured); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestConcurrencyLimitIsAClassOfItsOwn(t *testing.T) {
	c, _ := dial(t, status(429, `{"errorCode":"E0000047"}`, limits(0, 0, 0)...))
	_, err := c.attempt(t.Context(), c.sourceCall("try", familySessions, "GET", "/sessions", ""))
	if Classify(err) != Concurrency {
		t.Errorf("got %v", Classify(err))
	}
	if got := c.Rate(); got != (Rate{}) {
		t.Errorf("it was taken for the rate limit: %+v", got)
	}
}

func TestPageIsNotARefusal(t *testing.T) {
	// Something before Okta answers 400: Okta was not asked, and nobody may be rejected for it.
	c, _ := dial(t, status(400, "<html><title>Bad Request</title></html>", "Content-Type", "text/html"))
	_, err := c.attempt(t.Context(), c.sourceCall("try", familySessions, "POST", "/sessions", ""))
	if Classify(err) != Unavailable || Ambiguous(err) {
		t.Errorf("got %v, ambiguous %v", Classify(err), Ambiguous(err))
	}
}
