package oktasim

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

const (
	// maxAssertionLife is Okta's: exp at most an hour ahead.
	maxAssertionLife = time.Hour
	// clockLeeway is how far a client's clock may be ahead.
	clockLeeway = 30 * time.Second
	// standardTokenLife is Okta's.
	standardTokenLife = time.Hour

	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// assertionAlgorithms are those that Okta takes for private_key_jwt and for DPoP.
var assertionAlgorithms = []jose.SignatureAlgorithm{
	jose.RS256, jose.RS384, jose.RS512, jose.PS256, jose.PS384, jose.PS512, jose.ES256, jose.ES384, jose.ES512,
}

// oauthError is a refusal in OAuth's form; it is 401 for a client that did not prove itself and else 400.
func oauthError(code, description string) *answer {
	status := http.StatusBadRequest
	if code == "invalid_client" {
		status = http.StatusUnauthorized
	}
	return answerJSON(status, map[string]string{"error": code, "error_description": description})
}

// issueToken is the token endpoint: client credentials, the client proved by a signed assertion.
func (s *Server) issueToken(c *call) (*answer, *refusal) {
	form, ok := c.form()
	switch {
	case !ok:
		return oauthError("invalid_request", "The request must be form-encoded."), nil
	case form.Get("grant_type") != "client_credentials":
		return oauthError("unsupported_grant_type", "The authorization grant type is not supported by the authorization server."), nil
	case form.Get("client_assertion_type") != assertionType || form.Get("client_assertion") == "":
		return oauthError("invalid_client", "The client_assertion and its client_assertion_type are required."), nil
	}
	client, problem := s.proveClient(c, form.Get("client_assertion"))
	if problem != "" {
		return oauthError("invalid_client", problem), nil
	}
	thumbprint, refused := s.tokenProof(c, client)
	if refused != nil {
		return refused, nil
	}
	scopes := strings.Fields(form.Get("scope"))
	if len(scopes) == 0 {
		return oauthError("invalid_scope", "The scope is required."), nil
	}
	for _, scope := range scopes {
		if !slices.Contains(client.Scopes, scope) {
			return s.ungranted(), nil
		}
	}
	life := s.config.TokenLife
	if life == 0 {
		life = standardTokenLife
	}
	s.tokens++
	scheme := "Bearer"
	if thumbprint != "" {
		scheme = "DPoP"
	}
	return answerJSON(http.StatusOK, map[string]any{
		"token_type": scheme, "expires_in": int(life / time.Second), "scope": strings.Join(scopes, " "),
		"access_token": s.mint(accessToken{
			ID: newID(s.config.Seed, "AT.", s.tokens), Client: client.ID, Scopes: scopes, Key: thumbprint,
			Issued: c.now.UnixNano(), Ends: c.now.Add(life).UnixNano(),
		}),
	}), nil
}

// ungranted is one of the two answers that are known to scopes that were not granted.
func (s *Server) ungranted() *answer {
	if s.config.ConsentRequired {
		return oauthError("consent_required", "You are not allowed any of the requested scopes.")
	}
	return oauthError("invalid_scope", "One or more scopes are not configured for the authorization server resource.")
}

// form reads a form-encoded body.
func (c *call) form() (url.Values, bool) {
	kind, _, _ := strings.Cut(c.header.Get("Content-Type"), ";")
	form, err := url.ParseQuery(string(c.body))
	return form, err == nil && kind == "application/x-www-form-urlencoded"
}

// proveClient verifies a client assertion, and says what is wrong with it.
func (s *Server) proveClient(c *call, assertion string) (client *Client, problem string) {
	token, err := jwt.ParseSigned(assertion, assertionAlgorithms)
	if err != nil {
		return nil, "The client_assertion is not a signed JWT."
	}
	var claims jwt.Claims
	if token.UnsafeClaimsWithoutVerification(&claims) != nil {
		return nil, "The client_assertion has no claims."
	}
	client = s.client(claims.Issuer)
	if client == nil {
		return nil, "Invalid value for 'client_id' parameter."
	}
	key := client.key(token.Headers[0].KeyID)
	if key == nil {
		return nil, "The client_assertion was signed with a key that the client does not have."
	}
	if token.Claims(key, &claims) != nil {
		return nil, "The client_assertion signature is invalid."
	}
	switch {
	case claims.Subject != claims.Issuer:
		return nil, "The issuer and the subject of the client_assertion must be the client_id."
	case len(claims.Audience) != 1 || !sameAddress(claims.Audience[0], c):
		return nil, "The audience claim for client_assertion must be the endpoint invoked for the request."
	case claims.Expiry == nil:
		return nil, "The client_assertion has no exp claim."
	case !c.now.Before(claims.Expiry.Time()):
		return nil, "The client_assertion token is expired."
	case claims.Expiry.Time().After(c.now.Add(maxAssertionLife + clockLeeway)):
		return nil, "The client_assertion token has an expiration too far into the future."
	case claims.IssuedAt == nil || claims.IssuedAt.Time().After(c.now.Add(clockLeeway)):
		return nil, "The client_assertion token was issued in the future."
	case claims.ID == "":
		return nil, "The client_assertion has no jti claim."
	case !s.firstUse(c.now, "assertion "+client.ID+" "+claims.ID, claims.Expiry.Time()):
		return nil, "The client_assertion token has already been used."
	}
	return client, ""
}

// firstUse notes an id till it ends, and says whether it is new.
func (s *Server) firstUse(now time.Time, id string, ends time.Time) bool {
	for len(s.usedInOrder) > 0 && s.usedInOrder[0].ends.Before(now) {
		delete(s.used, s.usedInOrder[0].id)
		s.usedInOrder = s.usedInOrder[1:]
	}
	if s.used[id] {
		return false
	}
	s.used[id] = true
	s.usedInOrder = append(s.usedInOrder, usedID{id, ends.Add(clockLeeway)})
	return true
}

// usedID is the id of an assertion or a proof that may not come again.
type usedID struct {
	id   string
	ends time.Time
}

// sameAddress says whether an address is the one that was called, but for what servers do not see of it.
func sameAddress(address string, c *call) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == c.scheme && strings.EqualFold(u.Host, c.host) && u.EscapedPath() == c.path &&
		u.RawQuery == "" && u.Fragment == "" && u.User == nil
}

