package oktasim_test

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/okta"
	"rollcall/okta/oktasim"
)

const localOrg = "http://localhost:9090"

// dial returns the connector's own client of an org, by the org's token or as its service app.
func dial(t *testing.T, server *oktasim.Server, service bool) *okta.Client {
	t.Helper()
	authorizer := okta.SSWS("sim-token")
	if service {
		key := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(appKey))})
		authorizer = must(okta.NewAuthority(okta.AuthConfig{
			OrgURL: localOrg, Transport: server.Transport(),
			Source: okta.Static(okta.Credentials{ClientID: "0oaApp", PrivateKey: okta.Secret(key), KeyID: "kid1"}),
		}))
	}
	return must(okta.New(okta.Config{OrgURL: localOrg, IdentitySourceID: "0oa1", Authorizer: authorizer, Transport: server.Transport(), RateShare: 1}))
}

// The connector's client walks through a session: by token, by OAuth with a bearer token, and with DPoP, nonces on every
// call, and nonces, tokens and keys that change in between.
func TestTheConnectorsClient(t *testing.T) {
	for _, how := range []string{"SSWS", "Bearer", "DPoP"} {
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := oktasim.DefaultConfig()
				config.Latency, config.NonceOnCalls = time.Second, true
				config.Clients = []oktasim.Client{app(how == "DPoP", oktasim.Scopes()...)}
				server := must(oktasim.New(config))
				c, ctx := dial(t, server, how != "SSWS"), t.Context()

				session, err := c.CreateSession(ctx)
				if err != nil {
					t.Fatal(err)
				}
				server.RotateNonce()
				people := []okta.Person{
					{ExternalID: "ann", Profile: []byte(`{"userName":"ann@example.com","email":"ann@example.com","title":null}`)},
					{ExternalID: "bob", Profile: []byte(`{"userName":"bob@example.com","email":"bob@example.com","countryCode":"CHE"}`)},
				}
				if err := c.BulkUpsert(ctx, session.ID, people); err != nil {
					t.Fatal(err)
				}
				server.RevokeTokens()
				if _, err := c.StartImport(ctx, session.ID); err != nil {
					t.Fatal(err)
				}
				time.Sleep(5 * time.Second)
				session, err = c.GetSession(ctx, session.ID)
				if err != nil || session.Status != okta.StatusCompleted {
					t.Fatalf("session %+v, %v", session, err)
				}
				var failed []string
				for entry, err := range c.ImportFailures(ctx, time.Now().Add(-time.Hour), time.Time{}) {
					if err != nil && how == "SSWS" {
						t.Fatal(err)
					}
					if err == nil {
						failed = append(failed, entry.SessionID()+" "+entry.ExternalID())
					}
				}
				if how == "SSWS" && !slices.Equal(failed, []string{session.ID + " bob"}) {
					t.Errorf("failed: %q", failed)
				}
				if how == "DPoP" {
					rotated := app(true, oktasim.Scopes()...)
					rotated.Keys.Keys = rotated.Keys.Keys[:1]
					if err := server.SetClients(rotated); err != nil {
						t.Fatal(err)
					}
				}
				server.RevokeTokens()
				if err := c.DeleteUser(ctx, "ann"); err != nil {
					t.Fatal(err)
				}
				if ann, _ := server.User("ann"); ann.Status != oktasim.Deprovisioned {
					t.Errorf("ann is %s", ann.Status)
				}
				if server.Throttled() != 0 || len(server.Violations()) != 0 {
					t.Errorf("%d throttled, violations %v", server.Throttled(), server.Violations())
				}
			})
		})
	}
}

// The client waits for the window instead of running into 429.
func TestTheConnectorsClientIsNeverThrottled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := oktasim.DefaultConfig()
		config.Latency = 100 * time.Millisecond
		server := must(oktasim.New(config))
		c := dial(t, server, false)
		for range 40 {
			if _, err := c.ListSessions(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if server.Throttled() != 0 || server.Calls()[oktasim.OpList] != 40 {
			t.Errorf("%d throttled, calls %v", server.Throttled(), server.Calls())
		}
		if room := c.Room(); room == math.MaxInt {
			t.Error("the client knows of no limit")
		}
	})
}

// Okta's refusals reach the client as what they are.
func TestTheConnectorsClientReadsRefusals(t *testing.T) {
	config := oktasim.DefaultConfig()
	config.RateLimit, config.Cooldown = 0, 0
	server := must(oktasim.New(config))
	c, ctx := dial(t, server, false), t.Context()
	if _, err := c.CreateSession(ctx); err != nil {
		t.Fatal(err)
	}
	_, err := c.CreateSession(ctx)
	var refused *okta.APIError
	if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || refused.Code != "E0000001" {
		t.Errorf("a second session: %v", err)
	}
	if _, err := c.GetSession(ctx, "issNone"); okta.Classify(err) != okta.Misconfigured && !errors.As(err, &refused) {
		t.Errorf("an unknown session: %v", err)
	}
}
