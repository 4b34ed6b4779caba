package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocumentedTable keeps docs/deploy.md's table that of the command.
func TestDocumentedTable(t *testing.T) {
	var out bytes.Buffer
	if err := run(nil, &out); err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("../../docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), out.String()) {
		t.Errorf("docs/deploy.md does not have the table:\n%s", out.String())
	}
}

func TestGivenPricesAreTaken(t *testing.T) {
	all := map[string]any{}
	if err := json.Unmarshal(listed, &all); err != nil {
		t.Fatal(err)
	}
	dearer, short, odd := maps.Clone(all), maps.Clone(all), maps.Clone(all)
	dearer["alarm"] = 100.0
	delete(short, "alarm")
	odd["alram"] = 1.0
	for name, tc := range map[string]struct {
		prices map[string]any
		want   string // in the table, or in the error
		fails  bool
	}{
		"dearer alarms":    {dearer, fmt.Sprintf("| CloudWatch: alarms | %d.00 |", 100*alarms), false},
		"a price missing":  {short, `no price for "alarm"`, true},
		"a price too many": {odd, "prices", true},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := json.Marshal(tc.prices)
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "prices.json")
			if err := os.WriteFile(file, text, 0o600); err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			err = run([]string{"-prices", file, "-changes", "0"}, &out)
			if tc.fails != (err != nil) {
				t.Fatalf("got error %v", err)
			}
			said := out.String()
			if err != nil {
				said = err.Error()
			}
			if !strings.Contains(said, tc.want) {
				t.Errorf("got %s, want %q in it", said, tc.want)
			}
		})
	}
}

func TestMoreChangesCostMore(t *testing.T) {
	few, many := items(10_000), items(1_000_000)
	for i := range few {
		if few[i].quantity > many[i].quantity {
			t.Errorf("%s: %v for 10,000 changes, %v for 1,000,000", few[i].name, few[i].quantity, many[i].quantity)
		}
	}
}

func TestBadChangesAreRefused(t *testing.T) {
	for _, changes := range []string{"many", "-1", ""} {
		if err := run([]string{"-changes", changes}, &bytes.Buffer{}); err == nil {
			t.Errorf("-changes %q is taken", changes)
		}
	}
}
