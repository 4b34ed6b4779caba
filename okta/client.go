package okta

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	// DefaultRateShare is the share of the rate limit that is used where Config says none.
	DefaultRateShare = 0.8
	// attemptTimeout is how long one attempt may take, from asking for credentials to the last byte of the answer.
	// Okta was seen to take 1 to 2 s.
	attemptTimeout = 30 * time.Second

	defaultUserAgent = "rollcall"
)

// Config is what a Client is made of.
type Config struct {
	// OrgURL is the org's address without a path, https://example.okta.com. Plain http is taken for loopback only.
	OrgURL string
	// IdentitySourceID is the identity source, which is also the ID of its app: 0oa….
	IdentitySourceID string
	Authorizer       Authorizer
	// Transport carries the requests; nil is one like http.DefaultTransport that sends each at most once. Redirects are not
	// followed.
	Transport http.RoundTripper
	// RateShare is the share of the rate limit that the client may use, above 0 to 1; 0 is DefaultRateShare. One call a
	// window is always made, however small the limit is.
	RateShare float64
	// Jitter returns numbers from 0 up to 1 that spread the waits between tries; nil is math/rand/v2.Float64. It may be
	// called by several goroutines at once.
	Jitter func() float64
	// Observe, if set, is called after each attempt by the goroutine that made it.
	Observe func(Call)
	// UserAgent is sent with each request; empty is "rollcall".
	UserAgent string
}

// Call is one attempt, as Config.Observe sees it.
type Call struct {
	// Op is the call in words: "create session".
	Op string
	// Status is the HTTP status, 0 if none came.
	Status   int
	Class    Class
	Duration time.Duration
	// Limit and Remaining are the response's rate-limit headers, −1 where it had none.
	Limit, Remaining int
	// RequestID is Okta's name for the request.
	RequestID string
}

// Validate returns all that is wrong with the config, joined.
func (c Config) Validate() error {
	var problems []error
	if err := CheckOrgURL(c.OrgURL); err != nil {
		problems = append(problems, fmt.Errorf("OrgURL %w", err))
	}
	if err := checkID("IdentitySourceID", c.IdentitySourceID); err != nil {
		problems = append(problems, err)
	}
	if c.Authorizer == nil {
		problems = append(problems, errors.New("Authorizer is missing: give SSWS or an Authority"))
	}
	if _, err := rateShare(c.RateShare); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// CheckOrgURL returns what is wrong with an org's address, to be read after the name of what holds it. The error does not
// hold the address.
func CheckOrgURL(org string) error {
	if org == "" {
		return errors.New("is missing")
	}
	u, err := url.Parse(org)
	if err != nil || u.Hostname() == "" {
		return errors.New("is not a URL like https://example.okta.com")
	}
	if u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return errors.New("must be a scheme and a host alone, like https://example.okta.com")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return errors.New("must begin with https:// (http:// only for a simulator on this machine)")
	}
	// The Admin Console shows this address in the browser; the API is not at it.
	if name, zone, _ := strings.Cut(u.Hostname(), "."); strings.HasSuffix(name, "-admin") && strings.HasPrefix(zone, "okta") {
		return errors.New("is the Admin Console's address: use it without -admin")
	}
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// checkID checks an ID that Okta made and that becomes part of a path.
func checkID(name, id string) error {
	if id == "" {
		return fmt.Errorf("%s is missing", name)
	}
	for _, c := range []byte(id) {
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '-') {
			return fmt.Errorf("%s holds characters other than letters and digits", name)
		}
	}
	return nil
}

// Client calls Okta. It may be used by several goroutines at once.
type Client struct {
	org        string
	source     string
	authorizer Authorizer
	transport  http.RoundTripper
	jitter     func() float64
	observe    func(Call)
	userAgent  string
	pacer      *pacer
	skew       *skew
	terms      Terms
}

// New returns a client, or all that is wrong with the config.
func New(config Config) (*Client, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("make Okta client: %w", err)
	}
	c := &Client{
		org:        strings.TrimRight(config.OrgURL, "/"),
		source:     config.IdentitySourceID,
		authorizer: config.Authorizer,
		transport:  config.Transport,
		jitter:     config.Jitter,
		observe:    config.Observe,
		userAgent:  config.UserAgent,
		skew:       &skew{},
	}
	if c.transport == nil {
		c.transport = newTransport()
	}
	if c.jitter == nil {
		c.jitter = rand.Float64
	}
	if c.observe == nil {
		c.observe = func(Call) {}
	}
	if c.userAgent == "" {
		c.userAgent = defaultUserAgent
	}
	if a, is := c.authorizer.(interface{ clock() *skew }); is {
		c.skew = a.clock()
	}
	share, err := rateShare(config.RateShare)
	if err != nil {
		return nil, fmt.Errorf("make Okta client: %w", err)
	}
	c.pacer = newPacer(share)
	return c, nil
}

// rateShare returns the share that a config means.
func rateShare(share float64) (float64, error) {
	if share < 0 || share > 1 || share != share {
		return 0, fmt.Errorf("RateShare is %v: it must be above 0 and at most 1", share)
	}
	if share == 0 {
		return DefaultRateShare, nil
	}
	return share, nil
}

// Format writes the org and the identity source, whatever the verb: what a client holds is not for logs.
func (c *Client) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "okta.Client(%s, %s)", c.org, c.source)
}

// IdentitySourceID returns the identity source that the client loads.
func (c *Client) IdentitySourceID() string { return c.source }

// Skew returns by how much Okta's clock is ahead of ours, to about a second, by the Date of the latest response; false
// if none has come.
func (c *Client) Skew() (time.Duration, bool) { return c.skew.get() }
