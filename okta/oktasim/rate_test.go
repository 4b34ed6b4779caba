package oktasim_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/okta/oktasim"
)

func TestRateLimit(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.RateLimit = 3 })
	started := o.now
	want := strconv.FormatInt(started.Add(time.Minute).Unix(), 10)
	for left := 2; left >= 0; left-- {
		r := o.call(200, "GET", source+"/sessions", "")
		if r.header.Get("X-Rate-Limit-Limit") != "3" || r.header.Get("X-Rate-Limit-Remaining") != strconv.Itoa(left) || r.header.Get("X-Rate-Limit-Reset") != want {
			t.Fatalf("headers %v, want %d left until %s", r.header, left, want)
		}
		o.pass(10 * time.Second)
	}
	r := o.call(429, "POST", source+"/sessions", "")
	code, _ := r.problem(t)
	if code != "E0000047" || r.header.Get("X-Rate-Limit-Remaining") != "0" || r.header.Get("X-Rate-Limit-Reset") != want || r.header.Get("Retry-After") != "" {
		t.Fatalf("%s with headers %v", code, r.header)
	}
	if o.Throttled() != 1 || len(o.Sessions()) != 0 {
		t.Errorf("%d throttled, %d sessions", o.Throttled(), len(o.Sessions()))
	}
	// The window is the minute since the first call, not one of the clock's.
	o.now = started.Add(time.Minute - time.Nanosecond)
	o.call(429, "GET", source+"/sessions", "")
	o.now = started.Add(time.Minute)
	if left := o.call(200, "GET", source+"/sessions", "").header.Get("X-Rate-Limit-Remaining"); left != "2" {
		t.Errorf("%s left in the next window", left)
	}
}

func TestRateLimitShrinks(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.RateLimit = 10 })
	o.call(200, "GET", source+"/sessions", "")
	o.limit(2)
	if h := o.call(200, "GET", source+"/sessions", "").header; h.Get("X-Rate-Limit-Limit") != "2" || h.Get("X-Rate-Limit-Remaining") != "0" {
		t.Errorf("headers %v", h)
	}
	o.limit(1)
	if h := o.call(429, "GET", source+"/sessions", "").header; h.Get("X-Rate-Limit-Limit") != "1" || h.Get("X-Rate-Limit-Remaining") != "0" {
		t.Errorf("headers %v", h)
	}
}

func (o *org) limit(n int) {
	o.t.Helper()
	if err := o.Reconfigure(func(c *oktasim.Config) { c.RateLimit = n }); err != nil {
		o.t.Fatal(err)
	}
}

func TestUploadsApart(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.RateLimit, c.UploadsApart = 2, true })
	session := o.create()
	o.upload(202, session, "bulk-upsert", person("ann"))
	o.upload(202, session, "bulk-upsert", person("bob"))
	o.upload(429, session, "bulk-upsert", person("cid"))
	o.trigger(200, session)
	o.call(429, "GET", source+"/sessions", "")
}

func TestNoRateLimitNoHeaders(t *testing.T) {
	o := newOrg(t)
	for range 100 {
		if h := o.call(200, "GET", source+"/sessions", "").header; h.Get("X-Rate-Limit-Limit") != "" {
			t.Fatalf("headers %v", h)
		}
	}
}

func TestConcurrencyLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := oktasim.DefaultConfig()
		config.Concurrency, config.Latency, config.RateLimit = 2, 2*time.Second, 0
		server, err := oktasim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: server.Transport()}
		var mu sync.Mutex
		got := map[string]int{}
		var calls sync.WaitGroup
		started := time.Now()
		for range 3 {
			calls.Go(func() {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://okta.test"+source+"/sessions", nil)
				if err != nil {
					t.Error(err)
					return
				}
				request.Header.Set("Authorization", "SSWS sim-token")
				r, err := client.Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				got[r.Status+" limit "+r.Header.Get("X-Rate-Limit-Limit")+" left "+r.Header.Get("X-Rate-Limit-Remaining")]++
				_ = r.Body.Close()
			})
		}
		calls.Wait()
		if got["200 OK limit  left "] != 2 || got["429 Too Many Requests limit 0 left 0"] != 1 {
			t.Errorf("answers %v", got)
		}
		if took := time.Since(started); took != 2*time.Second {
			t.Errorf("calls of 2 s at once took %s", took)
		}
	})
}
