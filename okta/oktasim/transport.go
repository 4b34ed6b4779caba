package oktasim

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"strconv"
	"syscall"
)

// maxBody is the most of a request body that is read: enough to tell that it is over every limit.
const maxBody = 1 << 20

// Transport drives the org in process: an http.RoundTripper without sockets, whose waiting ends with the request's context
// and passes under testing/synctest. A connection that a fault drops is a network error, as on a socket.
func (s *Server) Transport() http.RoundTripper { return transport{s} }

type transport struct{ server *Server }

// RoundTrip serves the request where it is called.
func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	c, err := readCall(r)
	if err != nil {
		return nil, err
	}
	a, err := t.server.serve(r.Context(), c)
	if err != nil {
		return nil, err
	}
	if a.cut == cutBefore || a.cut == cutAfter {
		return nil, errDropped
	}
	body := io.Reader(bytes.NewReader(a.body))
	if a.cut == cutMiddle {
		body = io.MultiReader(bytes.NewReader(a.body[:len(a.body)/2]), failing{})
	}
	return &http.Response{
		Status:     strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode: a.status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        a.header,
		Body:          io.NopCloser(body),
		ContentLength: int64(len(a.body)),
		Request:       r,
	}, nil
}

// errDropped is what a client sees of a connection that was closed on it.
var errDropped error = &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// ServeHTTP serves the org over a socket.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := readCall(r)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	a, err := s.serve(r.Context(), c)
	if err != nil || a.cut == cutBefore || a.cut == cutAfter {
		panic(http.ErrAbortHandler)
	}
	maps.Copy(w.Header(), a.header)
	if a.status != http.StatusNoContent {
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	}
	w.WriteHeader(a.status)
	if a.cut == cutMiddle {
		_, _ = w.Write(a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	// The client may be gone: what it asked for is done all the same.
	_, _ = w.Write(a.body)
}

// readCall takes the request apart, and closes its body.
func readCall(r *http.Request) (*call, error) {
	c := &call{
		method: r.Method, path: r.URL.EscapedPath(), query: r.URL.Query(), header: r.Header,
		host: r.Host, scheme: r.URL.Scheme,
	}
	if c.method == "" {
		c.method = http.MethodGet
	}
	if c.host == "" {
		c.host = r.URL.Host
	}
	if c.scheme == "" {
		c.scheme = "http"
		if r.TLS != nil {
			c.scheme = "https"
		}
	}
	if r.Body == nil {
		return c, nil
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if closed := r.Body.Close(); err != nil {
		return nil, errors.Join(err, closed)
	}
	c.body = body
	return c, nil
}
