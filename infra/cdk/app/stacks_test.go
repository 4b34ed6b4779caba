package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const people = `"tableName": "people", "packages": {"bucket": "releases"}, "okta": {"orgUrl": "https://example.okta.com", "identitySourceId": "0oa1a2b3c4d5e6f7g8h9"}`

func TestReadStacks(t *testing.T) {
	for name, tc := range map[string]struct{ text, want string }{
		"one":              {`{"a": {` + people + `}}`, ""},
		"none":             {`{}`, "has no stack"},
		"not JSON":         {`{`, "parse"},
		"unknown key":      {`{"a": {` + people + `, "tableNmae": "x"}}`, `unknown field "tableNmae"`},
		"bad setting":      {`{"a": {` + people + `, "architecture": "sparc"}}`, "stack a: architecture"},
		"one source twice": {`{"a": {` + people + `}, "b": {` + people + `, "name": "b"}}`, "stack b: okta.identitySourceId: stack a serves"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "stacks.json")
			if err := os.WriteFile(path, []byte(tc.text), 0o600); err != nil {
				t.Fatal(err)
			}
			stacks, err := readStacks(path)
			if tc.want == "" && (err != nil || stacks["a"].TableName != "people") {
				t.Fatalf("got %v, error %v", stacks, err)
			}
			if tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)) {
				t.Fatalf("got error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestReadStacksTakesPathsFromTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stacks.json")
	text := `{"a": {` + strings.Replace(people, `"bucket": "releases"`, `"directory": "dist"`, 1) + `}}`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := readStacks(path)
	if want := filepath.Join(filepath.Dir(path), "dist"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got error %v, want zips to be looked for in %s", err, want)
	}
}

func TestReadStacksSaysWhatToDoWithoutAFile(t *testing.T) {
	if _, err := readStacks(filepath.Join(t.TempDir(), "none.json")); err == nil || !strings.Contains(err.Error(), "stacks.example.json") {
		t.Errorf("got error %v, want one that names the example", err)
	}
}
