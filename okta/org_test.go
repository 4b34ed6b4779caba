package okta

import (
	"cmp"
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// fakeOrg is an org with a token endpoint, which checks all that Okta checks, and an API that lists no sessions.
type fakeOrg struct {
	t *testing.T

	mu sync.Mutex
	// keys are the public keys of the service app 0oaApp, by kid.
	keys map[string]any
	// dpop demands proofs; nonce and apiNonce are demanded in them if not empty.
	dpop            bool
	nonce, apiNonce string
	fickle          bool // no nonce is taken twice
	fresh           bool // each answer of the API gives another nonce, and the one before is taken too
	// ungranted is the answer to scopes that were not granted, if not invalid_scope; tokenLimits are headers of the token
	// endpoint.
	ungranted   string
	tokenLimits []string
	scopes      []string
	life        time.Duration
	ahead       time.Duration
	apiTokens   []string
	// down is the status of all answers of the token endpoint, if not 0.
	down int
	// log has a line for each answer: "token 200", "api 401".
	log    []string
	tokens map[string]string // the thumbprint of the proofs' key by token
	jtis   map[string]bool
	serial int
}

func newOrg(t *testing.T) *fakeOrg {
	return &fakeOrg{t: t, keys: map[string]any{}, tokens: map[string]string{}, jtis: map[string]bool{}, life: time.Hour,
		scopes: []string{ScopeSourcesManage, ScopeSourcesRead}}
}

func (o *fakeOrg) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

// answers returns the log, joined, and empties it.
func (o *fakeOrg) answers() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	log := strings.Join(o.log, ", ")
	o.log = nil
	return log
}

func (o *fakeOrg) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(100 * time.Millisecond)
	o.mu.Lock()
	defer o.mu.Unlock()
	header := []string{"Date", o.now().UTC().Format(http.TimeFormat)}
	kind, code, body := "api", 401, `{"errorCode":"E0000011","errorSummary":"Invalid token provided"}`
	if req.URL.Path == "/oauth2/v1/token" {
		kind = "token"
		var more []string
		code, body, more = o.token(req)
		header = append(header, more...)
		if o.tokenLimits != nil {
			header = append(header[2:], o.tokenLimits...) // with a date of their own
		}
	} else if problem := o.authorized(req); problem == "" {
		code, body = 200, "[]"
	} else {
		header = append(header, "WWW-Authenticate", fmt.Sprintf("DPoP error=%q", problem))
		if o.apiNonce != "" && !o.fresh {
			header = append(header, "DPoP-Nonce", o.apiNonce)
		}
	}
	if o.fresh && kind == "api" {
		o.serial++
		o.apiNonce = fmt.Sprintf("fresh%d", o.serial)
		header = append(header, "DPoP-Nonce", o.apiNonce)
	}
	o.log = append(o.log, fmt.Sprintf("%s %d", kind, code))
	return status(code, body, header...)(req)
}

func (o *fakeOrg) now() time.Time { return time.Now().Add(o.ahead) }

func oauthError(code string) string {
	return fmt.Sprintf(`{"error":%q,"error_description":"The request was refused: %s"}`, code, code)
}

func (o *fakeOrg) token(req *http.Request) (code int, body string, header []string) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		o.t.Error(err)
	}
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		o.t.Error(err)
	}
	switch {
	case o.down != 0:
		return o.down, string(raw), nil // a server in trouble repeats what it was sent
	case !o.knows(form.Get("client_assertion")):
		return 401, oauthError("invalid_client"), nil
	}
	for scope := range strings.FieldsSeq(form.Get("scope")) {
		if !strings.Contains(strings.Join(o.scopes, " "), scope) {
			return 400, oauthError(cmp.Or(o.ungranted, "invalid_scope")), nil
		}
	}
	kind, thumb := "Bearer", ""
	if o.dpop {
		var problem string
		if thumb, problem = o.proof(req, o.nonce, ""); problem != "" {
			if problem == "use_dpop_nonce" {
				header = []string{"DPoP-Nonce", o.nonce}
			}
			return 400, oauthError(problem), header
		}
		kind = "DPoP"
	}
	o.serial++
	token := fmt.Sprintf("access-token-%d", o.serial)
	o.tokens[token] = thumb
	return 200, fmt.Sprintf(`{"token_type":%q,"expires_in":%d,"access_token":%q,"scope":%q}`,
		kind, int(o.life.Seconds()), token, form.Get("scope")), nil
}