// accessToken is what a token says. Tokens are signed with a key made from the seed, so they outlive a restart.
type accessToken struct {
	ID     string   `json:"jti"`
	Client string   `json:"cid"`
	Scopes []string `json:"scp"`
	// Key is the thumbprint of the DPoP key that the token is bound to; empty for a bearer token.
	Key string `json:"jkt,omitempty"`
	// Issued and Ends are in nanoseconds since 1970.
	Issued int64 `json:"iat"`
	Ends   int64 `json:"exp"`
}

// tokenKey makes the key that tokens are signed with. Revoking all tokens takes another.
func (s *Server) tokenKey() []byte {
	var key []byte
	for part := range uint64(4) {
		key = strconv.AppendUint(key, draw(s.config.Seed, "token", s.revocations, part), 16)
	}
	return append(key, strings.Repeat("0", 64)...)[:64]
}

func (s *Server) mint(t accessToken) string {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: s.tokenKey()}, nil)
	if err != nil {
		panic("oktasim: make signer: " + err.Error())
	}
	text, err := jwt.Signed(signer).Claims(t).Serialize()
	if err != nil {
		panic("oktasim: sign token: " + err.Error())
	}
	return text
}

// readToken returns what a token says, or nil if it is none of the org's or has ended.
func (s *Server) readToken(now time.Time, text string) *accessToken {
	signed, err := jose.ParseSignedCompact(text, []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		return nil
	}
	body, err := signed.Verify(s.tokenKey())
	if err != nil {
		return nil
	}
	var t accessToken
	if json.Unmarshal(body, &t) != nil || now.UnixNano() >= t.Ends || s.client(t.Client) == nil {
		return nil
	}
	return &t
}
