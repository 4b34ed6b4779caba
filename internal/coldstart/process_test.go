package coldstart

import (
	"context"
	"encoding/json"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestFunctionsRefuseWrongSettings starts each function with several mistakes: it says all of them and ends with code 1.
func TestFunctionsRefuseWrongSettings(t *testing.T) {
	t.Parallel()
	for _, name := range functions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := Start(build(t, "../../cmd/"+name, t.TempDir()), "ROLLCALL_TABLE=a b", "ROLLCALL_GUARD_PERCENT=101", "ROLLCALL_TYPO=1",
				"AWS_MAX_ATTEMPTS=many")
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Wait(); err == nil || err.Error() != "exit status 1" {
				t.Errorf("it ended with %v", err)
			}
			for _, want := range []string{
				"ROLLCALL_TABLE: table: must be", "ROLLCALL_GUARD_PERCENT: guard.percent: must be", "ROLLCALL_TYPO: no such setting",
				"AWS_MAX_ATTEMPTS: must be a number",
			} {
				if !strings.Contains(p.Log.String(), want) {
					t.Errorf("it does not say %q:\n%s", want, p.Log.String())
				}
			}
			if lines := strings.Count(p.Log.String(), "\n"); lines != 1 {
				t.Errorf("it says so in %d lines:\n%s", lines, p.Log.String())
			}
		})
	}
}

// lambdaKillsAfter is how long after SIGTERM Lambda kills a process.
const lambdaKillsAfter = 500 * time.Millisecond

// TestFlusherEndsWhenTold sends SIGTERM to a flusher that waits for an invocation, to one that waits for a message, and to
// one that cannot reach AWS. Each ends by itself before Lambda would kill it, the second with its lease given back and
// its invocation answered. A machine that is busy with other things gets three tries.
func TestFlusherEndsWhenTold(t *testing.T) {
	binary := build(t, "../../cmd/flusher", t.TempDir())
	for name, end := range map[string]func(*testing.T, string) time.Duration{
		"waiting for an invocation": endIdle, "waiting for a message": endPolling, "without AWS": endUnreachable,
	} {
		t.Run(name, func(t *testing.T) {
			var took time.Duration
			for range 3 {
				if took = end(t, binary); took < lambdaKillsAfter {
					return
				}
			}
			t.Errorf("it took %v to end", took)
		})
	}
}

func endIdle(t *testing.T, binary string) time.Duration {
	p := started(t, binary, "http://127.0.0.1:1")
	return ended(t, p)
}

func endPolling(t *testing.T, binary string) time.Duration {
	cloud := emptyCloud{polled: make(chan struct{}, 1)}
	server := httptest.NewServer(&cloud)
	defer server.Close()
	p := started(t, binary, server.URL)
	answer := make(chan struct{})
	go func() {
		p.Invoke(t.Context(), []byte("{}")) // with the error that it was told to end
		close(answer)
	}()
	<-cloud.polled
	leases := cloud.updates.Load()
	took := ended(t, p)
	if cloud.updates.Load() == leases {
		t.Errorf("it did not give its lease back:\n%s", p.Log.String())
	}
	select {
	case <-answer:
	case <-time.After(5 * time.Second):
		t.Errorf("it did not answer:\n%s", p.Log.String())
	}
	return took
}

// endUnreachable has nothing that answers under the address of all services: the flusher tries for longer than this
// test takes.
func endUnreachable(t *testing.T, binary string) time.Duration {
	p := started(t, binary, "http://127.0.0.1:1")
	go p.Invoke(t.Context(), []byte("{}")) // is not answered, or with an error
	time.Sleep(200 * time.Millisecond)
	return ended(t, p)
}

