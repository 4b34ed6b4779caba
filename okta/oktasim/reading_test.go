package oktasim_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/okta/oktasim"
)

func TestUndeletable(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.Undeletable = []string{"ann"} })
	o.load(person("ann"), person("bob"))
	if r := o.call(403, "DELETE", source+"/users/ann", ""); r.field(t, "errorCode") != "E0000006" {
		t.Errorf("%s", r.text)
	}
	o.call(204, "DELETE", source+"/users/bob", "")
	o.load(leaver("ann"))
	if u, _ := o.User("ann"); u.Status != oktasim.Deprovisioned {
		t.Errorf("after an import ann is %s", u.Status)
	}
}

func TestLogDelay(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.LogDelay = 4 * time.Minute })
	at := o.now
	o.load(person("ann"))
	path := "/api/v1/logs?since=" + at.Add(-time.Second).UTC().Format(time.RFC3339)
	if r := o.call(200, "GET", path, ""); r.text != "[]" {
		t.Errorf("at once: %s", r.text)
	}
	o.pass(3 * time.Minute)
	if r := o.call(200, "GET", path, ""); r.text != "[]" {
		t.Errorf("after three minutes: %s", r.text)
	}
	o.pass(time.Minute)
	if r := o.call(200, "GET", path, ""); !strings.Contains(r.text, "system.import.user.create") || !strings.Contains(r.text, at.UTC().Format("2006-01-02T15:04:05")) {
		t.Errorf("after the delay: %s", r.text)
	}
}

func TestConsentRequired(t *testing.T) {
	o := newOAuthOrg(t, false)
	if err := o.Reconfigure(func(c *oktasim.Config) { c.ConsentRequired = true }); err != nil {
		t.Fatal(err)
	}
	if r := o.token(readSources+" okta.logs.read", o.assertion(nil), ""); r.status != 400 || r.field(t, "error") != "consent_required" {
		t.Errorf("%d %s", r.status, r.text)
	}
}

// TestFreshNonces: each answer gives a nonce, and of those given the latest few are taken.
func TestFreshNonces(t *testing.T) {
	o := newOAuthOrg(t, true)
	if err := o.Reconfigure(func(c *oktasim.Config) { c.FreshNonces, c.NonceOnCalls = true, true }); err != nil {
		t.Fatal(err)
	}
	nonce := o.token(readSources, o.assertion(nil), o.proof(nil)).header.Get("DPoP-Nonce")
	token := o.token(readSources, o.assertion(nil), o.proof(claims{"nonce": nonce})).field(t, "access_token")
	sum := sha256.Sum256([]byte(token))
	call := func(nonce string) reply {
		proof := o.proof(claims{"htm": "GET", "htu": "http://okta.test" + source + "/sessions", "nonce": nonce,
			"ath": base64.RawURLEncoding.EncodeToString(sum[:])})
		return o.send("GET", source+"/sessions", "", http.Header{"Authorization": {"DPoP " + token}, "Dpop": {proof}})
	}
	given := []string{nonce}
	for n := range 20 {
		r := call(given[max(0, len(given)-5)])
		next := r.header.Get("DPoP-Nonce")
		if r.status != 200 || next == "" || next == given[len(given)-1] {
			t.Fatalf("call %d: %d, nonce %q after %q", n, r.status, next, given[len(given)-1])
		}
		given = append(given, next)
	}
	if r := call(given[0]); r.status != 401 || !strings.Contains(r.header.Get("WWW-Authenticate"), "use_dpop_nonce") {
		t.Errorf("an old nonce: %d %s", r.status, r.text)
	}
	o.RevokeTokens()
	if r := call(given[len(given)-1]); r.status != 401 || r.header.Get("DPoP-Nonce") == "" || strings.Contains(r.header.Get("WWW-Authenticate"), "use_dpop_nonce") {
		t.Errorf("a token that was revoked: %d %v", r.status, r.header)
	}
}
