package okta

import (
	"context"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve returns a client of a real HTTP server.
func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport)
	t.Cleanup(transport.CloseIdleConnections)
	c, err := New(Config{OrgURL: server.URL, IdentitySourceID: testSource, Authorizer: SSWS(testToken), Transport: transport,
		Jitter: func() float64 { return 0 }})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// hijack takes the connection from the server, writes raw and closes it.
func hijack(t *testing.T, w http.ResponseWriter, raw string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(raw)); err != nil {
		t.Error(err)
	}
}

func TestServersThatMisbehave(t *testing.T) {
	for _, test := range []struct {
		name      string
		handler   func(*testing.T, http.ResponseWriter)
		class     Class
		ambiguous bool
	}{
		{"closes without an answer", func(t *testing.T, w http.ResponseWriter) { hijack(t, w, "") }, Unavailable, true},
		{"closes in the middle of the headers", func(t *testing.T, w http.ResponseWriter) {
			hijack(t, w, "HTTP/1.1 200 OK\r\nContent-Le")
		}, Unavailable, true},
		{"closes in the middle of the body", func(t *testing.T, w http.ResponseWriter) {
			hijack(t, w, "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"id\":\"aps1\",")
		}, Unavailable, true},
		{"closes in the middle of an error", func(t *testing.T, w http.ResponseWriter) {
			hijack(t, w, "HTTP/1.1 400 Bad Request\r\nContent-Length: 500\r\n\r\n{\"errorCode\":\"E0000001\",")
		}, Refused, false},
		{"does not speak HTTP", func(t *testing.T, w http.ResponseWriter) { hijack(t, w, "SSH-2.0-OpenSSH_9.6\r\n") }, Unavailable, true},
		{"answers a page", func(_ *testing.T, w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<html>We will be back soon</html>"))
		}, Unavailable, true},
		{"answers an error without end", func(_ *testing.T, w http.ResponseWriter) {
			w.WriteHeader(403)
			for range 10_000 {
				if _, err := w.Write([]byte(strings.Repeat("no ", 1000))); err != nil {
					return // the client has read enough
				}
			}
		}, Misconfigured, false},
		{"redirects", func(_ *testing.T, w http.ResponseWriter) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(307)
		}, Misconfigured, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := 0
			c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				calls++
				test.handler(t, w)
			})
			_, err := c.CreateSession(t.Context())
			if Classify(err) != test.class || Ambiguous(err) != test.ambiguous || calls != 1 {
				t.Errorf("%d calls, class %v, ambiguous %v: %v", calls, Classify(err), Ambiguous(err), err)
			}
			if err != nil && len(err.Error()) > 500 {
				t.Errorf("the error is %d characters long", len(err.Error()))
			}
		})
	}
}

func TestUploadWhoseBodyIsCutWasAccepted(t *testing.T) {
	// An upload's answer has no body that is needed: the status says all.
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		hijack(t, w, "HTTP/1.1 202 Accepted\r\nContent-Length: 500\r\n\r\n{")
	})
	if err := c.BulkDelete(t.Context(), "aps1", []string{"jane"}); err != nil {
		t.Error(err)
	}
}

func TestServerThatHangs(t *testing.T) {
	release := make(chan struct{})
	c := serve(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // before the server is closed
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := c.StartImport(ctx, "aps1")
	if took := time.Since(start); took > 5*time.Second || !Ambiguous(err) || Classify(err) != Unavailable {
		t.Errorf("took %v: %v", took, err)
	}
}

func TestServerThatIsNotThere(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	c, err := New(Config{OrgURL: server.URL, IdentitySourceID: testSource, Authorizer: SSWS(testToken)})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = c.CreateSession(ctx)
	if Classify(err) != Unavailable || Ambiguous(err) {
		t.Errorf("ambiguous %v: %v", Ambiguous(err), err)
	}
}

func TestServerWithAnUnknownCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	c, err := New(Config{OrgURL: server.URL, IdentitySourceID: testSource, Authorizer: SSWS(testToken), Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.attempt(t.Context(), c.sourceCall("try", familySessions, "POST", "/sessions", ""))
	if err == nil || Ambiguous(err) {
		t.Errorf("ambiguous %v: %v", Ambiguous(err), err)
	}
}

func TestSkew(t *testing.T) {
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		_, _ = w.Write([]byte("[]"))
	})
	if _, known := c.Skew(); known {
		t.Error("known before a response")
	}
	if _, err := c.ListSessions(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ahead, known := c.Skew(); !known || (ahead+time.Hour).Abs() > 2*time.Second {
		t.Errorf("got %v, %v", ahead, known)
	}
}
