//go:build e2e

// Package e2e runs rollcall against servers that nobody here wrote. It installs them from the package registries into
// a cache, starts them on loopback on free ports, ends them with the test, and leaves their logs in a folder that it
// prints. Where one cannot be installed, its suite fails with a line that says what is missing.
package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"rollcall/internal/awssdk"
)

// LogDir is the folder of this run's logs, made and printed when first asked for: logs/<time> in the package's folder.
var LogDir = sync.OnceValue(func() string {
	dir, err := filepath.Abs(filepath.Join("logs", time.Now().Format("20060102-150405")))
	if err == nil {
		err = os.MkdirAll(dir, 0o755)
	}
	if err != nil {
		panic(fmt.Sprintf("make log folder: %v", err))
	}
	fmt.Fprintf(os.Stderr, "e2e: the servers' logs are in %s\n", dir)
	return dir
})

// CacheDir returns the folder in which what is installed is kept from run to run: name under
// ${XDG_CACHE_HOME:-~/.cache}/rollcall.
func CacheDir(t *testing.T, name string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatalf("missing: a cache folder: %v", err)
	}
	dir := filepath.Join(cache, "rollcall", name)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatalf("missing: a cache folder: %v", err)
	}
	return dir
}

// runDir is a folder for what is built for this run alone. TestMain removes it.
var runDir = sync.OnceValue(func() string {
	dir, err := os.MkdirTemp("", "rollcall-e2e-")
	if err != nil {
		panic(fmt.Sprintf("make folder of the run: %v", err))
	}
	return dir
})

// Need returns the path of a program, or fails the test with a line that says what is missing and how to get it.
func Need(t *testing.T, program, how string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		t.Fatalf("missing: %s (%s)", program, how)
	}
	return path
}

// Program is a server to start.
type Program struct {
	// Name names the log: <Name>.log in LogDir, appended to when a name starts again.
	Name    string
	Command []string
	// Env is added to this process's environment.
	Env []string
	Dir string
	// Ready returns nil when the server answers. It is asked every 100 ms, for at most ReadyWithin (a minute if zero).
	Ready       func(context.Context) error
	ReadyWithin time.Duration
}

// Process is a server that runs. It and whatever it started end with the test.
type Process struct {
	Log  string
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of Wait, once done is closed
}

// Start starts a server in a process group of its own and waits until it is ready.
func Start(t *testing.T, p Program) *Process {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(LogDir(), p.Name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatalf("open log of %s: %v", p.Name, err)
	}
	defer log.Close()
	cmd := exec.Command(p.Command[0], p.Command[1:]...)
	cmd.Env = append(os.Environ(), p.Env...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.Dir, log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatalf("start %s: %v", p.Name, err)
	}
	process := &Process{Log: log.Name(), cmd: cmd, done: make(chan struct{})}
	go func() {
		process.err = cmd.Wait()
		close(process.done)
	}()
	t.Cleanup(process.Stop)
	process.await(t, p)
	return process
}

func (p *Process) await(t *testing.T, program Program) {
	t.Helper()
	if program.Ready == nil {
		return
	}
	within := program.ReadyWithin
	if within == 0 {
		within = time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	for {
		err := program.Ready(ctx)
		if err == nil && !isClosed(p.done) { // else somebody else answers
			return
		}
		select {
		case <-p.done:
			t.Fatalf("%s ended before it was ready (%v); its log ends with:\n%s", program.Name, p.err, p.Tail())
		case <-ctx.Done():
			t.Fatalf("%s is not ready after %v (%v); its log ends with:\n%s", program.Name, within, err, p.Tail())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// PID returns the process's id, which is its group's too.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Kill ends the process and its group at once, as a crash would.
func (p *Process) Kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

// Stop asks the process to end, and kills what is left of its group after ten seconds. It may be called twice.
func (p *Process) Stop() {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
	}
	p.signal(syscall.SIGKILL) // the group may outlive its leader
	<-p.done
}

// signal sends to the group that Start made, and to no other.
func (p *Process) signal(s syscall.Signal) {
	if err := syscall.Kill(-p.PID(), s); err != nil && !errors.Is(err, syscall.ESRCH) {
		fmt.Fprintf(os.Stderr, "e2e: signal %v to process group %d: %v\n", s, p.PID(), err)
	}
}

// Tail returns the last lines of the log.
func (p *Process) Tail() string {
	log, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-20):], []byte("\n")))
}

// Answers returns a check that the URL answers with any status below 500.
func Answers(url string) func(context.Context) error {
	return func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode >= 500 {
			return fmt.Errorf("%s answers %s", url, response.Status)
		}
		return nil
	}
}

// UseAWS points the SDK's default configuration, here and in processes that are started later, at servers on loopback:
// endpoints maps a service ("DYNAMODB", "SQS"; "" for all) to its URL.
func UseAWS(t *testing.T, endpoints map[string]string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "", "AWS_REGION": "us-east-1",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
	for service, url := range endpoints {
		name := "AWS_ENDPOINT_URL"
		if service != "" {
			name += "_" + service
		}
		t.Setenv(name, url)
	}
}

// loadAWS configures the SDK from the environment, with the functions' client of HTTP.
func loadAWS(t *testing.T) aws.Config {
	t.Helper()
	cfg, err := config.LoadDefaultConfig(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	cfg.HTTPClient = awssdk.HTTPClient(cfg.HTTPClient, awssdk.AnswerWithin)
	return cfg
}
