package okta

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestARequestIsSentOnce has a server drop every second request on a connection that served one before, where net/http by
// itself would send a GET again: with the same proof, and past the limiter. Each request the server sees must be an attempt
// of its own.
func TestARequestIsSentOnce(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]int{} // by proof
	served := map[string]int{}
	drops := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/oauth2/v1/token" {
			if r.Header.Get("DPoP") == "" {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = io.WriteString(w, `{"error":"invalid_dpop_proof"}`)
				return
			}
			_, _ = io.WriteString(w, `{"token_type":"DPoP","expires_in":3600,"access_token":"token"}`)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) > 0 || r.ContentLength != 0 || len(r.TransferEncoding) > 0 {
			t.Errorf("a GET has a body of %d, %v: %q, %v", r.ContentLength, r.TransferEncoding, body, err)
		}
		mu.Lock()
		seen[r.Header.Get("DPoP")]++
		served[r.RemoteAddr]++
		drop := served[r.RemoteAddr] == 2
		if drop {
			drops++
		}
		mu.Unlock()
		if drop {
			hijack(t, w, "")
			return
		}
		_, _ = io.WriteString(w, "[]")
	}))
	defer server.Close()
	attempts := 0
	a, err := NewAuthority(AuthConfig{OrgURL: server.URL, Source: Static(Credentials{ClientID: "0oaApp", PrivateKey: pkcs8(ecKey), KeyID: "kid1"})})
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{OrgURL: server.URL, IdentitySourceID: testSource, Authorizer: a, Jitter: func() float64 { return 0 },
		Observe: func(Call) { attempts++ }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, transport := range []http.RoundTripper{c.transport, a.endpoint.transport} {
			transport.(once).base.(*http.Transport).CloseIdleConnections()
		}
	})
	for range 3 {
		if _, err := c.ListSessions(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for proof, n := range seen {
		if proof == "" || n > 1 {
			t.Errorf("a proof came %d times", n)
		}
	}
	if drops == 0 || attempts != len(seen) {
		t.Errorf("%d requests and %d attempts, %d of them dropped", len(seen), attempts, drops)
	}
}

// TestOwnTransportKeepsTheProgramsSettings and speaks HTTP/1.1, over TLS too.
func TestOwnTransportKeepsTheProgramsSettings(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Proto) }))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	original := http.DefaultTransport
	defer func() { http.DefaultTransport = original }()
	theirs := server.Client().Transport.(*http.Transport) // trusts the server, has been made ready for HTTP/2
	http.DefaultTransport = theirs
	defer theirs.CloseIdleConnections()
	for range 2 {
		transport := newTransport()
		ask := func(t http.RoundTripper) string {
			client := &http.Client{Transport: t, Timeout: 5 * time.Second}
			resp, err := client.Get(server.URL)
			if err != nil {
				return err.Error()
			}
			defer resp.Body.Close()
			text, _ := io.ReadAll(resp.Body)
			return string(text)
		}
		if got := ask(transport); got != "HTTP/1.1" {
			t.Errorf("got %s", got)
		}
		transport.(once).base.(*http.Transport).CloseIdleConnections()
		if got := ask(theirs); !strings.HasPrefix(got, "HTTP/2") { // before the second round
			t.Errorf("the program's own: %s", got)
		}
	}
	http.DefaultTransport = roundTrip(hanging)
	if _, is := newTransport().(roundTrip); !is {
		t.Error("a transport that the program put in place is not taken")
	}
}
