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
	// Optional are further scopes, left out where the service app was not granted them.
	Optional []string
	// Transport carries the calls of the token endpoint; nil is http.DefaultTransport.
	Transport http.RoundTripper
	// UserAgent is as in Config.
	UserAgent string
}

// Authority authorizes by the credentials that a source gives: by an API token as it is, or by access tokens that it
// gets for an OAuth 2.0 service app and renews before they end. Where the app demands it, tokens are bound to a key of
// this process (DPoP). Credentials that Okta refuses are asked for again.
type Authority struct {
	source    Source
	endpoint  tokenEndpoint
	needed    []string
	optional  []string
	renewing  chan struct{} // holds one: whoever renews
	skew      skew
	mu        sync.Mutex
	current   *login
	apiNonce  string
	known     *Credentials // what the source said, unless Okta refused it
	available []string     // of the optional scopes, those that known is granted; nil if that was not tried
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

// retryRenewal is how long a token that could not be renewed is used on before the next try.
const retryRenewal = 30 * time.Second

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
		renewing: make(chan struct{}, 1),
	}
	a.endpoint.skew = &a.skew
	if len(a.needed) == 0 {
		a.needed = []string{ScopeSourcesManage, ScopeSourcesRead}
	}
	if a.endpoint.transport == nil {
		a.endpoint.transport = http.DefaultTransport
	}
	if a.endpoint.userAgent == "" {
		a.endpoint.userAgent = defaultUserAgent
	}
	return a, nil
}

// Format writes no more than the type's name: an authority holds secrets.
func (a *Authority) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "okta.Authority") }

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
func (a *Authority) Answered(req *http.Request, resp *http.Response) bool {
	a.skew.read(resp.Header, time.Now())
	a.mu.Lock()
	defer a.mu.Unlock()
	nonce := resp.Header.Get("DPoP-Nonce")
	if nonce != "" {
		a.apiNonce = nonce
	}
	sent := req.Header.Get("DPoP")
	l := a.current
	mine := l != nil && req.Header.Get("Authorization") == l.scheme+" "+l.token
	switch {
	case resp.StatusCode != http.StatusUnauthorized:
		if mine && resp.StatusCode < 500 {
			l.proved = true
		}
		return false
	case nonce != "" && sent != "" && nonceOf(sent) != nonce:
		return true // of several at once, all but the first have the old nonce though the new one is known
	case !mine:
		return true // somebody has renewed it meanwhile
	}
	a.current, a.known, a.available = nil, nil, nil
	// One that was never accepted is not what ended: another would be refused as well.
	return l.proved
}

// Check asks the source and returns what is wrong with the credentials by themselves. Okta is not called.
func (a *Authority) Check(ctx context.Context) error {
	c, err := a.source(ctx)
	if err != nil {
		return fmt.Errorf("ask for credentials: %w", err)
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

// login returns how to authorize, renewed where it is time. One caller renews, the others wait for it.
func (a *Authority) login(ctx context.Context) (*login, error) {
	if l := a.usable(); l != nil {
		return l, nil
	}
	select {
	case a.renewing <- struct{}{}:
		defer func() { <-a.renewing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if l := a.usable(); l != nil {
		return l, nil
	}
	l, err := a.renew(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil {
		if old := a.current; old != nil && time.Now().Before(old.expires) {
			on := *old
			on.renew = time.Now().Add(retryRenewal)
			a.current = &on
			return &on, nil
		}
		return nil, err
	}
	a.current = l
	return l, nil
}

func (a *Authority) usable() *login {
	a.mu.Lock()
	defer a.mu.Unlock()
	if l := a.current; l != nil && (l.renew.IsZero() || time.Now().Before(l.renew)) {
		return l
	}
	return nil
}

// renew gets the next login, by the credentials that served last, or by those that the source has now.
func (a *Authority) renew(ctx context.Context) (*login, error) {
	a.mu.Lock()
	known := a.known
	a.mu.Unlock()
	var refusal error
	if known != nil {
		l, err := a.open(ctx, *known)
		if Classify(err) != Misconfigured {
			return l, err
		}
		refusal = err
	}
	fresh, err := a.source(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for credentials: %w", err)
	}
	if known != nil && fresh == *known {
		return nil, refusal
	}
	a.remember(&fresh, nil)
	l, err := a.open(ctx, fresh)
	if Classify(err) == Misconfigured {
		a.remember(nil, nil)
	}
	return l, err
}

func (a *Authority) remember(known *Credentials, available []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.known, a.available = known, available
}

// open makes a login of credentials.
func (a *Authority) open(ctx context.Context, c Credentials) (*login, error) {
	key, err := c.key()
	if err != nil {
		return nil, err
	}
	if c.Token != "" {
		return &login{scheme: "SSWS", token: string(c.Token)}, nil
	}
	app := serviceApp{id: c.ClientID, key: key}
	a.mu.Lock()
	available := a.available
	a.mu.Unlock()
	if available == nil {
		available = a.optional
	}
	l, err := a.endpoint.token(ctx, app, slices.Concat(a.needed, available))
	if !isInvalidScope(err) || len(available) == 0 {
		if err == nil {
			a.remember(&c, available)
		}
		return l, err
	}
	return a.openWithFewer(ctx, c, app)
}

// openWithFewer finds out which of the optional scopes the app was granted: the endpoint refuses all for one.
func (a *Authority) openWithFewer(ctx context.Context, c Credentials, app serviceApp) (*login, error) {
	l, err := a.endpoint.token(ctx, app, a.needed)
	if err != nil {
		return nil, err
	}
	available := []string{}
	for _, scope := range a.optional {
		more, err := a.endpoint.token(ctx, app, slices.Concat(a.needed, available, []string{scope}))
		switch {
		case err == nil:
			l, available = more, append(available, scope)
		case !isInvalidScope(err):
			return nil, err
		}
	}
	a.remember(&c, available)
	return l, nil
}
