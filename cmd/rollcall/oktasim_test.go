package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"rollcall/okta"
)

func TestOktasimServesUntilInterrupted(t *testing.T) {
	t.Setenv("OKTASIM_TOKEN", "another-token")
	ctx, interrupt := context.WithCancel(t.Context())
	out, stdout := io.Pipe()
	var stderr bytes.Buffer
	exit := make(chan int, 1)
	go func() {
		exit <- run(ctx, []string{"oktasim", "--listen", "127.0.0.1:0", "--identity-source", "0oa7", "--data", t.TempDir(), "--rate-limit", "2"}, strings.NewReader(""), stdout, &stderr)
	}()
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatal(err, stderr.String())
	}
	var ready struct{ URL, IdentitySourceID string }
	if err := json.Unmarshal(line, &ready); err != nil || ready.IdentitySourceID != "0oa7" {
		t.Fatalf("printed %s: %v", line, err)
	}
	for _, want := range []int{200, 200, 429} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, ready.URL+"/api/v1/identity-sources/0oa7/sessions", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "SSWS another-token")
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if err := response.Body.Close(); err != nil || response.StatusCode != want {
			t.Errorf("%d, %v, want %d", response.StatusCode, err, want)
		}
	}
	interrupt()
	if code := <-exit; code != exitDone {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}

func TestOktasimRefusesWrongFlags(t *testing.T) {
	for args, says := range map[string]string{
		"--cooldown-reading sometimes": "CooldownReading", "--rate-limit -1": "RateLimit", "--rate-limit many": "rate-limit", "extra": "extra", "--error-rate 2": "ErrorRate",
		"--client-key none.pem": "--client-id", "--client-id 0oa1": "--client-key", "--client-id 0oa1 --client-key none.pem": "none.pem",
	} {
		var stderr bytes.Buffer
		code := run(t.Context(), append([]string{"oktasim"}, strings.Fields(args)...), strings.NewReader(""), io.Discard, &stderr)
		if code != exitUsage || !strings.Contains(stderr.String(), says) {
			t.Errorf("%s: exit code %d, %q", args, code, stderr.String())
		}
	}
}

func TestOktasimReadsClientKeys(t *testing.T) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	encoded := func(bytes []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	block := func(kind string, der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}) }
	jwk := encoded((&jose.JSONWebKey{Key: private, KeyID: "own"}).MarshalJSON())
	for name, c := range map[string]struct {
		text []byte
		id   string
	}{
		"PKCS #8": {block("PRIVATE KEY", encoded(x509.MarshalPKCS8PrivateKey(private))), "given"},
		"SEC 1":   {block("EC PRIVATE KEY", encoded(x509.MarshalECPrivateKey(private))), "given"},
		"SEC 1 after its parameters": {slices.Concat(block("EC PARAMETERS", []byte{6, 8, 42, 134, 72, 206, 61, 3, 1, 7}),
			block("EC PRIVATE KEY", encoded(x509.MarshalECPrivateKey(private)))), "given"},
		"public":  {block("PUBLIC KEY", encoded(x509.MarshalPKIXPublicKey(private.Public()))), "given"},
		"JWK":     {jwk, "own"},
		"JWK set": {fmt.Appendf(nil, `{"keys":[%s]}`, jwk), "own"},
	} {
		set, err := publicKeys(c.text, "given")
		if err != nil || len(set.Keys) != 1 || set.Keys[0].KeyID != c.id || !set.Keys[0].IsPublic() {
			t.Errorf("%s: %+v, %v", name, set, err)
		}
	}
	for _, wrong := range []string{"", "key", "{}", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"} {
		if _, err := publicKeys([]byte(wrong), "given"); err == nil {
			t.Errorf("%q was read", wrong)
		}
	}
}

// TestTheServiceAppsKeyIsReadAnew, so that it can be replaced while a house runs.
func TestTheServiceAppsKeyIsReadAnew(t *testing.T) {
	none := oktasimClient{}
	if none.source() != nil {
		t.Error("without a client there are credentials")
	}
	f := oktasimClient{id: "0oaApp", keyFile: filepath.Join(t.TempDir(), "app.pem"), keyID: "kid1"}
	source := f.source()
	for _, key := range []string{"first", "second"} {
		if err := os.WriteFile(f.keyFile, []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		want := okta.Credentials{ClientID: "0oaApp", PrivateKey: okta.Secret(key), KeyID: "kid1"}
		if got, err := source(t.Context()); err != nil || got != want {
			t.Errorf("the %s key is not what is given: %v", key, err)
		}
	}
}
