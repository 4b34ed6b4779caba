// Package coldstart starts functions as Lambda does, by the runtime API of provided.al2023, and tells how long they take
// till they ask for their first invocation. It serves the benchmark of cold starts, and tests that need a function as a
// process.
package coldstart

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Runtime is the runtime API for one process. Its paths are those of Lambda's runtime and extensions APIs.
type Runtime struct {
	// Polled is sent the time of the process's first request for an invocation.
	Polled chan time.Time

	server   http.Server
	address  string
	requests chan []byte
	answers  chan answer
	done     chan struct{}
	polled   bool
}

// answer is what the process made of an invocation.
type answer struct {
	body   []byte
	failed bool
}

// lifetime is the time that an invocation has: the timeout of the flusher.
const lifetime = 15 * time.Minute

// NewRuntime begins to listen on loopback.
func NewRuntime() (*Runtime, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	r := &Runtime{
		Polled: make(chan time.Time, 1), address: listener.Addr().String(),
		requests: make(chan []byte), answers: make(chan answer), done: make(chan struct{}),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", r.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/{outcome}", r.answered)
	mux.HandleFunc("POST /2020-01-01/extension/register", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Lambda-Extension-Identifier", "1")
	})
	mux.HandleFunc("GET /2020-01-01/extension/event/next", func(_ http.ResponseWriter, req *http.Request) { r.wait(req) })
	r.server = http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go r.server.Serve(listener) // till Close
	return r, nil
}

// Address is host and port, for AWS_LAMBDA_RUNTIME_API.
func (r *Runtime) Address() string { return r.address }

// Close ends the API. A process that is still there ends by itself then.
func (r *Runtime) Close() error {
	close(r.done)
	return r.server.Close()
}

// Invoke hands the payload to the process and returns what it answers; the error is the function's own if it failed.
func (r *Runtime) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	select {
	case r.requests <- payload:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the function to ask: %w", ctx.Err())
	}
	select {
	case a := <-r.answers:
		if a.failed {
			return nil, errors.New(string(a.body))
		}
		return a.body, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the function's answer: %w", ctx.Err())
	}
}

// next serves one process, whose requests come one after the other.
func (r *Runtime) next(w http.ResponseWriter, req *http.Request) {
	if !r.polled {
		r.polled = true
		r.Polled <- time.Now()
	}
	select {
	case payload := <-r.requests:
		w.Header().Set("Lambda-Runtime-Aws-Request-Id", "1")
		w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(lifetime).UnixMilli(), 10))
		w.Write(payload)
	case <-req.Context().Done():
	case <-r.done:
	}
}

func (r *Runtime) answered(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	w.WriteHeader(http.StatusAccepted)
	select {
	case r.answers <- answer{body: body, failed: strings.HasSuffix(req.URL.Path, "/error")}:
	case <-r.done:
	}
}

func (r *Runtime) wait(req *http.Request) {
	select {
	case <-req.Context().Done():
	case <-r.done:
	}
}
