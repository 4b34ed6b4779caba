package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// Only a yes is a yes.
func TestAsk(t *testing.T) {
	for answer, want := range map[string]bool{
		"y\n": true, "yes\n": true, " YES \r\n": true, "y": true,
		"": false, "\n": false, "n\n": false, "no\n": false, "yesterday\n": false, "\ny\n": false,
	} {
		switch err := ask(t.Context(), strings.NewReader(answer)); {
		case err != nil && !errors.Is(err, errDeclined):
			t.Error(err)
		case (err == nil) != want:
			t.Errorf("%q is taken for %v", answer, err == nil)
		}
	}
}

// Ctrl-C at the question, and while standard input gives nothing, ends the command.
func TestWaitingForInputEndsWithTheContext(t *testing.T) {
	in, feed := io.Pipe()
	defer feed.Close()
	ctx, cancel := context.WithCancel(t.Context())
	answered := make(chan error, 1)
	go func() { answered <- ask(ctx, in) }()
	cancel()
	if err := <-answered; !errors.Is(err, errDeclined) || !strings.HasPrefix(err.Error(), "interrupted: ") {
		t.Errorf("the question: %v", err)
	}

	house := newRestingHouse(t)
	in, feed = io.Pipe()
	defer feed.Close()
	ctx, cancel = context.WithCancel(t.Context())
	ended := make(chan int, 1)
	var stderr bytes.Buffer
	go func() {
		ended <- run(ctx, []string{"replay", "file", "-", "--data", house.dir}, in, io.Discard, &stderr)
	}()
	if _, err := feed.Write([]byte(`{"Item":{"id":{"S":"ann"}}}` + "\n")); err != nil {
		t.Fatal(err)
	}
	cancel()
	if code := <-ended; code != exitFailed || !strings.Contains(stderr.String(), "rollcall: interrupted\n") {
		t.Errorf("it ended with %d:\n%s", code, &stderr)
	}
}
