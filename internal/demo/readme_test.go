package demo_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the transcript in README.md")

const readme = "../../README.md"

// took is how long a step took, at the end of its line: the one thing that may differ.
var took = regexp.MustCompile(`(?m) +[0-9.]+ s$`)

// checkReadme keeps README's transcript equal to the steps of a walk.
func checkReadme(t *testing.T, told string) {
	t.Helper()
	steps, _, _ := strings.Cut(told, "\n\n")
	steps = strings.TrimSpace(steps)
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), "\nok   ")
	_, after, ends := strings.Cut(rest, "\n```\n")
	if !begins || !ends {
		t.Fatal("README.md has no transcript whose steps begin with ok and that ends with ```")
	}
	shown := "ok   " + strings.TrimSuffix(rest, "\n```\n"+after)
	if took.ReplaceAllString(shown, "") == took.ReplaceAllString(steps, "") {
		return
	}
	if !*update {
		t.Fatalf("README.md's transcript is not true: run go test ./internal/demo -update\n got:\n%s\nwant:\n%s", shown, steps)
	}
	if err := os.WriteFile(readme, []byte(before+"\n"+steps+"\n```\n"+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
