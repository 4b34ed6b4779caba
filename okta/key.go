package okta

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// minRSABits is the shortest RSA key that Okta takes.
const minRSABits = 2048

var errNoKey = errors.New("private key is neither PEM nor a JWK: copy the whole of it, with its first and last line or brace")

// clientKey is the key of a service app, ready to sign.
type clientKey struct {
	key       crypto.Signer
	id        string
	algorithm jose.SignatureAlgorithm
}

// readKey reads a private key from PEM or JWK. Errors say what to mend and show nothing of the key.
func readKey(text Secret, id string) (clientKey, error) {
	// In an environment variable or a JSON secret the ends of lines often come as two characters.
	raw := bytes.TrimSpace([]byte(strings.ReplaceAll(string(text), `\n`, "\n")))
	var (
		private any
		err     error
	)
	if bytes.HasPrefix(raw, []byte("{")) {
		var own string
		private, own, err = readJWK([]byte(text))
		if id == "" {
			id = own
		}
	} else {
		private, err = readPEM(raw)
	}
	if err != nil {
		return clientKey{}, err
	}
	k := clientKey{id: id}
	switch key := private.(type) {
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < minRSABits {
			return clientKey{}, fmt.Errorf("private key has %d bits: Okta takes RSA keys from %d", bits, minRSABits)
		}
		k.key, k.algorithm = key, jose.RS256
	case *ecdsa.PrivateKey:
		algorithm, known := map[elliptic.Curve]jose.SignatureAlgorithm{
			elliptic.P256(): jose.ES256, elliptic.P384(): jose.ES384, elliptic.P521(): jose.ES512}[key.Curve]
		if !known {
			return clientKey{}, errors.New("private key is on a curve other than P-256, P-384 and P-521")
		}
		k.key, k.algorithm = key, algorithm
	default:
		return clientKey{}, errors.New("private key is neither RSA nor EC: Okta takes no other")
	}
	if k.id == "" {
		return clientKey{}, errors.New("key ID is missing: it is the KID in the service app's list of public keys")
	}
	return k, nil
}

func readPEM(raw []byte) (any, error) {
	for {
		var block *pem.Block
		block, raw = pem.Decode(raw)
		if block == nil {
			return nil, errNoKey
		}
		var (
			key any
			err error
		)
		switch kind := block.Type; {
		case kind == "EC PARAMETERS":
			continue // openssl writes them before the key
		case kind == "ENCRYPTED PRIVATE KEY" || block.Headers["DEK-Info"] != "":
			return nil, errors.New("private key is encrypted: store it without a passphrase (openssl pkey)")
		case kind == "PRIVATE KEY":
			key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		case kind == "RSA PRIVATE KEY":
			key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
		case kind == "EC PRIVATE KEY":
			key, err = x509.ParseECPrivateKey(block.Bytes)
		default:
			return nil, fmt.Errorf("PEM holds a %s where a private key should be", strings.ToLower(clean(kind)))
		}
		if err != nil {
			return nil, errors.New("private key is damaged: its PEM cannot be read")
		}
		return key, nil
	}
}

// readJWK reads a key and its kid, alone or as the only one of a set.
func readJWK(raw []byte) (key any, id string, err error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, "", errNoKey
	}
	if len(set.Keys) > 1 {
		return nil, "", fmt.Errorf("JWK set holds %d keys: give the one to use", len(set.Keys))
	}
	if len(set.Keys) == 1 {
		raw = set.Keys[0]
	}
	var jwk jose.JSONWebKey
	if err := json.Unmarshal(raw, &jwk); err != nil || !jwk.Valid() {
		return nil, "", errors.New("private key is damaged or of a kind that Okta does not take: its JWK cannot be read")
	}
	if jwk.IsPublic() {
		return nil, "", errors.New("JWK is a public key: give the private one, which has a d")
	}
	return jwk.Key, jwk.KeyID, nil
}
