//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"rollcall/internal/awssdk"
)

// miniStackVersion is the release of MiniStack that docs/emulators.md describes.
const miniStackVersion = "1.5.33"

// region is where the emulated account is.
const region = "us-east-1"

// installMiniStack installs MiniStack into a virtual environment of its own, once, and returns that one's Python.
func installMiniStack(t *testing.T) string {
	t.Helper()
	const how = "Python 3.10 or later with venv; Debian: apt-get install python3-venv"
	dir := CacheDir(t, "ministack-"+miniStackVersion)
	inside := filepath.Join("bin", "python")
	if _, err := os.Stat(filepath.Join(dir, "installed")); err == nil {
		return filepath.Join(dir, inside)
	}
	// Installed beside its place and then moved there, so that another run never sees half of it. What is called by
	// python -m does not mind.
	work, err := os.MkdirTemp(filepath.Dir(dir), "fetch-")
	if err != nil {
		t.Fatalf("make folder for MiniStack: %v", err)
	}
	defer os.RemoveAll(work)
	venv := filepath.Join(work, "venv")
	if out, err := exec.CommandContext(t.Context(), Need(t, "python3", how), "-m", "venv", venv).CombinedOutput(); err != nil {
		t.Fatalf("missing: %s: %v\n%s", how, err, out)
	}
	install := exec.CommandContext(t.Context(), filepath.Join(venv, inside), "-m", "pip", "install", "-q", "--disable-pip-version-check", "ministack=="+miniStackVersion)
	if out, err := install.CombinedOutput(); err != nil {
		t.Fatalf("missing: ministack %s, which pip could not install from PyPI (%v):\n%s", miniStackVersion, err, out)
	}
	if err := os.WriteFile(filepath.Join(venv, "installed"), nil, 0o644); err != nil {
		t.Fatalf("keep MiniStack: %v", err)
	}
	if err := os.Rename(venv, dir); err != nil {
		if _, there := os.Stat(filepath.Join(dir, "installed")); there != nil { // else another run was faster
			t.Fatalf("keep MiniStack: %v; remove %s if it is there", err, dir)
		}
	}
	return filepath.Join(dir, inside)
}

// startMiniStack starts MiniStack and returns what the SDK needs to reach it.
func startMiniStack(t *testing.T) (aws.Config, *Process) {
	t.Helper()
	python := installMiniStack(t)
	port := FreePort(t)
	url := fmt.Sprintf("http://127.0.0.1:%d", port)
	process := Start(t, Program{
		Name:    "ministack",
		Command: []string{python, "-m", "ministack.app"},
		Env: []string{
			"GATEWAY_PORT=" + strconv.Itoa(port), "BIND_HOST=127.0.0.1", "MINISTACK_HOST=127.0.0.1", "IOT_MTLS_ENABLED=0", "SFTP_ENABLED=0",
			"AWS_ENDPOINT_URL=" + url, // the functions would call AWS itself without it
			"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_SESSION_TOKEN=", "MINISTACK_REGION=" + region,
			"TMPDIR=" + t.TempDir(), "PYTHONDONTWRITEBYTECODE=1",
		},
		Ready: Answers(url + "/_ministack/health"),
	})
	return aws.Config{
		Region: region, BaseEndpoint: &url,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		HTTPClient:  awssdk.HTTPClient(nil, awssdk.AnswerWithin),
	}, process
}

// functionProcesses returns the ids of the processes that run a function. They are MiniStack's children, so that the name
// of a function that this run made finds no other run's.
func functionProcesses(t *testing.T, server *Process, function string) (pids []int) {
	t.Helper()
	folders, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		// Processes come and go: one that cannot be read is none of them.
		environment, err := os.ReadFile(filepath.Join(folder, "environ"))
		if err != nil || !bytes.Contains(environment, []byte("AWS_LAMBDA_FUNCTION_NAME="+function+"\x00")) {
			continue
		}
		if status(pid, "PPid:") == server.PID() {
			pids = append(pids, pid)
		}
	}
	return pids
}

// status returns a number of /proc/PID/status, -1 if there is none: "PPid:", or "VmHWM:", the most memory that the
// process had, in KiB.
func status(pid int, name string) int {
	all, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return -1
	}
	for line := range bytes.Lines(all) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			n, err := strconv.Atoi(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte("kB")))))
			if err != nil {
				return -1
			}
			return n
		}
	}
	return -1
}

// eventually asks until ask returns nil, at most for within, and fails the test with its last error.
func eventually(t *testing.T, within time.Duration, ask func() error) {
	t.Helper()
	end := time.Now().Add(within)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("after %v: %v", within, err)
		}
		select {
		case <-t.Context().Done():
			t.Fatal(t.Context().Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
