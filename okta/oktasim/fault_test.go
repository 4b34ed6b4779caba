package oktasim_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/okta/oktasim"
)

func (o *org) fault(faults ...oktasim.Fault) {
	o.t.Helper()
	if err := o.Fault(faults...); err != nil {
		o.t.Fatal(err)
	}
}

func TestFaultAnswersInstead(t *testing.T) {
	for status, code := range map[int]string{
		400: "E0000001", 401: "E0000011", 403: "E0000006", 404: "E0000007", 429: "E0000047", 500: "E0000009", 503: "E0000010",
	} {
		o := newOrg(t)
		o.fault(oktasim.Fault{Op: "create", Status: status, Count: 2})
		for range 2 {
			if got, _ := o.call(status, "POST", source+"/sessions", "").problem(t); got != code {
				t.Errorf("%d says %s, want %s", status, got, code)
			}
			o.call(200, "GET", source+"/sessions", "")
		}
		if n := len(o.Sessions()); n != 0 {
			t.Errorf("%d: %d sessions", status, n)
		}
		o.create()
	}
}

func TestFaultBodies(t *testing.T) {
	o := newOrg(t)
	o.fault(
		oktasim.Fault{Op: "list", Status: 502},
		oktasim.Fault{Op: "list", Status: 503, Body: "<html><body>down</body></html>", Header: map[string]string{"Retry-After": "7"}},
		oktasim.Fault{Op: "create", Body: "<html><body>proxy</body></html>"})
	if r := o.call(502, "GET", source+"/sessions", ""); !strings.Contains(r.text, "<h1>502 Bad Gateway</h1>") || r.header.Get("Content-Type") != "text/html" {
		t.Errorf("%v %s", r.header, r.text)
	}
	if r := o.call(503, "GET", source+"/sessions", ""); !strings.Contains(r.text, "down") || r.header.Get("Retry-After") != "7" || !strings.HasPrefix(r.header.Get("Content-Type"), "text/html") {
		t.Errorf("%v %s", r.header, r.text)
	}
	if r := o.call(201, "POST", source+"/sessions", ""); !strings.Contains(r.text, "proxy") || len(o.Sessions()) != 1 {
		t.Errorf("%s, %d sessions", r.text, len(o.Sessions()))
	}
}

func TestFault429CarriesTheWindow(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.RateLimit = 5 })
	o.call(200, "GET", source+"/sessions", "")
	o.fault(oktasim.Fault{Op: "*", Status: 429}, oktasim.Fault{Op: "*", Status: 429, Header: map[string]string{"X-Rate-Limit-Limit": "0"}})
	h := o.call(429, "GET", source+"/sessions", "").header
	if h.Get("X-Rate-Limit-Limit") != "5" || h.Get("X-Rate-Limit-Remaining") != "0" || h.Get("X-Rate-Limit-Reset") == "" {
		t.Errorf("headers %v", h)
	}
	if h := o.call(429, "GET", source+"/sessions", "").header; h.Get("X-Rate-Limit-Limit") != "0" {
		t.Errorf("headers %v", h)
	}
}

func TestFaultPatterns(t *testing.T) {
	for pattern, want := range map[string][]int{
		"*": {503, 503, 503}, "user-*": {200, 503, 503}, "user-get": {200, 503, 200}, "list": {503, 200, 200},
	} {
		o := newOrg(t)
		o.load(person("ann"))
		o.fault(oktasim.Fault{Op: pattern, Status: 503, Count: -1})
		o.call(want[0], "GET", source+"/sessions", "")
		o.call(want[1], "GET", source+"/users/ann", "")
		o.call(want[2], "PATCH", source+"/users/ann", `{"profile":{"title":"Dr"}}`)
	}
	o := newOrg(t)
	o.fault(oktasim.Fault{Op: "*", Count: -1, Header: map[string]string{"X-Test": "1"}})
	if got := o.status(o.load(person("bob"))); got != "COMPLETED" {
		t.Errorf("a fault of all calls is not one of imports: session is %s", got)
	}
	o = newOrg(t)
	for _, wrong := range []oktasim.Fault{{}, {Op: "["}, {Op: "reboot"}, {Op: "*", Status: 99}, {Op: "*", Delay: -1}, {Op: "*", Drop: "sometimes"}} {
		if o.Fault(oktasim.Fault{Op: "*", Status: 500}, wrong) == nil {
			t.Errorf("%+v was accepted", wrong)
		}
	}
	o.call(200, "GET", source+"/sessions", "")
}

