package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Authorizer puts credentials on requests. It is used by several goroutines at once.
type Authorizer interface {
	// Authorize sets the headers that authorize req. It is called once for each attempt, just before it is sent. The
	// error says what to mend, and Classify tells whether time mends it.
	Authorize(ctx context.Context, req *http.Request) error
	// Answered is told of each response before its body is read, with the request as it was sent. It returns what
	// another attempt would be authorized with that this one was not, if the response refused the authorization (401).
	Answered(req *http.Request, resp *http.Response) Anew
}

// Anew is what an attempt may be authorized with that the one before was not. Each is tried once a call.
type Anew uint8

const (
	// NothingNew means that another attempt would be refused as well.
	NothingNew Anew = iota
	// NewNonce is a nonce that the server asked for.
	NewNonce
	// NewLogin is another token.
	NewLogin
)

// Credentials are what Okta knows the client by: Token alone, or the three others.
type Credentials struct {
	// Token is an API token ("SSWS").
	Token Secret
	// ClientID names an OAuth 2.0 service app.
	ClientID string
	// PrivateKey is the app's key, RSA or EC, as PEM (PKCS #1, PKCS #8, SEC 1) or as a JWK.
	PrivateKey Secret
	// KeyID is the key's kid in the app's list of public keys; a JWK may hold it itself.
	KeyID string
}

// Source returns the credentials. It is asked before the first call, and again when Okta refuses them, so that they can
// be replaced while the program runs.
type Source func(ctx context.Context) (Credentials, error)

// SourceError is a source that gave no credentials.
type SourceError struct{ Err error }

func (e *SourceError) Error() string { return fmt.Sprintf("ask for credentials: %v", e.Err) }

func (e *SourceError) Unwrap() error { return e.Err }

// Static is the source of credentials that never change.
func Static(c Credentials) Source {
	return func(context.Context) (Credentials, error) { return c, nil }
}

// SSWS authorizes by an API token of Okta. Such a token has the rights of the admin who made it, and dies after 30 days
// without use.
func SSWS(token Secret) Authorizer {
	// A function cannot be printed, as a field of Client could.
	return ssws{func() Secret { return token }}
}

type ssws struct{ token func() Secret }

func (s ssws) Authorize(_ context.Context, req *http.Request) error {
	token := s.token()
	if err := checkToken(token); err != nil {
		return fmt.Errorf("%w: %w", ErrMisconfigured, err)
	}
	req.Header.Set("Authorization", "SSWS "+string(token))
	return nil
}

func (ssws) Answered(*http.Request, *http.Response) Anew { return NothingNew }

func checkToken(token Secret) error {
	if token == "" {
		return errors.New("API token is empty")
	}
	for _, c := range []byte(token) {
		if c <= ' ' || c > '~' {
			return errors.New("API token holds white space or characters that no token has")
		}
	}
	return nil
}

// key returns the client's key, the zero one where there is a token; the error says what is wrong with the credentials.
func (c Credentials) key() (key clientKey, err error) {
	if err = c.check(); err == nil && c.Token == "" {
		key, err = readKey(c.PrivateKey, c.KeyID)
	}
	if err != nil {
		return clientKey{}, fmt.Errorf("%w: %w", ErrMisconfigured, err)
	}
	return key, nil
}

// check returns what is missing of the credentials, or too much.
func (c Credentials) check() error {
	var problems []error
	switch {
	case c.Token != "" && (c.PrivateKey != "" || c.ClientID != ""):
		return errors.New("there are both an API token and an OAuth client: remove one")
	case c.Token != "":
		return checkToken(c.Token)
	case c.ClientID == "" && c.PrivateKey == "":
		return errors.New("there are neither an API token nor a client ID and a private key")
	case c.ClientID == "":
		problems = append(problems, errors.New("client ID is missing: it is in the service app's settings, 0oa…"))
	case c.PrivateKey == "":
		problems = append(problems, errors.New("private key is missing: make one in the service app's settings"))
	}
	return errors.Join(problems...)
}
