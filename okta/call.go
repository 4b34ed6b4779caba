package okta

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Families of calls that Okta counts together; see pacer. It was seen that the calls to sessions share a bucket, and not
// recorded which of the others of the identity source have one of their own.
const (
	familySessions = "identity-sources/sessions"
	familyUploads  = "identity-sources/uploads"
	familyImports  = "identity-sources/imports"
	familyUsers    = "identity-sources/users"
	familyApps     = "apps/"
	familyLogs     = "logs/"
	familySchemas  = "schemas/"
	familyMappings = "mappings/"
	// familyToken is in a limiter of its own: a call waits for its token while it is in flight.
	familyToken = "token/"
)

const (
	// maxAnswer is the most that is read of an answer. The longest are pages of the System Log, 1,000 entries of a few KB.
	maxAnswer = 32 << 20
	// maxErrorBody is the most that is read of an answer that is an error.
	maxErrorBody = 64 << 10
)

// call is one call of the API, made in one or more attempts.
type call struct {
	// op is the call in words, for errors: "create session".
	op     string
	family string
	method string
	// url is the whole address, and shown the one that errors name, without query and externalIds.
	url, shown string
	body       []byte
	// read takes in the answer's body; nil if the status says all.
	read func(body []byte) error
	// repeatable says that a repetition does no harm even if an earlier attempt had its effect.
	repeatable bool
}

// sourceCall returns a call under the identity source's path. An externalId follows in the address, but is not shown.
func (c *Client) sourceCall(op, family, method, path, externalID string) call {
	shown := c.org + "/api/v1/identity-sources/" + c.source + path
	k := call{op: op, family: family, method: method, url: shown, shown: shown}
	if externalID != "" {
		k.url += url.PathEscape(externalID)
		k.shown += "{externalId}"
	}
	return k
}

// answer is a response that was read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// attempt makes the call once, and again if the authorization was refused and there is another: the token may have ended,
// and the server may ask for a nonce that it has just begun to use.
func (c *Client) attempt(ctx context.Context, k call) (answer, error) {
	tried := map[Anew]bool{NothingNew: true}
	for {
		ans, anew, err := c.send(ctx, k)
		if err == nil || tried[anew] {
			return ans, err
		}
		tried[anew] = true
	}
}

// send makes one request. anew is what there is where the authorization was refused.
func (c *Client) send(ctx context.Context, k call) (ans answer, anew Anew, err error) {
	if err := ctx.Err(); err != nil {
		return answer{}, NothingNew, &TransportError{Op: k.op, Err: err}
	}
	if err := c.pacer.acquire(ctx, k.family, c.terms); err != nil {
		err.Op = k.op
		return answer{}, NothingNew, err
	}
	if !c.terms.admits() {
		c.pacer.done(k.family, quota{}, false, false, 0)
		return answer{}, NothingNew, &ThrottledError{Op: k.op}
	}
	var (
		q    quota
		told bool
		used bool
	)
	start := time.Now()
	defer func() {
		c.pacer.done(k.family, q, told, used, ans.status)
		seen := Call{Op: k.op, Status: ans.status, Class: Classify(err), Duration: time.Since(start), Limit: -1, Remaining: -1,
			RequestID: ans.header.Get("X-Okta-Request-Id")}
		if told {
			seen.Limit, seen.Remaining = q.limit, q.remaining
		}
		c.observe(seen)
	}()

	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := c.request(ctx, k)
	if err != nil {
		return answer{}, NothingNew, err
	}
	used = true
	sent := time.Now()
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		used = !neverSent(err)
		return answer{}, NothingNew, &TransportError{Op: k.op, Sent: used, Err: redacted(err, secretsOf(req)...)}
	}
	defer resp.Body.Close()
	ans = answer{status: resp.StatusCode, header: resp.Header}
	q, told = readQuota(resp.Header)
	c.skew.read(resp.Header, sent)
	anew = c.authorizer.Answered(req, resp)
	if resp.StatusCode/100 != 2 {
		return ans, anew, refusal(k, req, resp, q, told)
	}
	ans.body, err = readUpTo(resp.Body, maxAnswer)
	return ans, NothingNew, k.accept(ans, err, req)
}

// request returns the call's next request, authorized. Credentials, proofs and all are new for each.
func (c *Client) request(ctx context.Context, k call) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		body = bytes.NewReader(k.body)
	}
	req, err := http.NewRequestWithContext(ctx, k.method, k.url, body)
	if err != nil {
		return nil, &TransportError{Op: k.op, Err: err}
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if err := c.authorizer.Authorize(ctx, req); err != nil {
		return nil, &TransportError{Op: k.op, Err: fmt.Errorf("authorize: %w", err)}
	}
	return req, nil
}

// accept takes in the answer of a status of success, or returns why it is none.
func (k call) accept(ans answer, readErr error, req *http.Request) error {
	switch {
	case k.read == nil && isPage(ans.header, ans.body):
		return unreadable(k, ans, req, errors.New("a web page in place of an answer"))
	case k.read == nil:
		return nil
	case readErr != nil:
		return &TransportError{Op: k.op, Sent: true, Err: fmt.Errorf("read answer: %w", redacted(readErr, secretsOf(req)...))}
	}
	if err := k.read(ans.body); err != nil {
		return unreadable(k, ans, req, err)
	}
	return nil
}

// neverSent tells whether no connection was made, so that Okta cannot have acted on the request. Only errors that say so
// for sure are taken for that.
func neverSent(err error) bool {
	var (
		op          *net.OpError
		certificate *tls.CertificateVerificationError
	)
	return errors.As(err, &op) && (op.Op == "dial" || op.Op == "proxyconnect") || errors.As(err, &certificate)
}

// errTooLong is returned for an answer longer than any that Okta gives.
var errTooLong = errors.New("answer is too long")

func readUpTo(r io.Reader, most int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(body)) > most {
		body, err = body[:most], errTooLong
	}
	return body, err
}
