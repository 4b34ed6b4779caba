//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"rollcall/internal/awssdk"
)

// functionTimeout is how long an invocation may take.
const functionTimeout = 15 * time.Minute

// invoker is a client that waits for invocations: an answer begins when one is over.
func (e *emulator) invoker() *lambda.Client {
	return lambda.NewFromConfig(e.sdk, func(o *lambda.Options) { o.HTTPClient = awssdk.HTTPClient(nil, functionTimeout+time.Minute) })
}

// invoke invokes a function and returns what it answers. Its log goes into the run's folder.
func (h *house) invoke(ctx context.Context, function string, payload []byte) ([]byte, error) {
	out, err := h.lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(h.function(function)), Payload: payload, LogType: lambdatypes.LogTypeTail,
	}, func(o *lambda.Options) { o.RetryMaxAttempts = 1 })
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", function, err)
	}
	log, err := base64.StdEncoding.DecodeString(aws.ToString(out.LogResult))
	if err == nil {
		err = h.log(function, log)
	}
	if err != nil {
		return nil, fmt.Errorf("keep log of %s: %w", function, err)
	}
	if out.FunctionError != nil {
		return nil, fmt.Errorf("%s failed: %s", function, out.Payload)
	}
	return out.Payload, nil
}

func (h *house) logFile(function string) string {
	return filepath.Join(LogDir(), h.function(function)+".log")
}

func (h *house) log(function string, lines []byte) error {
	file, err := os.OpenFile(h.logFile(function), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(append(lines, '\n'))
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	return err
}

// flush invokes the flusher over and over until the test ends, as the scheduler does every minute but without a pause. An
// invocation that fails is followed by a second's pause. In the end the one in hand is told to end, as Lambda would.
func (h *house) flush(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for !isClosed(stop) {
			_, err := h.invoke(ctx, "flusher", []byte("{}"))
			if err == nil || isClosed(stop) {
				continue
			}
			h.mu.Lock()
			h.failures = append(h.failures, err.Error())
			h.mu.Unlock()
			select {
			case <-stop:
			case <-time.After(time.Second):
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		h.endFlusher(t, stopped)
		cancel()
		<-stopped
	})
}

// endFlusher tells the flusher to end until there is no more of it. Told once it may have been about to begin: the
// process of an invocation that was just sent is not there yet.
func (h *house) endFlusher(t *testing.T, stopped <-chan struct{}) {
	t.Helper()
	end := time.After(10 * time.Second)
	for {
		h.signal(t, "flusher", syscall.SIGTERM)
		select {
		case <-stopped:
			return
		case <-end:
			t.Errorf("the flusher goes on 10 s after SIGTERM")
			return
		case <-time.After(500 * time.Millisecond):
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// signal sends a signal to the processes of a function and returns how many there are.
func (h *house) signal(t *testing.T, function string, signal syscall.Signal) int {
	t.Helper()
	pids := functionProcesses(t, h.emulator.Process, h.function(function))
	for _, pid := range pids {
		_ = syscall.Kill(pid, signal) // it may be gone already
	}
	return len(pids)
}

// failed returns the failures of the flusher's invocations up to now.
func (h *house) failed() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.failures...)
}

// flushed returns what the logs of the flusher's invocations that are over say of its flushes that took messages.
func (h *house) flushed() (all []flushLine, err error) {
	log, err := os.ReadFile(h.logFile("flusher"))
	if err != nil {
		return nil, err
	}
	for line := range bytes.Lines(log) {
		var l flushLine
		if json.Unmarshal(line, &l) == nil && l.Msg == "flush" && l.Messages > 0 {
			all = append(all, l)
		}
	}
	return all, nil
}

// flushLine is the log line of a flush, in part.
type flushLine struct {
	Msg, Outcome string
	Messages     int
}
