package credential

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rollcall/internal/config"
	"rollcall/okta"
)

func TestParse(t *testing.T) {
	cases := []struct {
		secret string
		want   okta.Credentials
		wrong  string // part of the error
	}{
		{secret: "00abc\n", want: okta.Credentials{Token: "00abc"}},
		{secret: `{"token": "00abc", "note": "of Ann"}`, want: okta.Credentials{Token: "00abc"}},
		{secret: `{"clientId":"0oac","privateKey":"-----BEGIN KEY-----\nx\n","keyId":"k"}`,
			want: okta.Credentials{ClientID: "0oac", PrivateKey: "-----BEGIN KEY-----\nx\n", KeyID: "k"}},
		{secret: `{"clientId":"0oac","privateKey":{"kty":"EC","kid":"k"}}`,
			want: okta.Credentials{ClientID: "0oac", PrivateKey: `{"kty":"EC","kid":"k"}`}},
		{secret: " \n", wrong: "empty"},
		{secret: "two words-secret", wrong: "none of"},
		{secret: "-----BEGIN SECRET KEY-----\nsecret\n-----END", wrong: "none of"},
		{secret: `{"token":"secret`, wrong: "none of"},
		{secret: `{"token":7}`, wrong: "none of"},
		{secret: `{}`, wrong: "none of"},
		{secret: `{"privateKey":["secret"],"clientId":"0oac"}`, wrong: "none of"},
		{secret: `{"privateKey":"secret"}`, wrong: "no clientId"},
		{secret: `{"token":"secret","privateKey":"secret"}`, wrong: "both"},
	}
	for _, c := range cases {
		got, err := Parse(c.secret)
		switch {
		case c.wrong == "" && (err != nil || got != c.want):
			t.Errorf("%.20q: %v", c.secret, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "secret-") ||
			strings.Contains(err.Error(), "words")):
			t.Errorf("%.20q: error %v, want one with %q and without the secret", c.secret, err, c.wrong)
		}
	}
}

func TestSource(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(key, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := func(context.Context) (string, error) { return "00fromsecret", nil }
	cases := map[string]struct {
		config config.Okta
		want   okta.Credentials
	}{
		"token":  {config.Okta{Token: "00abc", SecretARN: "arn"}, okta.Credentials{Token: "00abc"}},
		"key":    {config.Okta{PrivateKey: "pem", ClientID: "c", KeyID: "k"}, okta.Credentials{ClientID: "c", PrivateKey: "pem", KeyID: "k"}},
		"file":   {config.Okta{PrivateKeyFile: key, ClientID: "c"}, okta.Credentials{ClientID: "c", PrivateKey: "first"}},
		"secret": {config.Okta{SecretARN: "arn"}, okta.Credentials{Token: "00fromsecret"}},
	}
	for name, c := range cases {
		if got, err := Source(c.config, secret)(t.Context()); err != nil || got != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestReplacedCredentialsAreTakenUp replaces file and secret while the source is in use.
func TestReplacedCredentialsAreTakenUp(t *testing.T) {
	key := filepath.Join(t.TempDir(), "key.pem")
	file := Source(config.Okta{PrivateKeyFile: key, ClientID: "c"}, nil)
	if _, err := file(t.Context()); okta.Classify(err) != okta.Misconfigured || !strings.Contains(err.Error(), "okta.privateKeyFile") {
		t.Errorf("a missing file: %v", err)
	}
	text, failure := "00old", error(nil)
	secret := Source(config.Okta{}, func(context.Context) (string, error) { return text, failure })
	for _, now := range []string{"00old", "00new"} {
		text = now
		if err := os.WriteFile(key, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := file(t.Context()); err != nil || string(got.PrivateKey) != now {
			t.Errorf("file: %v", err)
		}
		if got, err := secret(t.Context()); err != nil || string(got.Token) != now {
			t.Errorf("secret: %v", err)
		}
	}
	failure = errors.New("no access")
	if _, err := secret(t.Context()); !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
}
