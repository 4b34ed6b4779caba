package oktasim

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	// proofLife is how old a DPoP proof may be.
	proofLife = 5 * time.Minute
	// standardNonceLife is how long a nonce is taken where Config says nothing; Okta changes them every 24 hours.
	standardNonceLife = 24 * time.Hour
)

// proofClaims are the claims of a DPoP proof.
type proofClaims struct {
	Method string `json:"htm"`
	URL    string `json:"htu"`
	At     *int64 `json:"iat"`
	ID     string `json:"jti"`
	Nonce  string `json:"nonce"`
	Token  string `json:"ath"`
}

// freshNonces is how many of the latest nonces are taken where each answer gives another.
const freshNonces = 8

// nonce is the one that the org gives at present.
func (s *Server) nonce(now time.Time) string { return s.nonceAt(now, s.rotations) }

func (s *Server) nonceAt(now time.Time, rotations uint64) string {
	life := s.config.NonceLife
	if life == 0 {
		life = standardNonceLife
	}
	span := now.UTC().Truncate(life).Format(time.RFC3339Nano)
	return newID(s.config.Seed, "non", draw(s.config.Seed, "nonce", hash(span), rotations))
}

// takesNonce tells whether the org takes a nonce at present.
func (s *Server) takesNonce(now time.Time, nonce string) bool {
	latest := uint64(1)
	if s.config.FreshNonces {
		latest = min(freshNonces, s.rotations+1)
	}
	for n := range latest {
		if nonce == s.nonceAt(now, s.rotations-n) {
			return true
		}
	}
	return false
}

// freshNonce gives another nonce with the answer to a call with a proof, where the org does so.
func (s *Server) freshNonce(c *call, a *answer) {
	if s.config.FreshNonces && c.route.scope != "" && len(c.header.Values("DPoP")) > 0 {
		s.rotations++
		a.header.Set("DPoP-Nonce", s.nonce(c.now))
	}
}

// tokenProof verifies the proof at the token endpoint and returns the thumbprint of its key; empty if the client needs
// no proof and gave none.
func (s *Server) tokenProof(c *call, client *Client) (thumbprint string, refused *answer) {
	if len(c.header.Values("DPoP")) == 0 && !client.DPoP {
		return "", nil
	}
	claims, key, problem := s.proof(c)
	if problem != "" {
		return "", oauthError("invalid_dpop_proof", problem)
	}
	for _, own := range client.Keys.Keys {
		if sum, err := own.Thumbprint(crypto.SHA256); err == nil && encode(sum) == key {
			return "", oauthError("invalid_dpop_proof", "The DPoP key must not be the client's key.")
		}
	}
	if nonce := s.nonce(c.now); !s.takesNonce(c.now, claims.Nonce) {
		a := oauthError("use_dpop_nonce", "Authorization server requires nonce in DPoP proof.")
		a.header.Set("DPoP-Nonce", nonce)
		return "", a
	}
	if !s.firstUse(c.now, "proof "+claims.ID, c.now.Add(2*proofLife)) {
		return "", oauthError("invalid_dpop_proof", "The DPoP proof JWT has already been used.")
	}
	return key, nil
}

// proof verifies what a DPoP proof is by itself, and says what is wrong with it.
func (s *Server) proof(c *call) (claims *proofClaims, thumbprint, problem string) {
	headers := c.header.Values("DPoP")
	if len(headers) != 1 {
		return nil, "", "The DPoP proof JWT header is missing."
	}
	signed, err := jose.ParseSignedCompact(headers[0], assertionAlgorithms)
	if err != nil || len(signed.Signatures) != 1 {
		return nil, "", "The DPoP proof is not a signed JWT."
	}
	header := signed.Signatures[0].Protected
	key := header.JSONWebKey
	if header.ExtraHeaders[jose.HeaderType] != "dpop+jwt" {
		return nil, "", "The DPoP proof's typ must be dpop+jwt."
	}
	if key == nil || !key.Valid() || !key.IsPublic() {
		return nil, "", "The DPoP proof must have a public jwk."
	}
	body, err := signed.Verify(key)
	if err != nil {
		return nil, "", "The DPoP proof signature is invalid."
	}
	claims = &proofClaims{}
	if json.Unmarshal(body, claims) != nil || claims.At == nil {
		return nil, "", "The DPoP proof lacks a claim."
	}
	at := time.Unix(*claims.At, 0)
	switch {
	case claims.Method != c.method:
		return nil, "", "The DPoP proof's htm is not the method of the request."
	case !sameAddress(claims.URL, c):
		return nil, "", "The DPoP proof's htu is not the address of the request."
	case claims.ID == "":
		return nil, "", "The DPoP proof has no jti."
	case at.After(c.now.Add(clockLeeway)):
		return nil, "", "The DPoP proof was issued in the future."
	case at.Before(c.now.Add(-proofLife)):
		return nil, "", "The DPoP proof is too old."
	}
	sum, err := key.Thumbprint(crypto.SHA256)
	if err != nil {
		return nil, "", "The DPoP proof's jwk has no thumbprint."
	}
	return claims, encode(sum), ""
}

// callProof verifies the proof that comes with an access token: the same key, and the token's hash. The code is OAuth's.
func (s *Server) callProof(c *call, token string, t *accessToken) (code string) {
	claims, key, problem := s.proof(c)
	sum := sha256.Sum256([]byte(token))
	switch {
	case problem != "" || key != t.Key || claims.Token != encode(sum[:]):
		return "invalid_dpop_proof"
	case s.config.NonceOnCalls && !s.takesNonce(c.now, claims.Nonce):
		return "use_dpop_nonce"
	case !s.firstUse(c.now, "proof "+claims.ID, c.now.Add(2*proofLife)):
		return "invalid_dpop_proof"
	}
	return ""
}

func encode(sum []byte) string { return base64.RawURLEncoding.EncodeToString(sum) }
