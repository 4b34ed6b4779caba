package okta

import (
	"context"
	"crypto"
	"errors"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// withOrg runs a test in a bubble of its own, with an org.
func withOrg(t *testing.T, test func(*fakeOrg)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(newOrg(t)) })
}

func TestBearerToken(t *testing.T) {
	for name, key := range map[string]interface{ Public() crypto.PublicKey }{"RSA": rsaKey, "EC": ecKey} {
		t.Run(name, func(t *testing.T) {
			withOrg(t, func(o *fakeOrg) {
				c, a := o.dial(Static(o.app("kid1", key)))
				o.list(c, "token 200, api 200")
				o.list(c, "api 200")
				time.Sleep(o.life - 6*time.Minute)
				o.list(c, "api 200")
				time.Sleep(2 * time.Minute) // less than five before its end
				o.list(c, "token 200, api 200")
				scopes, err := a.Scopes(o.t.Context())
				if err != nil || len(scopes) != 2 || scopes[0] != ScopeSourcesManage {
					o.t.Errorf("scopes %v, %v", scopes, err)
				}
			})
		})
	}
}

func TestDPoP(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.dpop, o.nonce = true, "nonce1"
		c, _ := o.dial(Static(o.app("kid1", rsaKey)))
		// What the server wants is learned once: proofs, then the nonce.
		o.list(c, "token 400, token 400, token 200, api 200")
		o.list(c, "api 200")
		time.Sleep(o.life)
		o.list(c, "token 200, api 200")
		o.set(func() { o.nonce = "nonce2" })
		time.Sleep(o.life)
		o.list(c, "token 400, token 200, api 200")
		o.set(func() { o.apiNonce = "api1" })
		o.list(c, "api 401, api 200")
		o.list(c, "api 200")
		// A new nonce comes with the refusal of a token that ended: both are renewed at once.
		o.set(func() { o.apiNonce, o.tokens = "api2", map[string]string{} })
		o.list(c, "api 401, token 200, api 200")
	})
}

func TestProofIsNewForEachTry(t *testing.T) {
	withOrg(t, func(o *fakeOrg) { // which fails the test if a jti comes twice
		o.dpop = true
		c, _ := o.dial(Static(o.app("kid1", ecKey)))
		o.list(c, "token 400, token 200, api 200")
		calls := 0
		c.transport = roundTrip(func(req *http.Request) (*http.Response, error) {
			resp, err := o.RoundTrip(req)
			if calls++; calls < 3 {
				return nil, errors.New("connection reset by peer")
			}
			return resp, err
		})
		o.list(c, "api 200, api 200, api 200")
	})
}

func TestRenewedOnceOn401(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		c, _ := o.dial(Static(o.app("kid1", ecKey)))
		o.list(c, "token 200, api 200")
		o.set(func() { o.tokens = map[string]string{} })
		o.list(c, "api 401, token 200, api 200")

		// Where the new one is refused as well, a third would be.
		c.transport = status(401, refusedBody)
		if _, err := c.ListSessions(o.t.Context()); Classify(err) != Misconfigured || !hasStatus(err, 401) {
			o.t.Errorf("got %v", err)
		}
		if got := o.answers(); got != "token 200" {
			o.t.Errorf("got %s", got)
		}
	})
}

func TestOneRenewalAtATime(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		c, _ := o.dial(Static(o.app("kid1", ecKey)))
		together := func(want string) {
			o.t.Helper()
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() {
					if _, err := c.ListSessions(o.t.Context()); err != nil {
						o.t.Error(err)
					}
				})
			}
			group.Wait()
			if got := o.answers(); got != want {
				o.t.Errorf("got %s", got)
			}
		}
		together("token 200, api 200, api 200, api 200, api 200")
		time.Sleep(o.life)
		together("token 200, api 200, api 200, api 200, api 200")
		o.set(func() { o.tokens = map[string]string{} })
		together("api 401, api 401, api 401, api 401, token 200, api 200, api 200, api 200, api 200")
	})
}

func TestOldTokenServesWhileTheEndpointIsDown(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		c, _ := o.dial(Static(o.app("kid1", ecKey)))
		o.list(c, "token 200, api 200")
		time.Sleep(o.life - 2*time.Minute)
		o.set(func() { o.down = 503 })
		o.list(c, "token 503, api 200")
		o.list(c, "api 200") // the endpoint is not asked with each call
		time.Sleep(retryRenewal)
		o.set(func() { o.down = 0 })
		o.list(c, "token 200, api 200")
	})
}

