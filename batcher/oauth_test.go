package batcher_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// serviceApp is the service app of a bubble's org, whose token is bound to a key of the client's (DPoP).
type serviceApp struct {
	*bubble
	// keys are made outside the time that passes; the first is in use.
	keys  [2]*ecdsa.PrivateKey
	now   okta.Credentials
	asked int
}

// use makes this the app's only key, at Okta and in the secret.
func (a *serviceApp) use(kid string, key *ecdsa.PrivateKey) {
	private, err := json.Marshal(jose.JSONWebKey{Key: key, KeyID: kid})
	must(a.T, err)
	a.now = okta.Credentials{ClientID: "0oaApp", PrivateKey: okta.Secret(private)}
	must(a.T, a.org.SetClients(oktasim.Client{
		ID: "0oaApp", DPoP: true, Scopes: []string{okta.ScopeSourcesManage, okta.ScopeSourcesRead},
		Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: kid}}},
	}))
}

func (a *serviceApp) login(b *bubble) okta.Authorizer {
	a.bubble = b
	must(b.T, b.org.Reconfigure(func(o *oktasim.Config) { o.Token, o.NonceOnCalls = "", true }))
	a.use("kid1", a.keys[0])
	authority, err := okta.NewAuthority(okta.AuthConfig{
		OrgURL: "https://example.okta.com", Transport: b.org.Transport(),
		Source: func(context.Context) (okta.Credentials, error) { a.asked++; return a.now, nil },
	})
	must(b.T, err)
	return authority
}

// TestKeysAreRotatedInTheMiddleOfASession loads 10,000 people by a service app with DPoP, while an operator takes its key
// away, puts another one into the secret, and ends all tokens and nonces. The session goes on.
func TestKeysAreRotatedInTheMiddleOfASession(t *testing.T) {
	app := &serviceApp{}
	for i := range app.keys {
		var err error
		app.keys[i], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		must(t, err)
	}
	inBubble(t, 60, okta.DefaultRateShare, app.login, func(b *bubble) {
		b.changed(10_000)
		loadsBefore := 0
		time.AfterFunc(25*time.Second, func() {
			loadsBefore = b.org.Calls()[oktasim.OpBulkUpsert]
			app.use("kid2", app.keys[1])
			b.org.RevokeTokens()
			b.org.RotateNonce()
		})
		took := b.load(10_000)
		if loadsBefore == 0 || loadsBefore >= 50 {
			b.Fatalf("%d loads had come when the key was rotated: not in the middle", loadsBefore)
		}
		if app.asked != 2 {
			b.Errorf("the secret was read %d times, want at the start and after the rotation", app.asked)
		}
		// Two for each key: Okta gives the nonce by refusing the first proof.
		if tokens := b.org.Calls()[oktasim.OpToken]; tokens < 2 || tokens > 6 {
			b.Errorf("%d calls of the token endpoint", tokens)
		}
		if sessions := b.org.Sessions(); len(sessions) != 1 {
			b.Errorf("%d sessions, want one: the rotation must not cost a session", len(sessions))
		}
		b.Logf("took %v, rotated after %d loads: %v", took, loadsBefore, b.org.Calls())
	})
}