// started starts a flusher and waits until it asks for an invocation.
func started(t *testing.T, binary, endpoint string) *Process {
	t.Helper()
	p, err := Start(binary, append(settings, "AWS_ENDPOINT_URL="+endpoint, "AWS_MAX_ATTEMPTS=100")...)
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Polled:
	case <-time.After(10 * time.Second):
		p.Stop()
		t.Fatalf("the flusher did not ask for an invocation:\n%s", p.Log.String())
	}
	return p
}

// ended sends SIGTERM and returns how long the process takes to end by itself.
func ended(t *testing.T, p *Process) time.Duration {
	t.Helper()
	told := time.Now()
	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, p.Log.String())
	}
	return time.Since(told)
}

// emptyCloud is an AWS with an empty queue, and a control table that holds what was written there last.
type emptyCloud struct {
	// polled is sent to when a message is waited for.
	polled  chan struct{}
	updates atomic.Int64
	control atomic.Pointer[string]
}

func (c *emptyCloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Key                       map[string]json.RawMessage
		ExpressionAttributeNames  map[string]string
		ExpressionAttributeValues map[string]json.RawMessage
	}
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		return
	}
	answer := "{}"
	switch _, call, _ := strings.Cut(r.Header.Get("X-Amz-Target"), "."); call {
	case "UpdateItem":
		in.Key[in.ExpressionAttributeNames["#value"]] = in.ExpressionAttributeValues[":value"]
		in.Key[in.ExpressionAttributeNames["#version"]] = in.ExpressionAttributeValues[":next"]
		item, _ := json.Marshal(map[string]any{"Item": in.Key})
		c.control.Store(new(string(item)))
		c.updates.Add(1)
	case "GetItem":
		if item := c.control.Load(); item != nil {
			answer = *item
		}
	case "ReceiveMessage":
		c.polled <- struct{}{}
		<-r.Context().Done()
		return
	}
	w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE([]byte(answer))), 10))
	io.WriteString(w, answer)
}

// TestStreamHandlerTakesRawPayloads invokes the function with records of which none can be sent, since there is no
// queue, and one is nothing to Okta; then with what is no payload, which it says once. All that it says is JSON.
func TestStreamHandlerTakesRawPayloads(t *testing.T) {
	binary := build(t, "../../cmd/stream-handler", t.TempDir())
	configure(t, filepath.Dir(binary))
	p, err := Start(binary, append(settings, "AWS_MAX_ATTEMPTS=1", "LAMBDA_TASK_ROOT="+filepath.Dir(binary))...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const image = `{"id":{"S":"ann"},"active":{"BOOL":true},"email":{"S":"ann@example.com"}}`
	record := func(number, before, after string) string {
		return `{"eventID":"` + number + `","eventName":"MODIFY","dynamodb":{"Keys":{"id":{"S":"ann"}},"SequenceNumber":"` + number +
			`","StreamViewType":"NEW_AND_OLD_IMAGES","OldImage":` + before + `,"NewImage":` + after + `}}`
	}
	changed := strings.Replace(image, "ann@", "anna@", 1)
	answer, err := p.Invoke(ctx, []byte(`{"Records":[`+record("111", image, image)+","+record("222", image, changed)+`]}`))
	if err != nil || string(answer) != `{"batchItemFailures":[{"itemIdentifier":"222"}]}` {
		t.Errorf("answer %s, %v", answer, err)
	}
	if _, err := p.Invoke(ctx, []byte(`{"Records":`)); err == nil || !strings.Contains(err.Error(), "handle batch") {
		t.Errorf("half a payload: %v", err)
	}
	p.Stop()
	failed := 0
	for line := range strings.Lines(p.Log.String()) {
		var l struct{ Level, Error string }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Errorf("a line is not JSON: %s", line)
		}
		if strings.Contains(line, "handle batch") {
			failed++
			if l.Level != "error" || !strings.HasPrefix(l.Error, "handle batch") {
				t.Errorf("the failure is told as %s", line)
			}
		}
	}
	if failed != 1 {
		t.Errorf("the failure is told %d times:\n%s", failed, p.Log.String())
	}
}
