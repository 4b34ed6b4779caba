package parity

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCostCountsTheAlarms keeps the number that infra/cost multiplies the true one.
func TestCostCountsTheAlarms(t *testing.T) {
	terraform, _, _ := houses(t, "minimal")
	line := fmt.Sprintf("\n\talarms = %d\n", count(terraform)["AWS::CloudWatch::Alarm"])
	if !strings.Contains(read(t, "../cost/calls.go"), line) {
		t.Errorf("infra/cost/calls.go has no line %q", strings.TrimSpace(line))
	}
}

// TestGuideCountsThePlan keeps what docs/deploy.md shows of a plan true.
func TestGuideCountsThePlan(t *testing.T) {
	var of plan
	text := read(t, filepath.Join(os.Getenv("PARITY_DIR"), "minimal.plan.json"))
	if err := json.Unmarshal([]byte(text), &of); err != nil {
		t.Fatal(err)
	}
	added := 0
	for _, change := range of.ResourceChanges {
		if change.Mode == "managed" {
			added++
		}
	}
	if line := fmt.Sprintf("\nPlan: %d to add, 0 to change, 0 to destroy.\n", added); !strings.Contains(read(t, "../../docs/deploy.md"), line) {
		t.Errorf("docs/deploy.md has no line %q", strings.TrimSpace(line))
	}
}
