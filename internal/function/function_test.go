package function

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/google/go-cmp/cmp"
)

func TestConfigIsBesideTheBinary(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("LAMBDA_TASK_ROOT", folder)
	t.Setenv("ROLLCALL_CONTROL", "other-control")
	if cfg, err := Config("table"); err != nil || cfg.Table != "people" || cfg.Control != "other-control" {
		t.Errorf("without a file: table %q, control %q, %v", cfg.Table, cfg.Control, err)
	}
	write(t, filepath.Join(folder, "rollcall.yaml"), "table: staff\ncontrol: control\n")
	if cfg, err := Config("table"); err != nil || cfg.Table != "staff" || cfg.Control != "other-control" {
		t.Errorf("with a file: table %q, control %q, %v", cfg.Table, cfg.Control, err)
	}
}

// TestRefusalNamesEveryProblem has mistakes in the file, in a variable, in a variable's name and in what is missing.
func TestRefusalNamesEveryProblem(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("LAMBDA_TASK_ROOT", folder)
	t.Setenv("ROLLCALL_READ_RATE", "much")
	t.Setenv("ROLLCALL_TABEL", "people")
	write(t, filepath.Join(folder, "rollcall.yaml"), "guard: {min: -1}\nmapping:\n  active: (\n")
	_, err := Config("queue.intents")
	var out bytes.Buffer
	Refuse(NewLog(&out, "info"), errors.Join(err, errors.New("AWS_REGION: must be set"), fmt.Errorf("%w and %w", errors.New("one"), errors.New("other"))))
	var logged struct {
		Level    string
		Problems []string
	}
	if err := json.Unmarshal(out.Bytes(), &logged); err != nil {
		t.Fatalf("not one line of JSON: %v\n%s", err, out.String())
	}
	file := filepath.Join(folder, "rollcall.yaml")
	want := []string{
		file + ":1:14: guard.min: must not be below 0",
		file + ":3:11: mapping.active: column 1 of the expression: unexpected token EOF",
		"ROLLCALL_READ_RATE: readRate: must be a number",
		"ROLLCALL_QUEUE_INTENTS: queue.intents: must be set",
		"ROLLCALL_TABEL: no such setting",
		"AWS_REGION: must be set",
		"one and other",
	}
	if diff := cmp.Diff(want, logged.Problems); diff != "" || logged.Level != "error" {
		t.Errorf("level %q, problems (-want +got):\n%s", logged.Level, diff)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestLogHasVersionAndFunction(t *testing.T) {
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "flusher")
	var out bytes.Buffer
	log := NewLog(&out, "warn")
	log.Info("below the level")
	log.Warn("said")
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil || line["function"] != "flusher" || line["version"] == "" || line["msg"] != "said" {
		t.Errorf("%v: %s", err, out.String())
	}
}

// slow is an invocation that ends when it is told to, after a while.
func slow(after time.Duration) lambda.Handler {
	return Raw(func(ctx context.Context, payload []byte) ([]byte, error) {
		<-ctx.Done()
		time.Sleep(after)
		return payload, nil
	})
}

// TestTerminationWaitsForTheAnswer has an invocation in hand, whose answer takes its time to be taken, as aws-lambda-go
// says by its context.
func TestTerminationWaitsForTheAnswer(t *testing.T) {
	const answering = 50 * time.Millisecond
	for _, c := range []struct {
		name          string
		takes, waited time.Duration
	}{
		{"one that ends in time", 100 * time.Millisecond, 100*time.Millisecond + answering},
		{"one that does not", time.Minute, patience},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				told, tell := context.WithCancel(t.Context())
				i := &interruptible{Handler: slow(c.takes), told: told}
				answered := make(chan string, 1)
				go func() {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					answer, err := i.Invoke(ctx, []byte("payload"))
					time.Sleep(answering)
					answered <- fmt.Sprint(string(answer), err)
				}()
				synctest.Wait()
				start := time.Now()
				tell()
				i.wait(patience)
				if waited := time.Since(start); waited != c.waited {
					t.Errorf("waited %v, want %v", waited, c.waited)
				}
				if answer := <-answered; answer != "payload<nil>" {
					t.Errorf("answer %q", answer)
				}
			})
		})
	}
}

// TestTerminationDoesNotWaitForNothing has a process that has never been invoked, and one whose invocation is over.
func TestTerminationDoesNotWaitForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told, tell := context.WithCancel(t.Context())
		defer tell()
		i := &interruptible{Handler: slow(0), told: told}
		for range 2 {
			start := time.Now()
			i.wait(patience)
			if waited := time.Since(start); waited > 0 {
				t.Errorf("with nothing in hand it waited %v", waited)
			}
			tell()
			ctx, cancel := context.WithCancel(t.Context())
			if _, err := i.Invoke(ctx, nil); err != nil {
				t.Error(err)
			}
			cancel()
		}
		if len(i.inHand) != 1 {
			t.Errorf("it remembers %d invocations", len(i.inHand))
		}
	})
}

// TestLambdaLogIsOfTheLog has an invocation that fails, one that panics, and something else that aws-lambda-go says.
func TestLambdaLogIsOfTheLog(t *testing.T) {
	defer func(flags int) { log.SetOutput(os.Stderr); log.SetFlags(flags) }(log.Flags())
	var out bytes.Buffer
	TakeLambdaLog(NewLog(&out, "info"))
	log.Printf("%s", `{"errorMessage":"flush: busy","errorType":"wrapError"}`)
	log.Printf("%s", `{"errorMessage":"index out of range","errorType":"boundsError","stackTrace":[{"path":"a.go","line":7,"label":"f"}]}`)
	log.Print("WARNING! Failed to register internal extension!")
	var lines []string
	for line := range strings.Lines(out.String()) {
		var l struct{ Level, Msg, Error, Stack any }
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("not JSON: %s", line)
		}
		lines = append(lines, fmt.Sprint(l.Level, ", ", l.Msg, ", ", l.Error, ", ", l.Stack))
	}
	want := []string{
		"error, invocation failed, flush: busy, <nil>",
		"error, invocation failed, index out of range, [map[label:f line:7 path:a.go]]",
		"warning, WARNING! Failed to register internal extension!, <nil>, <nil>",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}
