package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// alarmNames are the keys of the maps in alarms.tf, and the alarms that stand alone.
func alarmNames(t *testing.T) (names []string) {
	t.Helper()
	text := readText(t, "../../infra/terraform/alarms.tf")
	for _, m := range regexp.MustCompile(`(?m)^    ([a-z][a-z-]*) = \{$`).FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	for _, m := range regexp.MustCompile(`alarm_name\s+= "\$\{var\.name\}-([a-z-]+)"`).FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	if len(names) < 22 || !slices.Contains(names, "held") || !slices.Contains(names, "items-api-slow") || !slices.Contains(names, "flusher-silent") {
		t.Fatalf("alarms.tf has another form than this test reads: found %q", names)
	}
	return names
}

// Each alarm has a section of its name, and no section is of an alarm that is not there.
func TestRunbookHasEveryAlarm(t *testing.T) {
	book := readText(t, "../../docs/runbook.md")
	_, after, _ := strings.Cut(book, "\n## Alarms\n")
	section, _, _ := strings.Cut(after, "\n## ")
	var told []string
	for _, m := range regexp.MustCompile(`(?m)^### (.+)$`).FindAllStringSubmatch(section, -1) {
		told = append(told, m[1])
	}
	alarms := alarmNames(t)
	for _, name := range alarms {
		if !slices.Contains(told, name) {
			t.Errorf("alarm %s has no section", name)
		}
	}
	for _, name := range told {
		if !slices.Contains(alarms, name) {
			t.Errorf("section %s is of no alarm", name)
		}
	}
}

// Every command that the runbook names is there, with its flags.
func TestRunbookCommands(t *testing.T) {
	book := readText(t, "../../docs/runbook.md")
	spans := regexp.MustCompile("`(rollcall [^`]+)`").FindAllStringSubmatch(strings.ReplaceAll(book, "\n", " "), -1)
	blocks := regexp.MustCompile(`(?m)^    (rollcall [^#\n]+)`).FindAllStringSubmatch(book, -1)
	named := append(spans, blocks...)
	if len(named) < 50 {
		t.Fatalf("found %d commands", len(named))
	}
	for _, m := range named {
		words := strings.Fields(m[1])[1:]
		cmd, _, err := newRoot().Find(words)
		if err != nil || !cmd.HasParent() || cmd.HasSubCommands() && len(words) > 1 {
			t.Errorf("%s: there is no such command", m[1])
			continue
		}
		for _, word := range words {
			if name, isFlag := strings.CutPrefix(word, "--"); isFlag && cmd.Flags().Lookup(name) == nil {
				t.Errorf("%s: %s has no flag %s", m[1], cmd.CommandPath(), word)
			}
		}
	}
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
