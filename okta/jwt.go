package okta

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/uuid"
)

// assertionLife is how long a client assertion is valid; Okta takes up to an hour.
const assertionLife = 5 * time.Minute

// assertion returns the JWT by which a service app proves who it is (private_key_jwt, RFC 7523).
func (k clientKey) assertion(clientID, audience string, now time.Time) (string, error) {
	return sign(k.key, k.algorithm, (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", k.id), jwt.Claims{
		Issuer: clientID, Subject: clientID, Audience: jwt.Audience{audience}, ID: uuid.NewString(),
		IssuedAt: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(assertionLife)),
	})
}

// proofKey is the key that DPoP binds tokens to (RFC 9449). It is made anew for each process and not kept.
type proofKey struct{ key *ecdsa.PrivateKey }

func newProofKey() (*proofKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make DPoP key: %w", err)
	}
	return &proofKey{key}, nil
}

// proof is what a DPoP proof is about.
type proof struct {
	method string
	url    *url.URL
	// nonce is the server's, empty if it gave none.
	nonce string
	// token is the access token that is sent along, empty where one is asked for.
	token string
	at    time.Time
}

// sign returns a proof with a jti of its own.
func (k *proofKey) sign(p proof) (string, error) {
	target := *p.url
	target.RawQuery, target.ForceQuery, target.Fragment = "", false, ""
	claims := struct {
		Method string `json:"htm"`
		URL    string `json:"htu"`
		At     int64  `json:"iat"`
		ID     string `json:"jti"`
		Nonce  string `json:"nonce,omitempty"`
		Token  string `json:"ath,omitempty"`
	}{Method: p.method, URL: target.String(), At: p.at.Unix(), ID: uuid.NewString(), Nonce: p.nonce}
	if p.token != "" {
		sum := sha256.Sum256([]byte(p.token))
		claims.Token = base64.RawURLEncoding.EncodeToString(sum[:])
	}
	options := (&jose.SignerOptions{EmbedJWK: true}).WithType("dpop+jwt")
	return sign(k.key, jose.ES256, options, claims)
}

// nonceOf returns the nonce of a proof that sign made.
func nonceOf(proof string) string {
	var claims struct {
		Nonce string `json:"nonce"`
	}
	_, rest, _ := strings.Cut(proof, ".")
	body, _, _ := strings.Cut(rest, ".")
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err != nil || json.Unmarshal(text, &claims) != nil {
		return ""
	}
	return claims.Nonce
}

func sign(key crypto.Signer, algorithm jose.SignatureAlgorithm, options *jose.SignerOptions, claims any) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: key}, options)
	if err != nil {
		return "", fmt.Errorf("make signer: %w", err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return token, nil
}