// knows checks a client assertion.
func (o *fakeOrg) knows(assertion string) bool {
	parsed, err := jwt.ParseSigned(assertion, []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.ES384, jose.ES512})
	if err != nil {
		o.t.Errorf("assertion: %v", err)
		return false
	}
	var claims jwt.Claims
	key, known := o.keys[parsed.Headers[0].KeyID]
	if !known || parsed.Claims(key, &claims) != nil {
		return false
	}
	err = claims.ValidateWithLeeway(jwt.Expected{Issuer: "0oaApp", Subject: "0oaApp",
		AnyAudience: jwt.Audience{testOrg + "/oauth2/v1/token"}, Time: o.now()}, 5*time.Second)
	if claims.Expiry.Time().Sub(claims.IssuedAt.Time()) != assertionLife {
		o.t.Errorf("assertion is of %v and ends at %v", claims.IssuedAt, claims.Expiry)
	}
	o.once(claims.ID)
	return err == nil
}

// proof checks a DPoP proof and returns the thumbprint of its key, or OAuth's error.
func (o *fakeOrg) proof(req *http.Request, nonce, token string) (thumb, problem string) {
	parsed, err := jwt.ParseSigned(req.Header.Get("DPoP"), []jose.SignatureAlgorithm{jose.ES256})
	if err != nil || parsed.Headers[0].JSONWebKey == nil || parsed.Headers[0].ExtraHeaders["typ"] != "dpop+jwt" {
		return "", "invalid_dpop_proof"
	}
	key := parsed.Headers[0].JSONWebKey
	if !key.IsPublic() {
		o.t.Error("the proof shows the private key")
	}
	var claims struct {
		Htm   string `json:"htm"`
		Htu   string `json:"htu"`
		Jti   string `json:"jti"`
		Nonce string `json:"nonce"`
		Ath   string `json:"ath"`
		Iat   int64  `json:"iat"`
	}
	sum := sha256.Sum256([]byte(token))
	ath := base64.RawURLEncoding.EncodeToString(sum[:])
	if token == "" {
		ath = ""
	}
	if parsed.Claims(key.Key, &claims) != nil || claims.Htm != req.Method || claims.Htu != "https://"+req.URL.Host+req.URL.EscapedPath() ||
		claims.Ath != ath || o.now().Sub(time.Unix(claims.Iat, 0)).Abs() > 5*time.Second {
		return "", "invalid_dpop_proof"
	}
	o.once(claims.Jti)
	if o.fickle {
		o.nonce += "x"
	}
	if claims.Nonce != nonce || o.fickle {
		return "", "use_dpop_nonce"
	}
	text, err := json.Marshal(key)
	if err != nil {
		o.t.Error(err)
	}
	return string(text), ""
}

// authorized returns what is wrong with the authorization of an API call.
func (o *fakeOrg) authorized(req *http.Request) string {
	scheme, token, _ := strings.Cut(req.Header.Get("Authorization"), " ")
	if scheme == "SSWS" {
		if slices.Contains(o.apiTokens, token) {
			return ""
		}
		return "invalid_token"
	}
	bound, known := o.tokens[token]
	if !known || (scheme == "DPoP") != (bound != "") {
		return "invalid_token"
	}
	if bound == "" {
		return ""
	}
	thumb, problem := o.proof(req, o.apiNonce, token)
	if problem == "" && thumb != bound {
		problem = "invalid_dpop_proof"
	}
	return problem
}

// once fails the test if a jti is used again.
func (o *fakeOrg) once(jti string) {
	if jti == "" || o.jtis[jti] {
		o.t.Errorf("jti %q is used again", jti)
	}
	o.jtis[jti] = true
}

// dial returns a client of the org that authorizes by the source's credentials.
func (o *fakeOrg) dial(source Source, optional ...string) (*Client, *Authority) {
	o.t.Helper()
	a, err := NewAuthority(AuthConfig{OrgURL: testOrg, Source: source, Optional: optional, Transport: o})
	if err != nil {
		o.t.Fatal(err)
	}
	c, err := New(Config{OrgURL: testOrg, IdentitySourceID: testSource, Authorizer: a, Transport: o, Jitter: func() float64 { return 0 }})
	if err != nil {
		o.t.Fatal(err)
	}
	return c, a
}

// app are the credentials of the service app by a key that the org knows from now on.
func (o *fakeOrg) app(kid string, key interface{ Public() crypto.PublicKey }) Credentials {
	o.set(func() { o.keys[kid] = key.Public() })
	return Credentials{ClientID: "0oaApp", PrivateKey: pkcs8(key), KeyID: kid}
}

// list makes a call and fails the test unless the org's answers are these.
func (o *fakeOrg) list(c *Client, want string) {
	o.t.Helper()
	_, err := c.ListSessions(o.t.Context())
	if err != nil {
		o.t.Error(err)
	}
	if got := o.answers(); got != want {
		o.t.Errorf("the org answered %s, want %s", got, want)
	}
}
