package items

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// maxAnswerBytes is the most that a function may answer, 6 MB by Lambda's quotas, less room for the JSON around and
// the escapes within the body.
const maxAnswerBytes = 4_500_000

// HandleV2 serves one request of an API Gateway HTTP API, payload version 2.0, with the same routes. A list that does
// not fit an answer is refused: the client then asks for pages.
func (h *Handler) HandleV2(ctx context.Context, in events.APIGatewayV2HTTPRequest) (out events.APIGatewayV2HTTPResponse, err error) {
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	r, err := request(ctx, in)
	if err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return w.response(), nil
	}
	defer func() {
		thrown := recover()
		if err, ok := thrown.(error); ok && errors.Is(err, http.ErrAbortHandler) {
			w.reset()
			refuse(w, http.StatusInternalServerError, "the table could not be reached")
			out = w.response()
		} else if thrown != nil {
			panic(thrown)
		}
	}()
	h.ServeHTTP(w, r)
	return w.response(), nil
}

// request turns the payload into a request. HTTP APIs hand over the path decoded and with the stage in front of it.
func request(ctx context.Context, in events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := []byte(in.Body)
	if in.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(in.Body); err != nil {
			return nil, errors.New("the body is not base64")
		}
	}
	path := in.RawPath
	if stage := in.RequestContext.Stage; stage != "" && stage != "$default" {
		if rest, ok := strings.CutPrefix(path, "/"+stage); ok && strings.HasPrefix(rest, "/") {
			path = rest
		}
	}
	target := &url.URL{Path: path, RawQuery: in.RawQueryString}
	if id, ok := strings.CutPrefix(path, "/items/"); ok {
		target.RawPath = "/items/" + url.PathEscape(id)
	}
	r := &http.Request{
		Method: in.RequestContext.HTTP.Method, URL: target, Header: http.Header{}, Host: in.RequestContext.DomainName,
		Body: http.NoBody, ContentLength: int64(len(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if len(body) > 0 {
		r.Body = readCloser{bytes.NewReader(body)}
	}
	for name, value := range in.Headers {
		r.Header.Set(name, value)
	}
	return r.WithContext(ctx), nil
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// recorder keeps an answer until it is whole.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
	over   bool
}

var errAnswerTooLong = errors.New("the answer is longer than a function may give")

func (w *recorder) Header() http.Header    { return w.header }
func (w *recorder) WriteHeader(status int) { w.status = status }

func (w *recorder) Write(p []byte) (int, error) {
	if w.body.Len()+len(p) > maxAnswerBytes {
		w.over = true
		return 0, errAnswerTooLong
	}
	return w.body.Write(p)
}

func (w *recorder) reset() {
	w.header = http.Header{}
	w.body.Reset()
	w.over = false
}

func (w *recorder) response() events.APIGatewayV2HTTPResponse {
	if w.over {
		w.reset()
		refuse(w, http.StatusBadRequest, "the items do not fit one answer: ask for smaller pages with ?limit=")
	}
	headers := make(map[string]string, len(w.header))
	for name, values := range w.header {
		headers[name] = strings.Join(values, ",")
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: w.status, Headers: headers, Body: w.body.String()}
}
