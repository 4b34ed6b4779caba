package main

import (
	"strings"
	"testing"
)

// Only a yes is a yes.
func TestIsYes(t *testing.T) {
	for answer, want := range map[string]bool{
		"y\n": true, "yes\n": true, " YES \r\n": true, "y": true,
		"": false, "\n": false, "n\n": false, "no\n": false, "yesterday\n": false, "\ny\n": false,
	} {
		if got := isYes(strings.NewReader(answer)); got != want {
			t.Errorf("%q is taken for %v", answer, got)
		}
	}
}
