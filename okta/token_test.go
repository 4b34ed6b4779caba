package okta

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestTokenErrors: each says what to mend, is no refusal of the call itself, and shows no secret.
func TestTokenErrors(t *testing.T) {
	known := func(o *fakeOrg) Credentials { return o.app("kid1", ecKey) }
	for _, test := range []struct {
		name  string
		setup func(*fakeOrg) Credentials
		class Class
		want  string // part of the error
	}{
		{"no credentials", func(*fakeOrg) Credentials { return Credentials{} }, Misconfigured, "neither an API token nor"},
		{"no key", func(*fakeOrg) Credentials { return Credentials{ClientID: "0oaApp"} }, Misconfigured, "private key is missing"},
		{"no client", func(*fakeOrg) Credentials { return Credentials{PrivateKey: pkcs8(ecKey)} }, Misconfigured, "client ID is missing"},
		{"token and key", func(o *fakeOrg) Credentials { c := known(o); c.Token = "t"; return c }, Misconfigured, "remove one"},
		{"token of two words", func(*fakeOrg) Credentials { return Credentials{Token: "a b"} }, Misconfigured, "white space"},
		{"bad key", func(*fakeOrg) Credentials { return Credentials{ClientID: "0oaApp", PrivateKey: "x", KeyID: "k"} }, Misconfigured, "neither PEM nor"},
		{"unknown kid", func(o *fakeOrg) Credentials { c := known(o); c.KeyID = "kid9"; return c }, Misconfigured, "public half of the private key is in its list under the key ID kid9"},
		{"another key", func(o *fakeOrg) Credentials { c := known(o); c.PrivateKey = pkcs8(rsaKey); return c }, Misconfigured, "invalid_client"},
		{"another client", func(o *fakeOrg) Credentials { c := known(o); c.ClientID = "0oaOther"; return c }, Misconfigured, "the service app 0oaOther exists"},
		{"scope not granted", func(o *fakeOrg) Credentials { o.scopes = nil; return known(o) }, Misconfigured, "grant the service app these scopes: okta.identitySources.manage okta.identitySources.read"},
		{"nonce never right", func(o *fakeOrg) Credentials { o.dpop, o.fickle = true, true; return known(o) }, Misconfigured, "clock"},
		{"forbidden", func(o *fakeOrg) Credentials { o.down = 403; return known(o) }, Misconfigured, "status 403"},
		{"not found", func(o *fakeOrg) Credentials { o.down = 404; return known(o) }, Misconfigured, "check the org's URL"},
		{"bad request", func(o *fakeOrg) Credentials { o.down = 400; return known(o) }, Misconfigured, "status 400"},
		{"rate limit", func(o *fakeOrg) Credentials { o.down = 429; return known(o) }, Throttled, "status 429"},
		{"down", func(o *fakeOrg) Credentials { o.down = 503; return known(o) }, Unavailable, "status 503"},
		{"no token in the answer", func(o *fakeOrg) Credentials { o.down = 200; return known(o) }, Unavailable, "no access token"},
	} {
		t.Run(test.name, func(t *testing.T) {
			withOrg(t, func(o *fakeOrg) {
				credentials := test.setup(o)
				c, a := o.dial(Static(credentials))
				_, err := c.CreateSession(o.t.Context())
				if Classify(err) != test.class || Ambiguous(err) || IsNotFound(err) {
					o.t.Errorf("class %v, ambiguous %v, not found %v", Classify(err), Ambiguous(err), IsNotFound(err))
				}
				if err == nil || !strings.Contains(err.Error(), test.want) || !strings.HasPrefix(err.Error(), "create session: authorize: ") {
					o.t.Fatalf("got %v", err)
				}
				if strings.Contains(o.answers(), "api") {
					o.t.Error("the call was made without authorization")
				}
				for _, secret := range []string{"eyJ", string(credentials.PrivateKey)} { // a JWT begins with eyJ
					if len(secret) > 2 {
						assertHidden(o.t, err, secret)
					}
				}
				if _, scopesErr := a.Scopes(o.t.Context()); scopesErr == nil {
					o.t.Error("there are scopes without a token")
				}
			})
		})
	}
}

func TestSourceThatFails(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		broken := errors.New("the vault is sealed")
		failing := true
		app := o.app("kid1", ecKey)
		c, _ := o.dial(func(context.Context) (Credentials, error) {
			if failing {
				return Credentials{}, broken
			}
			return app, nil
		})
		_, err := c.CreateSession(o.t.Context())
		if !errors.Is(err, broken) || Classify(err) != Unavailable || Ambiguous(err) {
			o.t.Errorf("got %v", err)
		}
		failing = false
		o.list(c, "token 200, api 200")
	})
}

func TestRenewalHonoursTheContext(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		c, a := o.dial(Static(o.app("kid1", ecKey)))
		a.endpoint.transport = roundTrip(hanging)
		ctx, cancel := context.WithTimeout(o.t.Context(), 10*time.Second)
		defer cancel()
		done := make(chan error)
		for range 2 { // one renews, the other waits for it
			go func() { _, err := a.login(ctx); done <- err }()
		}
		start := time.Now()
		for range 2 {
			if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
				o.t.Errorf("got %v", err)
			}
		}
		if took := time.Since(start); took != 10*time.Second {
			o.t.Errorf("took %v", took)
		}
		a.endpoint.transport = o
		o.list(c, "token 200, api 200")
	})
}

func TestTokensOfUnknownLife(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.life = 0
		c, _ := o.dial(Static(o.app("kid1", ecKey)))
		o.list(c, "token 200, api 200")
		time.Sleep(4 * time.Minute)
		o.list(c, "api 200")
		time.Sleep(time.Minute)
		o.list(c, "token 200, api 200")
	})
}

func TestTokenErrorRepeatsNoSecret(t *testing.T) {
	for _, code := range []int{400, 500} {
		withOrg(t, func(o *fakeOrg) {
			o.down = code
			c, _ := o.dial(Static(o.app("kid1", ecKey)))
			_, err := c.ListSessions(o.t.Context())
			var refused *TokenError
			if !errors.As(err, &refused) || !strings.Contains(refused.Description, "grant_type") {
				o.t.Fatalf("the server's words are lost: %v", err)
			}
			assertHidden(o.t, err, "eyJ")
		})
	}
}

func TestAuthorityConfig(t *testing.T) {
	_, err := NewAuthority(AuthConfig{OrgURL: "example.okta.com"})
	if err == nil || !strings.Contains(err.Error(), "OrgURL") || !strings.Contains(err.Error(), "Source") {
		t.Errorf("got %v", err)
	}
}

func TestAuthorityPrintsNoSecret(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		credentials := o.app("kid1", ecKey)
		c, a := o.dial(Static(credentials))
		o.list(c, "token 200, api 200")
		for _, v := range []any{a, c, credentials, &credentials, []any{a}} {
			for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
				text := fmt.Sprintf(format, v)
				if strings.Contains(text, "access-token-1") || strings.Contains(text, "PRIVATE KEY") {
					o.t.Errorf("%s of %T: %s", format, v, text)
				}
			}
		}
	})
}
