package okta

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
)

// assertHidden fails if an error shows the secret, in any way of printing it or an error that it wraps.
func assertHidden(t *testing.T, err error, secret string) {
	t.Helper()
	for ; err != nil; err = errors.Unwrap(err) {
		for _, format := range []string{"%v", "%+v", "%#v", "%q", "%s"} {
			if text := fmt.Sprintf(format, err); strings.Contains(text, secret) {
				t.Errorf("%s shows the secret: %s", format, text)
			}
		}
	}
}

// TestNoErrorLeaksTheToken lets everything that can fail repeat the token.
func TestNoErrorLeaksTheToken(t *testing.T) {
	repeated := `{"errorCode":"` + testToken + `","errorSummary":"token ` + testToken + `","errorId":"` + testToken +
		`","errorCauses":[{"errorSummary":"SSWS ` + testToken + `"}]}`
	page := "<html>Authorization: SSWS " + testToken + "</html>"
	header := []string{"X-Echo", testToken}
	for name, reply := range map[string]roundTrip{
		"error":        status(400, repeated, header...),
		"unauthorized": status(401, repeated, header...),
		"page":         status(503, page, header...),
		"page with ok": status(200, page, "Content-Type", "text/html"),
		"garbage":      status(200, "token "+testToken),
		"not a time":   status(429, repeated, "X-Rate-Limit-Limit", testToken),
		"transport":    failing(fmt.Errorf("send %s: %w", testToken, errDial)),
		"broken":       failing(fmt.Errorf("proxy said %s", testToken)),
		"redirect":     status(302, page, "Location", "https://example.com/?token="+testToken),
	} {
		for op, try := range everyCall {
			t.Run(op+"/"+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, _ := dial(t, reply)
					err := try(c, t.Context())
					if needed := name != "garbage"; err == nil && needed { // a call that needs no body reads none
						t.Fatal("no error")
					}
					assertHidden(t, err, testToken)
				})
			})
		}
	}
}

// TestNoErrorLeaksTokenOrProof lets everything that can fail repeat the access token and the proof that came with it, and
// the token endpoint the assertion and its proof.
func TestNoErrorLeaksTokenOrProof(t *testing.T) {
	for name, reply := range map[string]func(said string) roundTrip{
		"error": func(said string) roundTrip {
			return status(400, `{"errorCode":"E","errorSummary":"`+said+`","errorId":"`+said+`","errorCauses":[{"errorSummary":"`+said+`"}]}`)
		},
		"oauth error":  func(said string) roundTrip { return status(400, `{"error":"e","error_description":"`+said+`"}`) },
		"unauthorized": func(said string) roundTrip { return status(401, `{"errorCode":"E","errorSummary":"`+said+`"}`) },
		"page":         func(said string) roundTrip { return status(503, "<html>"+said+"</html>") },
		"garbage":      func(said string) roundTrip { return status(200, said) },
		"transport":    func(said string) roundTrip { return failing(fmt.Errorf("send %s: %w", said, errDial)) },
		"redirect":     func(said string) roundTrip { return status(302, said, "Location", "https://example.com/?t="+said) },
	} {
		for _, endpoint := range []string{"api", "token"} {
			t.Run(endpoint+"/"+name, func(t *testing.T) {
				withOrg(t, func(o *fakeOrg) {
					o.dpop = true
					c, a := o.dial(Static(o.app("kid1", ecKey)))
					if endpoint == "api" {
						o.list(c, "token 400, token 200, api 200")
					}
					var secrets []string
					spy := roundTrip(func(req *http.Request) (*http.Response, error) {
						said := secretsOf(req)
						if req.Body != nil {
							form, err := io.ReadAll(req.Body)
							if err != nil {
								return nil, err
							}
							values, err := url.ParseQuery(string(form))
							if err != nil {
								return nil, err
							}
							said = append(said, values.Get("client_assertion"))
						}
						for _, secret := range said {
							if secret != "" {
								secrets = append(secrets, secret)
							}
						}
						return reply(strings.Join(said, " "))(req)
					})
					if endpoint == "api" {
						c.transport = spy
					} else {
						a.endpoint.proof = must(newProofKey())
						a.endpoint.transport = spy
					}
					_, err := c.CreateSession(o.t.Context())
					if err == nil || len(secrets) < 2 {
						o.t.Fatalf("%v; %d secrets were sent", err, len(secrets))
					}
					for _, secret := range secrets {
						assertHidden(o.t, err, secret)
					}
				})
			})
		}
	}
}

func TestSecretPrintsNothing(t *testing.T) {
	s := Secret(testToken)
	for _, v := range []any{s, &s, []Secret{s}, struct{ S Secret }{s}, map[string]Secret{"a": s}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%10s"} {
			if text := fmt.Sprintf(format, v); strings.Contains(text, testToken) || strings.Contains(text, fmt.Sprintf("%x", testToken)) {
				t.Errorf("%s of %T: %s", format, v, text)
			}
		}
		if text, err := json.Marshal(v); err != nil || strings.Contains(string(text), testToken) {
			t.Errorf("JSON of %T: %s, %v", v, text, err)
		}
	}
}

func TestClientPrintsNoSecret(t *testing.T) {
	c, _ := dial(t, status(200, "[]"))
	for _, v := range []any{c, c.authorizer, SSWS(testToken)} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
			if text := fmt.Sprintf(format, v); strings.Contains(text, testToken) || strings.Contains(text, fmt.Sprintf("%x", testToken)) {
				t.Errorf("%s of %T: %s", format, v, text)
			}
		}
	}
}

func TestTokensThatAreNoTokens(t *testing.T) {
	for _, token := range []Secret{"", "abc\n", "a b", "\"abc\"\r\n", "abcé"} {
		fake := &fakeOkta{replies: []roundTrip{status(200, "[]")}}
		c, err := New(Config{OrgURL: testOrg, IdentitySourceID: testSource, Authorizer: SSWS(token), Transport: fake})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.ListSessions(t.Context())
		if Classify(err) != Misconfigured || Ambiguous(err) || len(fake.calls()) != 0 {
			t.Errorf("got %v", err)
		}
		if token != "" {
			assertHidden(t, err, string(token))
		}
	}
}

func TestErrorText(t *testing.T) {
	c, _ := dial(t, status(400, refusedBody, "X-Okta-Request-Id", "req1"))
	_, err := c.CreateSession(t.Context())
	want := "create session: status 400 Bad Request E0000001: Api validation failed: session: one is open; and so on (error oaeError, request req1)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	c, _ = dial(t, status(403, "<html><style>p{}</style><p>Blocked\n\tby the  firewall\x00</p></html>"))
	_, err = c.CreateSession(t.Context())
	if want := "create session: status 403 Forbidden: Blocked by the firewall"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	c, _ = dial(t, status(302, "", "Location", "https://login.example.com/x?y"))
	_, err = c.CreateSession(t.Context())
	if want := "create session: status 302 Found: redirect to login.example.com"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}
