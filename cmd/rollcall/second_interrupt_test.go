package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rollcall/okta/oktasim"
)

// screen is what a process has printed so far.
type screen struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestASecondInterruptEndsAtOnce interrupts rollcall local while Okta takes its time over the flush in hand: the first
// Ctrl-C waits and says so, the second does not wait.
func TestASecondInterruptEndsAtOnce(t *testing.T) {
	var errs screen
	cmd, line := startOn(t, &errs, "local", "--listen", "127.0.0.1:0", "--data", t.TempDir(), "--output", "json",
		"--rate-limit", "0", "--cooldown", "0", "--latency", "20s")
	var said struct{ ItemsURL, OktaURL string }
	if err := json.Unmarshal(line, &said); err != nil {
		t.Fatal(err)
	}
	h := &killedHouse{T: t, cmd: cmd, items: said.ItemsURL, url: said.OktaURL}
	h.put("jane", "Engineer", true)
	h.until("a call to Okta", func() bool {
		var seen struct{ Calls map[string]int }
		return json.Unmarshal(h.send(http.MethodGet, h.url+"/sim/calls", nil), &seen) == nil && seen.Calls[oktasim.OpList] > 0
	})
	interrupt := func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
	}
	interrupt()
	h.until("what to do about it", func() bool { return strings.Contains(errs.String(), "Ctrl-C again ends at once") })
	h.send(http.MethodGet, h.url+"/sim/calls", nil) // it goes on
	interrupt()
	began := time.Now()
	_ = cmd.Wait() // by a signal
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the second interrupt took %v", took)
	}
	if status := cmd.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("it ended by %v, want the interrupt", cmd.ProcessState)
	}
}

// until waits till a condition holds.
func (h *killedHouse) until(what string, holds func() bool) {
	h.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			h.Fatalf("waited in vain for %s", what)
		}
	}
}