func TestRotation(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		now, asked := o.app("kid1", rsaKey), 0
		c, _ := o.dial(func(context.Context) (Credentials, error) {
			asked++
			return now, nil
		})
		o.list(c, "token 200, api 200")
		now = o.app("kid2", ecKey)
		// The old key is taken from the list, its token still works till it ends.
		o.set(func() { delete(o.keys, "kid1") })
		o.list(c, "api 200")
		time.Sleep(o.life)
		o.list(c, "token 401, token 200, api 200")
		// The tokens are revoked with the key.
		now = o.app("kid3", rsaKey)
		o.set(func() { delete(o.keys, "kid2"); o.tokens = map[string]string{} })
		o.list(c, "api 401, token 200, api 200")
		if asked != 3 {
			o.t.Errorf("the source was asked %d times", asked)
		}
	})
}

func TestRotationOfAnAPIToken(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		now := Credentials{Token: "token1"}
		o.apiTokens = []string{"token1"}
		c, a := o.dial(func(context.Context) (Credentials, error) { return now, nil })
		o.list(c, "api 200")
		now.Token = "token2"
		o.set(func() { o.apiTokens = []string{"token2"} })
		o.list(c, "api 401, api 200")
		if scopes, err := a.Scopes(o.t.Context()); scopes != nil || err != nil {
			o.t.Errorf("scopes %v, %v", scopes, err)
		}
		// From a token to a service app.
		now = o.app("kid1", ecKey)
		o.set(func() { o.apiTokens = nil })
		o.list(c, "api 401, token 200, api 200")
	})
}

// TestAFreshNonceWithEachAnswer: a token that was revoked is renewed, though its refusal comes with a nonce too.
func TestAFreshNonceWithEachAnswer(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.dpop, o.apiNonce, o.fresh = true, "api1", true
		c, _ := o.dial(Static(o.app("kid1", ecKey)))
		o.list(c, "token 400, token 200, api 401, api 200")
		for range 3 {
			o.list(c, "api 200")
		}
		o.set(func() { o.tokens = map[string]string{} })
		o.list(c, "api 401, token 200, api 200")
	})
}

// TestANonceIsAskedForOnceACall: a server that takes none is not asked for ever.
func TestANonceIsAskedForOnceACall(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.dpop, o.apiNonce = true, "api1"
		c, _ := o.dial(Static(o.app("kid1", ecKey)))
		o.list(c, "token 400, token 200, api 401, api 200")
		o.set(func() { o.fickle, o.fresh = true, true })
		if _, err := c.ListSessions(o.t.Context()); Classify(err) != Misconfigured {
			o.t.Errorf("got %v", err)
		}
		if got := o.answers(); got != "api 401, api 401" {
			o.t.Errorf("the org answered %s", got)
		}
	})
}

// TestTheOldTokenDoesNotOutliveItself: what could not be renewed ends when it ends, and somebody hears of it.
func TestTheOldTokenDoesNotOutliveItself(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		var told []error
		c, a := o.dial(Static(o.app("kid1", ecKey)))
		a.trouble = func(err error) { told = append(told, err) }
		o.list(c, "token 200, api 200")
		time.Sleep(o.life - 10*time.Second)
		o.set(func() { o.down = 503 })
		o.list(c, "token 503, api 200")
		if len(told) != 1 || Classify(told[0]) != Unavailable {
			o.t.Errorf("told %v", told)
		}
		time.Sleep(10 * time.Second)
		o.set(func() { o.down, o.tokens = 0, map[string]string{} })
		o.list(c, "token 200, api 200") // and not 401 first
	})
}

// TestTheTokenEndpointIsPaced by its own headers.
func TestTheTokenEndpointIsPaced(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.tokenLimits = limits(5, 1, 20*time.Second) // one is left to others
		c, _ := o.dial(Static(o.app("kid1", ecKey)))
		start := time.Now()
		o.list(c, "token 200, api 200")
		o.set(func() { o.tokens, o.tokenLimits = map[string]string{}, nil })
		o.list(c, "api 401, token 200, api 200")
		if took := time.Since(start); took < 20*time.Second || took > 25*time.Second {
			o.t.Errorf("took %v, want till the next window", took)
		}
		o.set(func() { o.tokens, o.tokenLimits = map[string]string{}, limits(5, 1, 50*time.Second) })
		o.list(c, "api 401, token 200, api 200")
		o.set(func() { o.tokens = map[string]string{} })
		_, err := c.ListSessions(o.t.Context())
		if throttled, is := errors.AsType[*ThrottledError](err); !is || throttled.Until.IsZero() {
			o.t.Errorf("a window that is further off than an attempt may take: %v", err)
		}
	})
}
