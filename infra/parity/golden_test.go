package parity

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden lists")

// list is what statements allow, as the golden lists have it.
func list(statements []Statement, place Place) string {
	var b strings.Builder
	anywhere := strings.NewReplacer(":"+place.Partition+":", ":aws:", place.Region, "REGION", place.Account, "ACCOUNT")
	for _, s := range statements {
		fmt.Fprintf(&b, "  %s\n", s.ID)
		for _, action := range s.Actions {
			fmt.Fprintf(&b, "    %s\n", action)
		}
		for _, resource := range s.Resources {
			fmt.Fprintf(&b, "    on %s\n", anywhere.Replace(resource))
		}
		if s.Condition != "" {
			fmt.Fprintf(&b, "    if %s\n", anywhere.Replace(s.Condition))
		}
	}
	return b.String()
}

// TestRolesMayWhatTheGoldenListsSay fails when a role may do more, less or elsewhere. Look at the difference before updating.
func TestRolesMayWhatTheGoldenListsSay(t *testing.T) {
	for _, variant := range variants {
		terraform, _, place := houses(t, variant)
		var b strings.Builder
		for _, role := range union(terraform.Roles, nil) {
			fmt.Fprintf(&b, "%s\n%s\n", role, list(terraform.Roles[role], place))
		}
		path := filepath.Join("testdata", variant, "roles.golden")
		if *update {
			if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.String(); got != string(want) {
			t.Errorf("%s differs; roles may now\n%s", path, got)
		}
	}
}

// noResourceLevel are the actions that AWS allows on everything or on nothing, by its service authorization reference.
var noResourceLevel = map[string]bool{
	"dynamodb:ListStreams":           true,
	"cloudwatch:GetMetricStatistics": true,
}

func TestNothingOnEverything(t *testing.T) {
	for _, variant := range variants {
		terraform, _, _ := houses(t, variant)
		for role, statements := range terraform.Roles {
			for _, s := range statements {
				for _, action := range s.Actions {
					if strings.Contains(action, "*") {
						t.Errorf("%s: %s may do %s", variant, role, action)
					}
					for _, resource := range s.Resources {
						if resource == "*" && !noResourceLevel[action] {
							t.Errorf("%s: %s may %s on everything", variant, role, action)
						}
					}
				}
			}
		}
	}
}
