package okta

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

const (
	testOrg    = "https://example.okta.com"
	testSource = "0oa1source"
	testToken  = "00sEcReT-token_value"
	testBase   = "/api/v1/identity-sources/" + testSource
)

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// exchange is what a fake Okta was sent.
type exchange struct {
	method, path, body string
	header             http.Header
	at                 time.Time
}

// fakeOkta answers requests with the replies in turn, the last again and again, and keeps what it was sent.
type fakeOkta struct {
	mu      sync.Mutex
	replies []roundTrip
	seen    []exchange
}

func (f *fakeOkta) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchange{method: req.Method, path: req.URL.RequestURI(), header: req.Header.Clone(), at: time.Now()}
	if req.Body != nil {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return nil, err
		}
		x.body = string(body)
	}
	f.mu.Lock()
	f.seen = append(f.seen, x)
	reply := f.replies[min(len(f.seen), len(f.replies))-1]
	f.mu.Unlock()
	return reply(req)
}

func (f *fakeOkta) calls() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var calls []string
	for _, x := range f.seen {
		calls = append(calls, x.method+" "+strings.TrimPrefix(x.path, testBase))
	}
	return calls
}

// status is a reply with that status, body and header fields in pairs.
func status(code int, body string, header ...string) roundTrip {
	return func(req *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json"}}
		for i := 0; i < len(header); i += 2 {
			h.Add(header[i], header[i+1])
		}
		return &http.Response{StatusCode: code, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
	}
}

// limits are the rate-limit headers of a response given now, in a window that lasts for left.
func limits(limit, remaining int, left time.Duration) []string {
	now := time.Now()
	return []string{"X-Rate-Limit-Limit", strconv.Itoa(limit), "X-Rate-Limit-Remaining", strconv.Itoa(remaining),
		"X-Rate-Limit-Reset", strconv.FormatInt(now.Add(left).Unix(), 10), "Date", now.UTC().Format(http.TimeFormat)}
}

// failing is a reply that is an error of the transport.
func failing(err error) roundTrip {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

var errDial = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}

// hanging never answers.
func hanging(req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

const sessionBody = `{"id":"aps1","identitySourceId":"0oa1source","status":"CREATED","importType":"INCREMENTAL",` +
	`"created":"2026-02-03T04:05:06.007Z","lastUpdated":"2026-02-03T04:05:07.000Z"}`

const refusedBody = `{"errorCode":"E0000001","errorSummary":"Api validation failed: session","errorLink":"E0000001",` +
	`"errorId":"oaeError","errorCauses":[{"errorSummary":"one is open"},{"errorSummary":"and so on"}]}`

// dial returns a client whose transport is a fakeOkta with these replies.
func dial(t *testing.T, replies ...roundTrip) (*Client, *fakeOkta) {
	t.Helper()
	fake := &fakeOkta{replies: replies}
	return newClient(t, fake, DefaultRateShare, nil), fake
}

func newClient(t *testing.T, transport http.RoundTripper, share float64, observe func(Call)) *Client {
	t.Helper()
	c, err := New(Config{OrgURL: testOrg, IdentitySourceID: testSource, Authorizer: SSWS(testToken), Transport: transport,
		RateShare: share, Jitter: func() float64 { return 0.5 }, Observe: observe})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// everyCall is each call of the identity source, by its Op.
var everyCall = map[string]func(*Client, context.Context) error{
	"list sessions":  func(c *Client, ctx context.Context) error { _, err := c.ListSessions(ctx); return err },
	"create session": func(c *Client, ctx context.Context) error { _, err := c.CreateSession(ctx); return err },
	"get session":    func(c *Client, ctx context.Context) error { _, err := c.GetSession(ctx, "aps1"); return err },
	"cancel session": func(c *Client, ctx context.Context) error { return c.CancelSession(ctx, "aps1") },
	"start import":   func(c *Client, ctx context.Context) error { _, err := c.StartImport(ctx, "aps1"); return err },
	"bulk upsert": func(c *Client, ctx context.Context) error {
		return c.BulkUpsert(ctx, "aps1", []Person{jane})
	},
	"bulk delete": func(c *Client, ctx context.Context) error {
		return c.BulkDelete(ctx, "aps1", []string{"jane"})
	},
	"create user":  func(c *Client, ctx context.Context) error { return c.CreateUser(ctx, jane) },
	"get user":     func(c *Client, ctx context.Context) error { _, err := c.GetUser(ctx, "jane"); return err },
	"replace user": func(c *Client, ctx context.Context) error { return c.ReplaceUser(ctx, jane) },
	"update user":  func(c *Client, ctx context.Context) error { return c.UpdateUser(ctx, jane) },
	"delete user":  func(c *Client, ctx context.Context) error { return c.DeleteUser(ctx, "jane") },
}

var jane = Person{ExternalID: "jane", Profile: []byte(`{"userName":"jane@example.com"}`)}
