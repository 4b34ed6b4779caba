package okta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	schemeBearer = "Bearer"
	schemeDPoP   = "DPoP"

	// maxRenewBefore is how long before its end a token is renewed, if it lives long; else a tenth of its life.
	maxRenewBefore = 5 * time.Minute
	// lifeUnknown is taken for the life of a token of which the server does not say it.
	lifeUnknown = 5 * time.Minute
	// skewThatMatters is a change of the known clock skew after which a refused assertion is worth another try.
	skewThatMatters = 30 * time.Second
)

// TokenError is a refusal of the token endpoint, or an answer of it that holds no token.
type TokenError struct {
	Status int
	// Code is OAuth's error (invalid_client), Description its error_description.
	Code, Description string
	// Advice says what to mend; empty if that is not known.
	Advice    string
	RequestID string
}

func (e *TokenError) Error() string {
	text := fmt.Sprintf("get token: status %d", e.Status)
	if e.Code != "" {
		text += " " + e.Code
	}
	if e.Description != "" {
		text += ": " + e.Description
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	if e.Advice != "" {
		text += ": " + e.Advice
	}
	return text
}

// class is never Refused: a call that was not authorized was not refused by what it asked.
func (e *TokenError) class() Class {
	if class := classOfStatus(e.Status); class != Refused {
		return class
	}
	return Misconfigured
}

// notGranted tells whether the app was not granted a scope that was asked for. Both answers of Okta are known.
func notGranted(err error) bool {
	var refused *TokenError
	return errors.As(err, &refused) && (refused.Code == "invalid_scope" || refused.Code == "consent_required")
}

// serviceApp is an OAuth 2.0 client that proves itself by a key.
type serviceApp struct {
	id  string
	key clientKey
}

// tokenEndpoint is the org's authorization server. It is used by one goroutine at a time.
type tokenEndpoint struct {
	url       string
	transport http.RoundTripper
	userAgent string
	skew      *skew
	pacer     *pacer
	// proof is the key of DPoP proofs, nil until the server asked for one; nonce is the server's latest.
	proof *proofKey
	nonce string
}

// token gets an access token. The server may first tell that it wants a proof, a nonce in it, or what time it is: each
// is learned from its refusal, once a process.
func (e *tokenEndpoint) token(ctx context.Context, app serviceApp, scopes []string) (*login, error) {
	const lessons = 3
	for n := 0; ; n++ {
		proof, nonce := e.proof, e.nonce
		ahead, _ := e.skew.get()
		l, err := e.ask(ctx, app, scopes)
		var refused *TokenError
		if err == nil || n == lessons || !errors.As(err, &refused) || refused.class() != Misconfigured {
			return l, err
		}
		if refused.Code == "invalid_dpop_proof" && proof == nil {
			if e.proof, err = newProofKey(); err != nil {
				return nil, err
			}
			continue
		}
		now, _ := e.skew.get()
		if e.nonce == nonce && (now-ahead).Abs() < skewThatMatters {
			return nil, err
		}
	}
}

// ask makes one request, with an assertion and a proof of its own.
func (e *tokenEndpoint) ask(ctx context.Context, app serviceApp, scopes []string) (*login, error) {
	assertion, err := app.key.assertion(app.id, e.url, e.skew.now())
	if err != nil {
		return nil, fmt.Errorf("make client assertion: %w", err)
	}
	form := url.Values{
		"grant_type":            {"client_credentials"},
		"scope":                 {strings.Join(scopes, " ")},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"client_assertion":      {assertion},
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.url, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("get token: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", e.userAgent)
	if e.proof != nil {
		text, err := e.proof.sign(proof{method: req.Method, url: req.URL, nonce: e.nonce, at: e.skew.now()})
		if err != nil {
			return nil, fmt.Errorf("make DPoP proof: %w", err)
		}
		req.Header.Set("DPoP", text)
	}
	secrets := []string{assertion, req.Header.Get("DPoP")}
	if err := e.pacer.acquire(ctx, familyToken, Terms{}); err != nil {
		err.Op = "get token"
		return nil, err
	}
	var (
		q      quota
		told   bool
		status int
	)
	defer func() { e.pacer.done(familyToken, q, told, true, status) }()
	sent := time.Now().Round(0) // by the wall clock: a suspended function's other clock may stand still
	resp, err := e.transport.RoundTrip(req)
	if err != nil {
		return nil, &TransportError{Op: "get token", Sent: true, Err: redacted(err, secrets...)}
	}
	defer resp.Body.Close()
	status = resp.StatusCode
	q, told = readQuota(resp.Header)
	e.skew.read(resp.Header, sent)
	if nonce := resp.Header.Get("DPoP-Nonce"); nonce != "" {
		e.nonce = nonce
	}
	body, err := readUpTo(resp.Body, maxErrorBody)
	if resp.StatusCode/100 != 2 {
		return nil, tokenRefusal(resp, body, app, scopes, secrets)
	}
	if err != nil {
		return nil, &TransportError{Op: "get token", Sent: true, Err: fmt.Errorf("read answer: %w", err)}
	}
	return e.read(resp, body, scopes, sent)
}

// read makes a login of an answer. Nothing of the body is shown.
func (e *tokenEndpoint) read(resp *http.Response, body []byte, scopes []string, sent time.Time) (*login, error) {
	var said struct {
		Type    string  `json:"token_type"`
		Token   Secret  `json:"access_token"`
		Seconds float64 `json:"expires_in"`
		Scope   string  `json:"scope"`
	}
	unreadable := &TokenError{Status: resp.StatusCode, RequestID: resp.Header.Get("X-Okta-Request-Id")}
	if err := json.Unmarshal(body, &said); err != nil || checkToken(said.Token) != nil {
		unreadable.Description = "answer holds no access token"
		return nil, unreadable
	}
	l := &login{token: string(said.Token), scopes: scopes, proof: e.proof}
	switch {
	case strings.EqualFold(said.Type, schemeBearer):
		l.scheme = schemeBearer
	case strings.EqualFold(said.Type, schemeDPoP) && e.proof != nil:
		l.scheme = schemeDPoP
	default:
		unreadable.Description = "access token is of a type that was not asked for"
		return nil, unreadable
	}
	if said.Scope != "" {
		l.scopes = strings.Fields(said.Scope)
	}
	life := time.Duration(said.Seconds * float64(time.Second))
	if life <= 0 {
		life = lifeUnknown
	}
	l.expires = sent.Add(life)
	l.renew = l.expires.Add(-min(life/10, maxRenewBefore))
	return l, nil
}

// tokenRefusal makes the error of a refusal, with advice on those that are known.
func tokenRefusal(resp *http.Response, body []byte, app serviceApp, scopes, secrets []string) error {
	e := &TokenError{Status: resp.StatusCode, RequestID: resp.Header.Get("X-Okta-Request-Id")}
	var said struct {
		Code        string `json:"error"`
		Description string `json:"error_description"`
		ErrorCode   string `json:"errorCode"`
		Summary     string `json:"errorSummary"`
	}
	if json.Unmarshal(body, &said) == nil {
		e.Code, e.Description = clean(said.Code+said.ErrorCode, secrets...), clean(said.Description+said.Summary, secrets...)
	} else {
		e.Description = excerpt(body, secrets...)
	}
	switch e.Code {
	case "invalid_client":
		e.Advice = fmt.Sprintf("check that the service app %s exists and is active, and that the public half of the private key is in its list under the key ID %s",
			app.id, app.key.id)
	case "invalid_scope", "consent_required":
		e.Advice = "grant the service app these scopes: " + strings.Join(scopes, " ")
	case "invalid_dpop_proof", "use_dpop_nonce":
		e.Advice = "the org goes on asking for another DPoP proof: check the clock of this machine"
	case "unauthorized_client", "unsupported_grant_type":
		e.Advice = fmt.Sprintf("%s must be a service app (API services), with the grant type client credentials", app.id)
	case "access_denied":
		e.Advice = "grant the service app an admin role"
	}
	if resp.StatusCode == http.StatusNotFound {
		e.Advice = "check the org's URL"
	}
	return e
}
