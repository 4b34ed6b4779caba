package awssdk

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// TestAnswersSurviveAClosedBody receives a message over a connection that is slow to return from its writes: net/http has
// the request's body still in hand when the SDK, to whom the answer has begun, closes it. Where the SDK's own client gets
// the answer too, smithy-go is mended: HTTPClient need not hide WriterTo any longer.
func TestAnswersSurviveAClosedBody(t *testing.T) {
	for name, c := range map[string]struct {
		client func(*awshttp.BuildableClient) aws.HTTPClient
		lost   bool
	}{
		"as it is here":     {func(b *awshttp.BuildableClient) aws.HTTPClient { return HTTPClient(b, AnswerWithin) }, false},
		"as the SDK has it": {func(b *awshttp.BuildableClient) aws.HTTPClient { return b }, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := slow{closed: make(chan struct{}), written: make(chan struct{})}
			server := httptest.NewServer(http.HandlerFunc(s.answer))
			defer server.Close()
			s.client = c.client(awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) { tr.DialContext = s.dial }))
			queue := sqs.NewFromConfig(aws.Config{
				Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""), HTTPClient: &s, RetryMaxAttempts: 1,
			}, func(o *sqs.Options) { o.BaseEndpoint = &server.URL })
			out, err := queue.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &server.URL})
			switch {
			case c.lost && err == nil:
				t.Error("smithy-go no longer loses the answer: HTTPClient need not hide WriterTo")
			case c.lost && !errors.Is(err, net.ErrClosed):
				t.Errorf("the answer is lost for another reason: %v", err)
			case !c.lost && (err != nil || len(out.Messages) != 1):
				t.Errorf("received %+v, %v", out, err)
			}
		})
	}
}

// slow is a client, a connection and a server that do what TestAnswersSurviveAClosedBody needs, each after the other.
type slow struct {
	client aws.HTTPClient
	// closed is closed when the SDK has closed the request's body, written when net/http has written the request without
	// an error.
	closed, written chan struct{}
}

// Do implements the SDK's HTTP client.
func (s *slow) Do(request *http.Request) (*http.Response, error) {
	trace := &httptrace.ClientTrace{WroteRequest: func(wrote httptrace.WroteRequestInfo) {
		if wrote.Err == nil {
			close(s.written)
		}
	}}
	response, err := s.client.Do(request.WithContext(httptrace.WithClientTrace(request.Context(), trace)))
	if err == nil {
		// The SDK closes the request's body, then it reads the answer's.
		response.Body = &noticed{ReadCloser: response.Body, read: sync.OnceFunc(func() { close(s.closed) })}
	}
	return response, err
}

type noticed struct {
	io.ReadCloser

	read func()
}

func (n *noticed) Read(p []byte) (int, error) {
	n.read()
	return n.ReadCloser.Read(p)
}

func (s *slow) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	return slowConn{conn, s.closed}, err
}

type slowConn struct {
	net.Conn

	closed <-chan struct{}
}

// Write sends at once, and returns for the request's body only when that was closed.
func (c slowConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if bytes.Contains(p, []byte("QueueUrl")) {
		<-c.closed
	}
	return n, err
}

// answer begins at once, and goes on when the request is written or the connection is gone.
func (s *slow) answer(w http.ResponseWriter, request *http.Request) {
	if _, err := io.ReadAll(request.Body); err != nil {
		return
	}
	io.WriteString(w, `{"Messages":`)
	w.(http.Flusher).Flush()
	select {
	case <-s.written:
	case <-request.Context().Done():
		return
	}
	io.WriteString(w, `[{"MessageId":"1","ReceiptHandle":"1","Body":"","MD5OfBody":"d41d8cd98f00b204e9800998ecf8427e"}]}`)
}

func TestBodiesDoNotWriteThemselves(t *testing.T) {
	var sent io.ReadCloser
	c := HTTPClient(doer(func(request *http.Request) (*http.Response, error) {
		sent = request.Body
		return nil, io.EOF
	}), AnswerWithin)
	for _, body := range []io.ReadCloser{nil, http.NoBody, io.NopCloser(strings.NewReader("body"))} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1:1", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		request.Body = body
		response, err := c.Do(request)
		if err == nil {
			response.Body.Close()
		}
		if !errors.Is(err, io.EOF) || request.Body != body {
			t.Errorf("%v, and the caller's body is %v", err, request.Body)
		}
		if body == nil || body == http.NoBody {
			if sent != body {
				t.Errorf("%v is sent as %v", body, sent)
			}
			continue
		}
		if _, ok := sent.(io.WriterTo); ok {
			t.Error("the body writes itself")
		}
		if text, err := io.ReadAll(sent); string(text) != "body" || err != nil {
			t.Errorf("sent %q, %v", text, err)
		}
	}
}

type doer func(*http.Request) (*http.Response, error)

func (d doer) Do(request *http.Request) (*http.Response, error) { return d(request) }

// TestAnswersThatDoNotBeginAreGivenUp has a server that takes as long as a long poll, and one that never answers.
func TestAnswersThatDoNotBeginAreGivenUp(t *testing.T) {
	for _, takes := range []time.Duration{20 * time.Second, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			here, there := net.Pipe()
			defer there.Close()
			go func() {
				if _, err := http.ReadRequest(bufio.NewReader(there)); err != nil {
					return
				}
				select {
				case <-time.After(takes):
					io.WriteString(there, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
				case <-ctx.Done():
				}
			}()
			c := HTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(tr *http.Transport) {
				tr.DialContext = func(context.Context, string, string) (net.Conn, error) { return here, nil }
			}), AnswerWithin)
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:1", http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			start := time.Now()
			response, err := c.Do(request)
			if err == nil {
				response.Body.Close()
			}
			if waited := time.Since(start); (err == nil) != (takes < AnswerWithin) || waited != min(takes, AnswerWithin) {
				t.Errorf("an answer after %v: %v after %v", takes, err, waited)
			}
		})
	}
}
