package okta

import (
	"io"
	"net/http"
	"slices"
	"strings"
)

// newTransport returns the transport that calls are made with where Config names none. It is HTTP/1.1, so that what is said
// of once below is all that there is to say; a few calls at once need no more.
func newTransport() http.RoundTripper {
	base, is := http.DefaultTransport.(*http.Transport)
	if !is {
		return http.DefaultTransport // replaced by the program
	}
	base = base.Clone()
	base.Protocols = new(http.Protocols)
	base.Protocols.SetHTTP1(true)
	if base.TLSClientConfig != nil { // it offers HTTP/2 once the original has been used
		base.TLSClientConfig.NextProtos = slices.DeleteFunc(slices.Clone(base.TLSClientConfig.NextProtos), func(p string) bool { return p == "h2" })
	}
	return once{base}
}

// once keeps net/http from sending a request a second time by itself after a connection broke: the same proof would come
// twice, and the limiter would count one call for two. By its documents, net/http does so for idempotent requests (GET)
// that have no body, or one that can be had again. So these get a body, which is empty and can be had once; on the wire
// it is none. A request of which nothing was written yet is sent again all the same where it has no body, which nobody
// sees.
type once struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t once) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil && req.Method == http.MethodGet {
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(strings.NewReader(""))
	}
	return t.base.RoundTrip(req)
}
