package parity

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestSameInputs keeps the module's variables, its README and the construct's props in step.
func TestSameInputs(t *testing.T) {
	variables := matches(t, "../terraform/variables.tf", `(?m)^variable "([a-z_]+)"`)
	readme := read(t, "../terraform/README.md")
	props, _, _ := strings.Cut(read(t, "../cdk/props.go"), "\n}\n")
	var fields []string
	for _, match := range regexp.MustCompile(`json:"([A-Za-z]+)"`).FindAllStringSubmatch(props, -1) {
		fields = append(fields, snake(match[1]))
	}
	slices.Sort(fields)
	if !slices.Equal(variables, fields) {
		t.Errorf("the module's variables are\n%v\nthe construct's props\n%v", variables, fields)
	}
	for _, name := range variables {
		if !strings.Contains(readme, "\n| `"+name+"` |") {
			t.Errorf("infra/terraform/README.md does not list input %s", name)
		}
	}
	for _, name := range matches(t, "../terraform/outputs.tf", `(?m)^output "([a-z_]+)"`) {
		if !strings.Contains(readme, "`"+name+"`") {
			t.Errorf("infra/terraform/README.md does not list output %s", name)
		}
	}
}

func snake(camel string) string {
	return strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(camel, "${1}_${2}"))
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func matches(t *testing.T, path, pattern string) []string {
	t.Helper()
	var found []string
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(read(t, path), -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	return found
}
