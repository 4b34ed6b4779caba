package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// interruptedLines is how long the file is that is replayed: long enough for an interruption to come in the middle.
const interruptedLines = 100_000

// TestInterruptedInTheMiddleOfAReplay sends the program the signal of Ctrl-C while it replays a file, and starts it
// again: nothing is lost, hardly anything comes twice, and a bad line of the first part is not forgotten.
func TestInterruptedInTheMiddleOfAReplay(t *testing.T) {
	dir, state := t.TempDir(), t.TempDir()
	t.Setenv("XDG_STATE_HOME", state)
	startHouse(t, dir).kill()
	file := filepath.Join(t.TempDir(), "records.jsonl")
	var text bytes.Buffer
	fmt.Fprintln(&text, "no record")
	for n := range interruptedLines {
		fmt.Fprintf(&text, `{"Item":{"id":{"S":"p%d"},"active":{"BOOL":true},"email":{"S":"p%[1]d@example.com"}}}`+"\n", n)
	}
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("rollcall")
	if err != nil {
		t.Fatal(err)
	}
	start := func() (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
		stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
		cmd = exec.Command(program, "replay", "file", file, "--data", dir)
		cmd.Stdout, cmd.Stderr = stdout, stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, stdout, stderr
	}
	code := func(err error) int {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode()
		}
		return 0
	}

	cmd, _, said := start()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(time.Millisecond) {
		if saved, _ := filepath.Glob(filepath.Join(state, "rollcall", "*.json")); len(saved) > 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatal("no checkpoint was saved")
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if got := code(cmd.Wait()); got != exitFailed {
		t.Errorf("an interruption ends with %d:\n%s", got, said)
	}
	for _, want := range []string{"line 1: not a JSON object", "rollcall: interrupted: started again within a day it goes on from there, by " + state} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("it did not say %q:\n%s", want, said)
		}
	}

	cmd, told, said := start()
	if got := code(cmd.Wait()); got != exitFailed {
		t.Errorf("with a problem of before the interruption it ends with %d", got)
	}
	if !strings.Contains(said.String(), "going on from where it stopped") || !regexp.MustCompile(`(?m)^before that: .*, line 1: not a JSON object`).MatchString(said.String()) {
		t.Errorf("of the first part it said\n%s", said)
	}
	total := fmt.Sprintf("enqueued %d upserts and 0 deactivations of %[1]d records: 0 nothing to Okta, 0 rejects, 1 problem; in all, with what was done before an interruption\n",
		interruptedLines)
	if told.String() != total {
		t.Errorf("got  %swant %s", told, total)
	}
	if left, _ := filepath.Glob(filepath.Join(state, "rollcall", "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
