package okta

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Scopes of the calls, by Okta's documents.
const (
	ScopeSourcesManage  = "okta.identitySources.manage"
	ScopeSourcesRead    = "okta.identitySources.read"
	ScopeAppsRead       = "okta.apps.read"
	ScopeLogsRead       = "okta.logs.read"
	ScopeSchemasRead    = "okta.schemas.read"
	ScopeSchemasManage  = "okta.schemas.manage"
	ScopeMappingsRead   = "okta.profileMappings.read"
	ScopeMappingsManage = "okta.profileMappings.manage"
)

// AuthConfig is what an Authority is made of.
type AuthConfig struct {
	// OrgURL is as in Config.
	OrgURL string
	Source Source
	// Scopes are those without which nothing can be done; empty is ScopeSourcesManage and ScopeSourcesRead.
	Scopes []string
	// Optional are further scopes, left out where the service app was not granted them. They are asked for at each
	// renewal, so that one that is granted later is taken up.
	Optional []string
	// RateShare is as in Config. The token endpoint's limit is apart from those of the API.
	RateShare float64
	// Trouble, if set, is told of a renewal that failed while the old token still serves.
	Trouble func(error)
	// Transport carries the calls of the token endpoint; nil is as in Config.
	Transport http.RoundTripper
	// UserAgent is as in Config.
	UserAgent string
}

// Authority authorizes by the credentials that a source gives: by an API token as it is, or by access tokens that it
// gets for an OAuth 2.0 service app and renews before they end. Where the app demands it, tokens are bound to a key of
// this process (DPoP). Credentials that Okta refuses are asked for again.
type Authority struct {
	source   Source
	endpoint tokenEndpoint
	needed   []string
	optional []string
	trouble  func(error)
	renewing chan struct{} // holds one: whoever renews
	skew     *skew
	mu       sync.Mutex
	current  *login
	apiNonce string
	known    *Credentials // what the source said, unless Okta refused it
}

// login is how requests are authorized for a while.
type login struct {
	// scheme is SSWS, Bearer or DPoP.
	scheme, token string
	proof         *proofKey
	scopes        []string
	// renew is when to get the next, expires when it ends; zero if never.
	renew, expires time.Time
	// proved is set when Okta accepted it once. It is the only field that changes.
	proved bool
}

// NewAuthority returns an authority, or all that is wrong with the config. It asks for nothing yet.
func NewAuthority(config AuthConfig) (*Authority, error) {
	var problems []error
	if err := CheckOrgURL(config.OrgURL); err != nil {
		problems = append(problems, fmt.Errorf("OrgURL %w", err))
	}
	if config.Source == nil {
		problems = append(problems, errors.New("Source is missing"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, fmt.Errorf("make Okta authority: %w", err)
	}
	a := &Authority{
		source:   config.Source,
		endpoint: tokenEndpoint{url: strings.TrimRight(config.OrgURL, "/") + "/oauth2/v1/token", transport: config.Transport, userAgent: config.UserAgent},
		needed:   slices.Clone(config.Scopes),
		optional: slices.Clone(config.Optional),
		trouble:  config.Trouble,
		renewing: make(chan struct{}, 1),
		skew:     &skew{},
	}
	share, err := rateShare(config.RateShare)
	if err != nil {
		return nil, fmt.Errorf("make Okta authority: %w", err)
	}
	a.endpoint.skew, a.endpoint.pacer = a.skew, newPacer(share)
	if a.trouble == nil {
		a.trouble = func(error) {}
	}
	if len(a.needed) == 0 {
		a.needed = []string{ScopeSourcesManage, ScopeSourcesRead}
	}
	if a.endpoint.transport == nil {
		a.endpoint.transport = newTransport()
	}
	if a.endpoint.userAgent == "" {
		a.endpoint.userAgent = defaultUserAgent
	}
	return a, nil
}

// Format writes no more than the type's name: an authority holds secrets.
func (a *Authority) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "okta.Authority") }

// clock is by how much Okta's clock is ahead, which whoever calls with this authority learns too.
func (a *Authority) clock() *skew { return a.skew }

// Authorize implements Authorizer.
func (a *Authority) Authorize(ctx context.Context, req *http.Request) error {
	l, err := a.login(ctx)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", l.scheme+" "+l.token)
	if l.scheme != schemeDPoP {
		return nil
	}
	a.mu.Lock()
	nonce := a.apiNonce
	a.mu.Unlock()
	text, err := l.proof.sign(proof{method: req.Method, url: req.URL, nonce: nonce, token: l.token, at: a.skew.now()})
	if err != nil {
		return fmt.Errorf("make DPoP proof: %w", err)
	}
	req.Header.Set("DPoP", text)
	return nil
}

// Answered implements Authorizer.
func (a *Authority) Answered(req *http.Request, resp *http.Response) Anew {
	a.mu.Lock()
	defer a.mu.Unlock()
	if nonce := resp.Header.Get("DPoP-Nonce"); nonce != "" {
		a.apiNonce = nonce
	}
	l := a.current
	mine := l != nil && req.Header.Get("Authorization") == l.scheme+" "+l.token
	switch {
	case resp.StatusCode != http.StatusUnauthorized:
		if mine && resp.StatusCode < 500 {
			l.proved = true
		}
		return NothingNew
	case wantsNonce(resp) && nonceOf(req.Header.Get("DPoP")) != a.apiNonce:
		return NewNonce // maybe known by now: of several at once, all but the first have the old one
	case !mine:
		return NewLogin // somebody has renewed it meanwhile
	}
	a.current, a.known = nil, nil
	if !l.proved {
		return NothingNew // one that was never accepted is not what ended: another would be refused as well
	}
	return NewLogin
}

// wantsNonce tells whether a 401 is for want of another nonce. Others may come with a nonce too.
func wantsNonce(resp *http.Response) bool {
	return slices.ContainsFunc(resp.Header.Values("WWW-Authenticate"), func(challenge string) bool {
		return strings.Contains(challenge, "use_dpop_nonce")
	})
}

// Check asks the source and returns what is wrong with the credentials by themselves. Okta is not called.
func (a *Authority) Check(ctx context.Context) error {
	c, err := a.source(ctx)
	if err != nil {
		return &SourceError{err}
	}
	_, err = c.key()
	return err
}

// Scopes returns the scopes of the access token, and none for an API token, whose rights are its creator's.
func (a *Authority) Scopes(ctx context.Context) ([]string, error) {
	l, err := a.login(ctx)
	if err != nil {
		return nil, err
	}
	return slices.Clone(l.scopes), nil
}
