package main

import (
	"bytes"
	"strings"
	"testing"

	"rollcall/internal/config"
	"rollcall/internal/status"
)

func TestTheStreamHandlerIsNamedAfterTheDeployment(t *testing.T) {
	for url, want := range map[string]string{
		"https://sqs.eu-central-1.amazonaws.com/123456789012/staff-eu-intents": "staff-eu",
		"https://sqs.eu-central-1.amazonaws.com/123456789012/rollcall-intents": "rollcall",
		"https://sqs.eu-central-1.amazonaws.com/123456789012/changes":          "rollcall",
		"": "rollcall",
	} {
		if got := deploymentName(config.Config{Queue: config.Queue{Intents: url}}); got != want {
			t.Errorf("%q: %q, want %q", url, got, want)
		}
	}
}

func TestWhatIsNotKnownOfTheStreamHandlerIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		status status.Status
		want   string
	}{
		"a house":   {status.Status{}, ""},
		"not known": {status.Status{StreamHandler: "staff-stream-handler"}, "not known: CloudWatch told no iterator age of staff-stream-handler lately"},
		"known":     {status.Status{StreamHandler: "staff-stream-handler", Behind: new(2.0)}, "2s behind the table"},
	} {
		var out bytes.Buffer
		if err := statusTable(c.status).print(&out); err != nil {
			t.Fatal(err)
		}
		line := ""
		for text := range strings.Lines(out.String()) {
			if rest, ok := strings.CutPrefix(text, "stream-handler"); ok {
				line = strings.TrimSpace(rest)
			}
		}
		if line != c.want {
			t.Errorf("%s: %q, want %q", name, line, c.want)
		}
	}
}
