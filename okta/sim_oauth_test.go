package okta_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rollcall/okta"
	"rollcall/okta/oktasim"
)

type signer interface{ Public() crypto.PublicKey }

// serviceApp is a service app of a simulated org, whose key the test replaces.
type serviceApp struct {
	t   *testing.T
	org *oktasim.Server
	app oktasim.Client
	now okta.Credentials
}

// use makes this the app's only key, there and here.
func (a *serviceApp) use(kid string, key signer) {
	a.t.Helper()
	private, err := json.Marshal(jose.JSONWebKey{Key: key, KeyID: kid})
	if err != nil {
		a.t.Fatal(err)
	}
	a.now = okta.Credentials{ClientID: a.app.ID, PrivateKey: okta.Secret(private)}
	a.app.Keys.Keys = []jose.JSONWebKey{{Key: key.Public(), KeyID: kid}}
	if err := a.org.SetClients(a.app); err != nil {
		a.t.Fatal(err)
	}
}

// withServiceApp runs a test in a bubble, with a client that authorizes by a service app.
func withServiceApp(t *testing.T, dpop bool, edit func(*oktasim.Config), test func(*serviceApp, *okta.Client, *okta.Authority)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config := oktasim.DefaultConfig()
		config.Token, config.RateLimit, config.Latency = "", 0, 200*time.Millisecond
		edit(&config)
		org, err := oktasim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		a := &serviceApp{t: t, org: org, app: oktasim.Client{ID: "0oaApp", DPoP: dpop,
			Scopes: []string{okta.ScopeSourcesManage, okta.ScopeSourcesRead, okta.ScopeLogsRead}}}
		authority, err := okta.NewAuthority(okta.AuthConfig{OrgURL: "https://example.okta.com", Transport: org.Transport(),
			Source:   func(context.Context) (okta.Credentials, error) { return a.now, nil },
			Optional: []string{okta.ScopeAppsRead, okta.ScopeLogsRead}})
		if err != nil {
			t.Fatal(err)
		}
		client, err := okta.New(clientConfig(config, org, authority))
		if err != nil {
			t.Fatal(err)
		}
		test(a, client, authority)
	})
}

// TestServiceAppOfASimulatedOrg goes through all that may happen to a client that runs for days.
func TestServiceAppOfASimulatedOrg(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	ecKey, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*oktasim.Config){
		"as by default":        func(*oktasim.Config) {},
		"nonces on calls":      func(c *oktasim.Config) { c.NonceOnCalls = true },
		"fresh nonces":         func(c *oktasim.Config) { c.NonceOnCalls, c.FreshNonces = true, true },
		"consent required":     func(c *oktasim.Config) { c.ConsentRequired = true },
		"short tokens, nonces": func(c *oktasim.Config) { c.NonceOnCalls, c.TokenLife, c.NonceLife = true, time.Minute, 3*time.Minute },
		"clock ahead":          func(c *oktasim.Config) { c.Now = func() time.Time { return time.Now().Add(90 * time.Minute) } },
		"clock behind":         func(c *oktasim.Config) { c.Now = func() time.Time { return time.Now().Add(-90 * time.Minute) } },
	} {
		for _, dpop := range []bool{true, false} {
			t.Run(name+map[bool]string{true: ", DPoP", false: ", Bearer"}[dpop], func(t *testing.T) {
				withServiceApp(t, dpop, edit, func(a *serviceApp, c *okta.Client, authority *okta.Authority) {
					call := func(after string) {
						t.Helper()
						if _, err := c.ListSessions(a.t.Context()); err != nil {
							t.Errorf("after %s: %v", after, err)
						}
					}
					a.use("kid1", rsaKey)
					call("the start")
					scopes, err := authority.Scopes(a.t.Context())
					if want := okta.ScopeSourcesManage + " " + okta.ScopeSourcesRead + " " + okta.ScopeLogsRead; err != nil || strings.Join(scopes, " ") != want {
						t.Errorf("scopes %v, %v", scopes, err)
					}
					for range 50 {
						time.Sleep(13 * time.Minute)
						call("a while")
					}
					a.org.RevokeTokens()
					call("all tokens were revoked")
					a.org.RotateNonce()
					call("a new nonce")
					a.use("kid2", ecKey)
					a.org.RevokeTokens()
					a.org.RotateNonce()
					call("a new key, when tokens were revoked and there is a new nonce")
					if _, err := c.GetApp(a.t.Context()); !okta.IsForbidden(err) || okta.Classify(err) != okta.Misconfigured {
						t.Errorf("a call without its scope: %v", err)
					}
					for range c.ImportFailures(a.t.Context(), time.Now(), time.Time{}) {
						t.Error("a failure, or no scope")
					}
				})
			})
		}
	}
}

// TestCallsAtOnceMeetANewNonce has several calls under way when the tokens and the nonce are replaced: all of them come
// back with a nonce that only the first did not know.
func TestCallsAtOnceMeetANewNonce(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	withServiceApp(t, true, func(c *oktasim.Config) { c.NonceOnCalls = true }, func(a *serviceApp, c *okta.Client, _ *okta.Authority) {
		a.use("kid1", key)
		if _, err := c.ListSessions(a.t.Context()); err != nil {
			a.t.Fatal(err)
		}
		a.org.RevokeTokens()
		a.org.RotateNonce()
		var calls sync.WaitGroup
		for range 4 {
			calls.Go(func() {
				if _, err := c.ListSessions(a.t.Context()); err != nil {
					a.t.Error(err)
				}
			})
		}
		calls.Wait()
	})
}
