package okta

import (
	"context"
	"slices"
	"time"
)

// retryRenewal is how long a token that could not be renewed is used on before the next try.
const retryRenewal = 30 * time.Second

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
	if err != nil {
		return a.oldLogin(err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.current = l
	return l, nil
}

// oldLogin goes on with what could not be renewed, as long as it lasts.
func (a *Authority) oldLogin(err error) (*login, error) {
	a.mu.Lock()
	old, now := a.current, time.Now()
	if old == nil || !now.Before(old.expires) {
		a.mu.Unlock()
		return nil, err
	}
	on := *old
	on.renew = now.Add(retryRenewal)
	if on.renew.After(on.expires) {
		on.renew = on.expires
	}
	a.current = &on
	a.mu.Unlock()
	a.trouble(err)
	return &on, nil
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
		return nil, &SourceError{err}
	}
	if known != nil && fresh == *known {
		return nil, refusal
	}
	l, err := a.open(ctx, fresh)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known = &fresh; Classify(err) == Misconfigured {
		a.known = nil
	}
	return l, err
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
	l, err := a.endpoint.token(ctx, app, slices.Concat(a.needed, a.optional))
	if !notGranted(err) || len(a.optional) == 0 {
		return l, err
	}
	return a.openWithFewer(ctx, app)
}

// openWithFewer finds out which of the optional scopes the app was granted: the endpoint refuses all for one.
func (a *Authority) openWithFewer(ctx context.Context, app serviceApp) (*login, error) {
	scopes := a.needed
	l, err := a.endpoint.token(ctx, app, scopes)
	if err != nil {
		return nil, err
	}
	for i, scope := range a.optional {
		if len(scopes) == len(a.needed)+i && i == len(a.optional)-1 {
			break // all others were granted, so this is the one that was refused with them
		}
		more, err := a.endpoint.token(ctx, app, slices.Concat(scopes, []string{scope}))
		switch {
		case err == nil:
			l, scopes = more, slices.Concat(scopes, []string{scope})
		case !notGranted(err):
			return nil, err
		}
	}
	return l, nil
}
