package okta

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

var (
	rsaKey = must(rsa.GenerateKey(rand.Reader, 2048))
	ecKey  = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func pemOf(kind string, der []byte) Secret {
	return Secret(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func pkcs8(key any) Secret { return pemOf("PRIVATE KEY", must(x509.MarshalPKCS8PrivateKey(key))) }

func jwkOf(key any, kid string) Secret {
	return Secret(must(json.Marshal(jose.JSONWebKey{Key: key, KeyID: kid})))
}

func TestReadKey(t *testing.T) {
	p384 := must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	p521 := must(ecdsa.GenerateKey(elliptic.P521(), rand.Reader))
	sec1 := pemOf("EC PRIVATE KEY", must(x509.MarshalECPrivateKey(ecKey)))
	for _, test := range []struct {
		name string
		text Secret
		id   string
		want clientKey
	}{
		{"RSA, PKCS #1", pemOf("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey)), "k", clientKey{rsaKey, "k", jose.RS256}},
		{"RSA, PKCS #8", pkcs8(rsaKey), "k", clientKey{rsaKey, "k", jose.RS256}},
		{"EC, PKCS #8", pkcs8(ecKey), "k", clientKey{ecKey, "k", jose.ES256}},
		{"EC, SEC 1", sec1, "k", clientKey{ecKey, "k", jose.ES256}},
		{"EC, SEC 1 after its parameters", pemOf("EC PARAMETERS", []byte{6, 8}) + sec1, "k", clientKey{ecKey, "k", jose.ES256}},
		{"EC, P-384", pkcs8(p384), "k", clientKey{p384, "k", jose.ES384}},
		{"EC, P-521", pkcs8(p521), "k", clientKey{p521, "k", jose.ES512}},
		{"line ends as two characters", Secret(strings.ReplaceAll(string(pkcs8(ecKey)), "\n", `\n`)), "k", clientKey{ecKey, "k", jose.ES256}},
		{"white space around", "\r\n " + pkcs8(ecKey) + "\n\n", "k", clientKey{ecKey, "k", jose.ES256}},
		{"Windows line ends", Secret(strings.ReplaceAll(string(pkcs8(ecKey)), "\n", "\r\n")), "k", clientKey{ecKey, "k", jose.ES256}},
		{"RSA JWK", jwkOf(rsaKey, "own"), "", clientKey{rsaKey, "own", jose.RS256}},
		{"EC JWK", jwkOf(ecKey, "own"), "", clientKey{ecKey, "own", jose.ES256}},
		{"JWK and a key ID", jwkOf(ecKey, "own"), "k", clientKey{ecKey, "k", jose.ES256}},
		{"JWK set of one", `{"keys":[` + jwkOf(ecKey, "own") + `]}`, "", clientKey{ecKey, "own", jose.ES256}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := readKey(test.text, test.id)
			if err != nil {
				t.Fatal(err)
			}
			same := got.key.(interface{ Equal(crypto.PrivateKey) bool }).Equal(test.want.key)
			if !same || got.id != test.want.id || got.algorithm != test.want.algorithm {
				t.Errorf("key is the same: %v; ID %s, algorithm %s", same, got.id, got.algorithm)
			}
		})
	}
}

func TestKeysThatAreNone(t *testing.T) {
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	private := string(pkcs8(ecKey))
	for _, test := range []struct {
		name string
		text Secret
		id   string
		want string // part of the error
	}{
		{"nothing", " \n", "k", "neither PEM nor a JWK"},
		{"a word", "secret-word", "k", "neither PEM nor a JWK"},
		{"a path", "/run/secret-word.pem", "k", "neither PEM nor a JWK"},
		{"half a PEM", Secret(private[:len(private)/2]), "k", "neither PEM nor a JWK"},
		{"a PEM whose middle is damaged", pemOf("PRIVATE KEY", bytes.Repeat([]byte("x"), 90)), "k", "damaged"},
		{"an RSA PEM that is none", pemOf("RSA PRIVATE KEY", []byte("x")), "k", "damaged"},
		{"an EC PEM that is none", pemOf("EC PRIVATE KEY", []byte("x")), "k", "damaged"},
		{"a public key", pemOf("PUBLIC KEY", must(x509.MarshalPKIXPublicKey(ecKey.Public()))), "k", "public key"},
		{"a certificate", pemOf("CERTIFICATE", []byte("x")), "k", "certificate"},
		{"an encrypted key", pemOf("ENCRYPTED PRIVATE KEY", []byte("x")), "k", "passphrase"},
		{"an old encrypted key", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\neHg=\n-----END RSA PRIVATE KEY-----\n", "k", "passphrase"},
		{"a short RSA key", jwkOf(must(rsa.GenerateKey(rand.Reader, 1024)), "k"), "", "2048"},
		{"a curve that Okta does not take", pkcs8(must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))), "k", "P-256"},
		{"Ed25519", pkcs8(edwards), "k", "neither RSA nor EC"},
		{"a symmetric JWK", jwkOf([]byte("0123456789abcdef"), "k"), "", "of a kind that Okta does not take"},
		{"a public JWK", jwkOf(ecKey.Public(), "k"), "", "public key"},
		{"half a JWK", jwkOf(ecKey, "k")[:60], "", "neither PEM nor a JWK"},
		{"a JWK without its numbers", `{"kty":"EC","crv":"P-256","d":"secret-word"}`, "", "damaged"},
		{"a JWK set of two", `{"keys":[` + jwkOf(ecKey, "a") + "," + jwkOf(ecKey, "b") + `]}`, "", "2 keys"},
		{"no key ID", pkcs8(ecKey), "", "key ID is missing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := readKey(test.text, test.id)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			assertHidden(t, err, "secret-word")
			for line := range strings.Lines(string(test.text)) {
				if line = strings.TrimSpace(line); len(line) > 20 && !strings.Contains(line, "-----") {
					assertHidden(t, err, line)
				}
			}
		})
	}
}
