package oktasim_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"rollcall/okta/oktasim"
)

var (
	appKey   = must(rsa.GenerateKey(rand.Reader, 2048))
	otherKey = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	proofKey = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
)

const tokenURL = "http://okta.test/oauth2/v1/token"

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// app is the org's service app.
func app(dpop bool, scopes ...string) oktasim.Client {
	return oktasim.Client{ID: "0oaApp", DPoP: dpop, Scopes: scopes, Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{
		{Key: appKey.Public(), KeyID: "kid1"}, {Key: otherKey.Public(), KeyID: "kid2"},
	}}}
}

// claims are those of an assertion or a proof; a nil value leaves one out.
type claims map[string]any

func (c claims) with(changes claims) claims {
	all := claims{}
	maps.Copy(all, c)
	maps.Copy(all, changes)
	for name, value := range all {
		if value == nil {
			delete(all, name)
		}
	}
	return all
}

func sign(key any, algorithm jose.SignatureAlgorithm, options *jose.SignerOptions, c claims) string {
	signer := must(jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options))
	return must(jwt.Signed(signer).Claims(map[string]any(c)).Serialize())
}

var jtis int

func jti() string {
	jtis++
	return fmt.Sprintf("jti-%d", jtis)
}

func (o *org) assertion(changes claims) string {
	return sign(appKey, jose.RS256, (&jose.SignerOptions{}).WithHeader("kid", "kid1"), claims{
		"iss": "0oaApp", "sub": "0oaApp", "aud": tokenURL, "jti": jti(), "iat": o.now.Unix(), "exp": o.now.Add(5 * time.Minute).Unix(),
	}.with(changes))
}

func (o *org) proof(changes claims) string {
	return sign(proofKey, jose.ES256, (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt"),
		claims{"htm": "POST", "htu": tokenURL, "iat": o.now.Unix(), "jti": jti()}.with(changes))
}

// token asks for a token.
func (o *org) token(scope, assertion, proof string) reply {
	o.t.Helper()
	return o.tokenForm(url.Values{
		"grant_type": {"client_credentials"}, "scope": {scope}, "client_assertion": {assertion},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	}, proof)
}

func (o *org) tokenForm(form url.Values, proof string) reply {
	o.t.Helper()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if proof != "" {
		header.Set("DPoP", proof)
	}
	return o.send("POST", "/oauth2/v1/token", form.Encode(), header)
}

func (o *org) send(method, path, body string, header http.Header) reply {
	o.t.Helper()
	request, err := http.NewRequestWithContext(o.t.Context(), method, "http://okta.test"+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	request.Header = header
	response, err := o.client.Do(request)
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, string(text)}
}

const readSources = "okta.identitySources.read"

func newOAuthOrg(t *testing.T, dpop bool) *org {
	t.Helper()
	return newOrg(t, func(c *oktasim.Config) { c.Clients = []oktasim.Client{app(dpop, readSources, "okta.apps.read")} })
}

func TestAssertionsRefused(t *testing.T) {
	o := newOAuthOrg(t, false)
	used := o.assertion(nil)
	if r := o.token(readSources, used, ""); r.status != 200 || r.field(t, "token_type") != "Bearer" || r.field(t, "expires_in") != "3600" || r.field(t, "scope") != readSources {
		t.Fatalf("%d %s", r.status, r.text)
	}
	kid := func(id string) *jose.SignerOptions { return (&jose.SignerOptions{}).WithHeader("kid", id) }
	plain := claims{"iss": "0oaApp", "sub": "0oaApp", "aud": tokenURL, "jti": "j", "iat": o.now.Unix(), "exp": o.now.Add(time.Minute).Unix()}
	for name, c := range map[string]struct{ assertion, says string }{
		"used twice":          {used, "already been used"},
		"no JWT":              {"x.y.z", "not a signed JWT"},
		"unsigned":            {"eyJhbGciOiJub25lIn0.e30.", "not a signed JWT"},
		"shared secret":       {sign(make([]byte, 32), jose.HS256, kid("kid1"), plain), "not a signed JWT"},
		"unknown client":      {o.assertion(claims{"iss": "0oaNone"}), "client_id"},
		"another subject":     {o.assertion(claims{"sub": "0oaNone"}), "issuer and the subject"},
		"unknown kid":         {sign(appKey, jose.RS256, kid("kid9"), plain), "key that the client does not have"},
		"no kid":              {sign(appKey, jose.RS256, nil, plain), "key that the client does not have"},
		"another key":         {sign(proofKey, jose.ES256, kid("kid2"), plain), "signature is invalid"},
		"the kid of the next": {sign(appKey, jose.RS256, kid("kid2"), plain), "signature is invalid"},
		"the org's address":   {o.assertion(claims{"aud": "http://okta.test"}), "audience"},
		"no audience":         {o.assertion(claims{"aud": nil}), "audience"},
		"no exp":              {o.assertion(claims{"exp": nil}), "no exp"},
		"expired":             {o.assertion(claims{"exp": o.now.Unix()}), "is expired"},
		"exp in two hours":    {o.assertion(claims{"exp": o.now.Add(2 * time.Hour).Unix()}), "too far into the future"},
		"clock ten min ahead": {o.assertion(claims{"iat": o.now.Add(10 * time.Minute).Unix()}), "in the future"},
		"no iat":              {o.assertion(claims{"iat": nil}), "in the future"},
		"no jti":              {o.assertion(claims{"jti": nil}), "no jti"},
	} {
		r := o.token(readSources, c.assertion, "")
		if r.status != 401 || r.field(t, "error") != "invalid_client" || !strings.Contains(r.field(t, "error_description"), c.says) {
			t.Errorf("%s: %d %s", name, r.status, r.text)
		}
	}
	if r := o.token(readSources, sign(otherKey, jose.ES256, kid("kid2"), plain), ""); r.status != 200 {
		t.Errorf("the second key, an EC one: %d %s", r.status, r.text)
	}
}

func TestTokenRequestsRefused(t *testing.T) {
	o := newOAuthOrg(t, false)
	form := func(changes map[string]string) url.Values {
		f := url.Values{
			"grant_type": {"client_credentials"}, "scope": {readSources}, "client_assertion": {o.assertion(nil)},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		}
		for name, value := range changes {
			f.Set(name, value)
		}
		return f
	}
	for _, c := range []struct {
		changes map[string]string
		status  int
		code    string
	}{
		{map[string]string{"grant_type": "password"}, 400, "unsupported_grant_type"},
		{map[string]string{"client_assertion_type": "x"}, 401, "invalid_client"},
		{map[string]string{"client_assertion": ""}, 401, "invalid_client"},
		{map[string]string{"scope": ""}, 400, "invalid_scope"},
		{map[string]string{"scope": readSources + " okta.logs.read"}, 400, "invalid_scope"},
	} {
		if r := o.tokenForm(form(c.changes), ""); r.status != c.status || r.field(t, "error") != c.code {
			t.Errorf("%v: %d %s", c.changes, r.status, r.text)
		}
	}
	if r := o.send("POST", "/oauth2/v1/token", `{"grant_type":"client_credentials"}`, http.Header{"Content-Type": {"application/json"}}); r.status != 400 || r.field(t, "error") != "invalid_request" {
		t.Errorf("JSON: %d %s", r.status, r.text)
	}
}
