package oktasim_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"rollcall/okta/oktasim"
)

func TestProofsRefused(t *testing.T) {
	o := newOAuthOrg(t, true)
	if r := o.token(readSources, o.assertion(nil), ""); r.status != 400 || r.field(t, "error") != "invalid_dpop_proof" || r.header.Get("DPoP-Nonce") != "" {
		t.Fatalf("no proof: %d %s", r.status, r.text)
	}
	r := o.token(readSources, o.assertion(nil), o.proof(nil))
	nonce := r.header.Get("DPoP-Nonce")
	if r.status != 400 || r.field(t, "error") != "use_dpop_nonce" || nonce == "" {
		t.Fatalf("no nonce: %d %s", r.status, r.text)
	}
	used := o.proof(claims{"nonce": nonce})
	if r := o.token(readSources, o.assertion(nil), used); r.status != 200 || r.field(t, "token_type") != "DPoP" {
		t.Fatalf("%d %s", r.status, r.text)
	}
	plain := claims{"htm": "POST", "htu": tokenURL, "iat": o.now.Unix(), "jti": "p", "nonce": nonce}
	embed := &jose.SignerOptions{EmbedJWK: true}
	for name, c := range map[string]struct{ proof, code, says string }{
		"used twice":          {used, "invalid_dpop_proof", "already been used"},
		"no JWT":              {"x.y.z", "invalid_dpop_proof", "not a signed JWT"},
		"no typ":              {sign(proofKey, jose.ES256, embed, plain), "invalid_dpop_proof", "typ"},
		"no jwk":              {sign(proofKey, jose.ES256, (&jose.SignerOptions{}).WithType("dpop+jwt"), plain), "invalid_dpop_proof", "public jwk"},
		"another jwk":         {sign(proofKey, jose.ES256, (&jose.SignerOptions{}).WithType("dpop+jwt").WithHeader("jwk", jose.JSONWebKey{Key: otherKey.Public()}), plain), "invalid_dpop_proof", "signature"},
		"the client's key":    {sign(appKey, jose.RS256, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"), plain), "invalid_dpop_proof", "client's key"},
		"another method":      {o.proof(claims{"nonce": nonce, "htm": "GET"}), "invalid_dpop_proof", "htm"},
		"another address":     {o.proof(claims{"nonce": nonce, "htu": "http://okta.test/oauth2"}), "invalid_dpop_proof", "htu"},
		"with a query":        {o.proof(claims{"nonce": nonce, "htu": tokenURL + "?a=b"}), "invalid_dpop_proof", "htu"},
		"no jti":              {o.proof(claims{"nonce": nonce, "jti": nil}), "invalid_dpop_proof", "jti"},
		"no iat":              {o.proof(claims{"nonce": nonce, "iat": nil}), "invalid_dpop_proof", "lacks"},
		"clock ten min ahead": {o.proof(claims{"nonce": nonce, "iat": o.now.Add(10 * time.Minute).Unix()}), "invalid_dpop_proof", "future"},
		"clock ten min late":  {o.proof(claims{"nonce": nonce, "iat": o.now.Add(-10 * time.Minute).Unix()}), "invalid_dpop_proof", "too old"},
		"another nonce":       {o.proof(claims{"nonce": "x"}), "use_dpop_nonce", "nonce"},
	} {
		r := o.token(readSources, o.assertion(nil), c.proof)
		if r.status != 400 || r.field(t, "error") != c.code || !strings.Contains(r.field(t, "error_description"), c.says) {
			t.Errorf("%s: %d %s", name, r.status, r.text)
		}
	}
	o.RotateNonce()
	if r := o.token(readSources, o.assertion(nil), o.proof(claims{"nonce": nonce})); r.field(t, "error") != "use_dpop_nonce" || r.header.Get("DPoP-Nonce") == nonce {
		t.Errorf("after the nonce was rotated: %d %s", r.status, r.text)
	}
	again := o.token(readSources, o.assertion(nil), o.proof(nil)).header.Get("DPoP-Nonce")
	o.pass(25 * time.Hour)
	if r := o.token(readSources, o.assertion(nil), o.proof(claims{"nonce": again})); r.field(t, "error") != "use_dpop_nonce" {
		t.Errorf("after the nonce's life: %d %s", r.status, r.text)
	}
}

func TestDPoPToken(t *testing.T) {
	o := newOAuthOrg(t, true)
	nonce := o.token(readSources, o.assertion(nil), o.proof(nil)).header.Get("DPoP-Nonce")
	token := o.token(readSources, o.assertion(nil), o.proof(claims{"nonce": nonce})).field(t, "access_token")
	sum := sha256.Sum256([]byte(token))
	right := claims{"htm": "GET", "htu": "http://okta.test" + source + "/sessions", "ath": base64.RawURLEncoding.EncodeToString(sum[:]), "nonce": nonce}
	call := func(scheme, proof string) reply {
		t.Helper()
		header := http.Header{"Authorization": {scheme + " " + token}}
		if proof != "" {
			header.Set("DPoP", proof)
		}
		return o.send("GET", source+"/sessions?limit=1", "", header)
	}
	used := o.proof(right)
	if r := call("DPoP", used); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.text)
	}
	foreign := sign(otherKey, jose.ES256, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"), right.with(claims{"jti": jti(), "iat": o.now.Unix()}))
	for name, proof := range map[string]string{
		"no proof": "", "used twice": used, "another key": foreign, "no ath": o.proof(right.with(claims{"ath": nil})),
		"ath of another token": o.proof(right.with(claims{"ath": "x"})), "another method": o.proof(right.with(claims{"htm": "POST"})),
		"another path": o.proof(right.with(claims{"htu": tokenURL})), "too old": o.proof(right.with(claims{"iat": o.now.Add(-time.Hour).Unix()})),
	} {
		if r := call("DPoP", proof); r.status != 401 || !strings.Contains(r.header.Get("WWW-Authenticate"), "invalid_dpop_proof") {
			t.Errorf("%s: %d %s", name, r.status, r.text)
		}
	}
	if r := call("Bearer", ""); r.status != 401 {
		t.Errorf("DPoP token as bearer: %d", r.status)
	}
	o.RotateNonce()
	if r := call("DPoP", o.proof(right)); r.status != 200 {
		t.Errorf("calls need no nonce: %d %s", r.status, r.text)
	}
	if err := o.Reconfigure(func(c *oktasim.Config) { c.NonceOnCalls = true }); err != nil {
		t.Fatal(err)
	}
	r := call("DPoP", o.proof(right))
	if r.status != 401 || !strings.Contains(r.header.Get("WWW-Authenticate"), "use_dpop_nonce") {
		t.Fatalf("nonce on calls: %d %s", r.status, r.text)
	}
	if r := call("DPoP", o.proof(right.with(claims{"nonce": r.header.Get("DPoP-Nonce")}))); r.status != 200 {
		t.Errorf("with the nonce: %d %s", r.status, r.text)
	}
}
