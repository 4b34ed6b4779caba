package coldstart

import (
	"context"
	"path/filepath"
	"strings"
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

// TestFlusherEndsWhenTold sends SIGTERM to a flusher that waits for an invocation, and to one that has one in hand.
func TestFlusherEndsWhenTold(t *testing.T) {
	binary := build(t, "../../cmd/flusher", t.TempDir())
	for _, busy := range []bool{false, true} {
		// Nothing answers under the address of all services: the flusher tries for longer than this test takes.
		p, err := Start(binary, append(settings, "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_MAX_ATTEMPTS=100")...)
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-p.Polled:
		case <-time.After(10 * time.Second):
			p.Stop()
			t.Fatalf("the flusher did not ask for an invocation:\n%s", p.Log.String())
		}
		ctx, cancel := context.WithCancel(t.Context())
		if busy {
			go p.Invoke(ctx, []byte("{}")) // is not answered, or with an error
			time.Sleep(200 * time.Millisecond)
		}
		told := time.Now()
		if err := p.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := p.Wait(); err != nil {
			t.Errorf("busy %v: it ended with %v:\n%s", busy, err, p.Log.String())
		}
		if took := time.Since(told); took > 2*time.Second {
			t.Errorf("busy %v: it took %v to end; Lambda waits for half a second", busy, took)
		}
		cancel()
	}
}

// TestStreamHandlerTakesRawPayloads invokes the function with records of which none can be sent, since there is no
// queue, and one is nothing to Okta.
func TestStreamHandlerTakesRawPayloads(t *testing.T) {
	binary := build(t, "../../cmd/stream-handler", t.TempDir())
	configure(t, filepath.Dir(binary))
	p, err := Start(binary, append(settings, "AWS_MAX_ATTEMPTS=1", "LAMBDA_TASK_ROOT="+filepath.Dir(binary))...)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
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
}
