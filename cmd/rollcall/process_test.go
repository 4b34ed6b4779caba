package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// rollcall is a process of this program that is not started yet.
func rollcall(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	program, err := exec.LookPath("rollcall")
	if err != nil {
		t.Fatal(err)
	}
	return exec.Command(program, args...)
}

// start starts a process that serves, and returns it with the line that it prints when it is ready. It ends with the test.
func start(t *testing.T, args ...string) (cmd *exec.Cmd, ready []byte) {
	t.Helper()
	return startOn(t, os.Stderr, args...)
}

// startOn is start with another standard error.
func startOn(t *testing.T, stderr io.Writer, args ...string) (cmd *exec.Cmd, ready []byte) {
	t.Helper()
	cmd = rollcall(t, args...)
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	ready, err = bufio.NewReader(out).ReadBytes('\n')
	if err != nil {
		t.Fatalf("rollcall %v printed %q: %v", args, ready, err)
	}
	return cmd, ready
}

// kill kills a process as SIGKILL does.
func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
}

// refused runs a process that must end by itself, and returns its exit code and what it printed.
func refused(t *testing.T, args ...string) (code int, output string) {
	t.Helper()
	var said bytes.Buffer
	cmd := rollcall(t, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	if !late.Stop() {
		t.Fatalf("rollcall %v goes on running: %s", args, &said)
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), said.String()
	}
	if err != nil {
		t.Fatal(err)
	}
	return exitDone, said.String()
}
