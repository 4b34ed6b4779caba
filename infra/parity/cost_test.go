package parity

import (
	"fmt"
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