// Each fault in process and over a socket: whether the session was made, and what the client sees.
func TestDroppedConnections(t *testing.T) {
	for _, socket := range []bool{false, true} {
		for drop, sessions := range map[string]int{"before": 0, "after": 1, "middle": 1} {
			o := newOrg(t)
			if socket {
				server := httptest.NewServer(o.Server)
				t.Cleanup(server.Close)
				o.client = &http.Client{Transport: redirect{server}}
			}
			o.fault(oktasim.Fault{Op: "create", Drop: drop})
			_, err := o.try("POST", source+"/sessions", "")
			if err == nil || drop == "middle" && !errors.Is(err, io.ErrUnexpectedEOF) || drop != "middle" && !socket && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("drop %s, socket %t: %v", drop, socket, err)
			}
			if n := len(o.Sessions()); n != sessions {
				t.Errorf("drop %s, socket %t: %d sessions, want %d", drop, socket, n, sessions)
			}
			if r := o.call(200, "GET", source+"/sessions", ""); !strings.HasPrefix(r.text, "[") {
				t.Errorf("afterwards: %s", r.text)
			}
		}
	}
}

// redirect sends requests to a server on a socket.
type redirect struct{ server *httptest.Server }

func (r redirect) RoundTrip(request *http.Request) (*http.Response, error) {
	to := request.Clone(request.Context())
	to.URL.Host = strings.TrimPrefix(r.server.URL, "http://")
	return r.server.Client().Transport.RoundTrip(to)
}

func TestDelays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := oktasim.DefaultConfig()
		config.RateLimit, config.Cooldown, config.Latency = 0, 0, 2*time.Second
		server, err := oktasim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		post := func(timeout time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), timeout)
			defer cancel()
			request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://okta.test"+source+"/sessions", nil)
			if err != nil {
				return err
			}
			request.Header.Set("Authorization", "SSWS sim-token")
			r, err := (&http.Client{Transport: server.Transport()}).Do(request)
			if err == nil {
				err = r.Body.Close()
			}
			return err
		}
		for _, c := range []struct {
			name     string
			fault    oktasim.Fault
			timeout  time.Duration
			took     time.Duration
			sessions int
			timedOut bool
		}{
			{name: "latency", fault: oktasim.Fault{Op: "get"}, timeout: time.Minute, took: 2 * time.Second, sessions: 1},
			{name: "delay", fault: oktasim.Fault{Op: "create", Delay: oktasim.Duration(5 * time.Second)}, timeout: time.Minute, took: 7 * time.Second, sessions: 1},
			{name: "client gives up before the effect", fault: oktasim.Fault{Op: "create", Delay: oktasim.Duration(5 * time.Second)}, timeout: time.Second, took: time.Second, timedOut: true},
			{name: "client gives up after the effect", fault: oktasim.Fault{Op: "create", Delay: oktasim.Duration(5 * time.Second), Drop: "after"}, timeout: 3 * time.Second, took: 3 * time.Second, sessions: 1, timedOut: true},
		} {
			if err := server.Fault(c.fault); err != nil {
				t.Fatal(err)
			}
			had, started := len(server.Sessions()), time.Now()
			err := post(c.timeout)
			if took := time.Since(started); took != c.took || errors.Is(err, context.DeadlineExceeded) != c.timedOut {
				t.Errorf("%s: %v after %s, want %s", c.name, err, took, c.took)
			}
			sessions := server.Sessions()
			if n := len(sessions) - had; n != c.sessions {
				t.Errorf("%s: %d sessions, want %d", c.name, n, c.sessions)
			}
			time.Sleep(24 * time.Hour) // what is open expires
		}
	})
}

// A call that is dropped late has its effect though the client is long gone, between other calls and in order of time.
func TestLateCalls(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.ImportTime = time.Minute })
	o.load(person("ann"))
	o.pass(time.Minute)
	o.fault(oktasim.Fault{Op: "user-delete", Drop: "late", Delay: oktasim.Duration(90 * time.Second)})
	if _, err := o.try("DELETE", source+"/users/ann", ""); !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("the client sees %v", err)
	}
	o.load(person("ann", "title", "Dr")) // imported 60 s later, 30 s before the delete lands
	landed := o.now.Add(90 * time.Second)
	o.pass(time.Hour) // nobody asks in between
	if ann, _ := o.User("ann"); ann.Status != oktasim.Deprovisioned || !ann.LastUpdated.Equal(landed) || ann.Profile["title"] != "Dr" {
		t.Errorf("after the delete landed: %+v", ann)
	}
}

func TestErrorRate(t *testing.T) {
	run := func() (got []string) {
		o := newOrg(t, func(c *oktasim.Config) { c.ErrorRate, c.Seed = 0.3, 11 })
		for range 200 {
			r, err := o.try("GET", source+"/sessions", "")
			switch {
			case err != nil:
				got = append(got, "dropped")
			default:
				got = append(got, http.StatusText(r.status))
			}
		}
		return got
	}
	first := run()
	counts := map[string]int{}
	for _, word := range first {
		counts[word]++
	}
	if counts["OK"] < 120 || counts["OK"] > 160 || counts["dropped"] == 0 || counts["Internal Server Error"] == 0 || counts["Service Unavailable"] == 0 {
		t.Errorf("answers %v", counts)
	}
	if !slices.Equal(first, run()) {
		t.Error("the same seed has another outcome")
	}
}
