package sim

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var uploadTo = regexp.MustCompile(`okta\.bulk-\w+ (\w+)`)

// uploads are the most uploads that a session of a play gets.
func uploads(lines []string) int {
	counts := map[string]int{}
	most := 0
	for _, line := range lines {
		if m := uploadTo.FindStringSubmatch(line); m != nil {
			counts[m[1]]++
			most = max(most, counts[m[1]])
		}
	}
	return most
}

// TestVastPlays checks that there are plays that come to the limits of a session, of a load and of a message.
func TestVastPlays(t *testing.T) {
	heavy := run(t, makePlan(1, "heavy"), true)
	if n := uploads(heavy.lines); n != maxLoads || heavy.failed() {
		t.Errorf("a session of a heavy play got %d loads, want %d; failures %v, %v", n, maxLoads, heavy.failures, heavy.broken)
	}
	flood := run(t, makePlan(3, "flood"), true)
	parts := slices.ContainsFunc(flood.lines, func(line string) bool {
		return strings.Contains(line, "store.put watch/") && strings.Contains(line, ",")
	})
	if n := uploads(flood.lines); n < 3 || !parts || flood.failed() {
		t.Errorf("a session of a flood got %d loads, a watch in parts %v; failures %v, %v", n, parts, flood.failures, flood.broken)
	}
}
