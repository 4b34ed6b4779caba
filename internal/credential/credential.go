// Package credential knows where Okta's credentials are: in the environment, in a file, or in a secret.
package credential

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"rollcall/internal/config"
	"rollcall/okta"
)

// Source returns where the credentials come from: the environment or a file where the configuration names one, else the
// secret, whose text read returns. Nothing is read yet. Each time okta asks, file and secret are read anew, so that they
// can be replaced while the program runs.
func Source(c config.Okta, read func(ctx context.Context) (string, error)) okta.Source {
	switch {
	case c.Token != "":
		return okta.Static(okta.Credentials{Token: okta.Secret(c.Token)})
	case c.PrivateKey != "":
		return okta.Static(okta.Credentials{ClientID: c.ClientID, PrivateKey: okta.Secret(c.PrivateKey), KeyID: c.KeyID})
	case c.PrivateKeyFile != "":
		return func(context.Context) (okta.Credentials, error) {
			key, err := os.ReadFile(c.PrivateKeyFile)
			if err != nil {
				return okta.Credentials{}, fmt.Errorf("read okta.privateKeyFile: %w: %w", okta.ErrMisconfigured, err)
			}
			return okta.Credentials{ClientID: c.ClientID, PrivateKey: okta.Secret(key), KeyID: c.KeyID}, nil
		}
	}
	return func(ctx context.Context) (okta.Credentials, error) {
		text, err := read(ctx)
		if err != nil {
			return okta.Credentials{}, err
		}
		c, err := Parse(text)
		if err != nil {
			return okta.Credentials{}, fmt.Errorf("%w: %w", okta.ErrMisconfigured, err)
		}
		return c, nil
	}
}

// errShape says what a secret should have been; what it is must not be shown.
var errShape = errors.New(`secret is none of {"token": "…"}, {"clientId": "…", "privateKey": "…"} and a bare API token`)

// Parse reads a secret's text: {"token": "…"}, or {"clientId": "…", "privateKey": …, "keyId": "…"} with the key as PEM in
// a string or as a JWK, or an API token and nothing else. Unknown names are ignored. Errors never show the text.
func Parse(secret string) (okta.Credentials, error) {
	secret = strings.TrimSpace(secret)
	if secret == "" {
		return okta.Credentials{}, errors.New("secret is empty: put the API token or the private key into it")
	}
	if !strings.HasPrefix(secret, "{") {
		if strings.ContainsAny(secret, " \t\r\n\"") {
			return okta.Credentials{}, errShape
		}
		return okta.Credentials{Token: okta.Secret(secret)}, nil
	}
	var fields struct {
		Token, ClientID, KeyID string
		PrivateKey             json.RawMessage
	}
	if json.Unmarshal([]byte(secret), &fields) != nil {
		return okta.Credentials{}, errShape
	}
	key, err := keyText(fields.PrivateKey)
	if err != nil {
		return okta.Credentials{}, err
	}
	switch {
	case fields.Token != "" && key != "":
		return okta.Credentials{}, errors.New("secret has both a token and a privateKey: leave one")
	case fields.Token != "":
		return okta.Credentials{Token: okta.Secret(fields.Token)}, nil
	case key == "":
		return okta.Credentials{}, errShape
	case fields.ClientID == "":
		return okta.Credentials{}, errors.New("secret has a privateKey and no clientId")
	}
	return okta.Credentials{ClientID: fields.ClientID, PrivateKey: okta.Secret(key), KeyID: fields.KeyID}, nil
}

// keyText returns the key of a secret as text: a string's content, an object as it is.
func keyText(raw json.RawMessage) (string, error) {
	raw = bytes.TrimSpace(raw)
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return "", nil
	case raw[0] == '{':
		return string(raw), nil
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return "", errShape
	}
	return text, nil
}
