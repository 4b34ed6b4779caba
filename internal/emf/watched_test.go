package emf

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"rollcall/batcher"
	"rollcall/okta"
	streamhandler "rollcall/stream-handler"
)

// TestWatchedMetricsAreWritten finds the metrics that alarms and dashboard look at among those that a writer writes. An alarm on
// a name that is written nowhere is never on, and nobody sees it. (infra/parity keeps the CDK's alarms and dashboard the same.)
func TestWatchedMetricsAreWritten(t *testing.T) {
	var out bytes.Buffer
	w := New(&out, "people", "0oa1")
	w.Handled(streamhandler.Report{Records: 1})
	w.Called(okta.Call{Class: okta.OK, Remaining: 7})
	w.Flushed(batcher.Report{
		Outcome: batcher.Triggered, Messages: 1, ChangeToTrigger: batcher.Seconds{Median: 2, Slowest: 9, Count: 1},
		Ended: []batcher.SessionOutcome{{Status: "COMPLETED", Median: 3, Slowest: 8}},
	})
	w.Open(0, 0)
	w.Synced(nil)
	written := map[string]bool{}
	for _, l := range read(t, &out) {
		for _, m := range l.AWS.CloudWatchMetrics[0].Metrics {
			written[m.Name] = true
		}
	}
	// Calls to Okta have a metric for each of five classes; syncs are an option.
	line := fmt.Sprintf("\n\tourMetrics     = %d\n", len(written)-2+5)
	if costs, err := os.ReadFile("../../infra/cost/calls.go"); err != nil || !strings.Contains(string(costs), line) {
		t.Errorf("infra/cost/calls.go has no line %q: %v", line, err)
	}
	for file, form := range map[string]string{
		"alarms.tf":    `namespace\s+= "Rollcall", metric = "(\w+)"()`,
		"dashboard.tf": `\["Rollcall", "(\w+)"|MetricName=\\"(\w+)\\"`,
	} {
		text, err := os.ReadFile("../../infra/terraform/" + file)
		if err != nil {
			t.Fatal(err)
		}
		watched := map[string]bool{}
		for _, m := range regexp.MustCompile(form).FindAllStringSubmatch(string(text), -1) {
			watched[m[1]+m[2]] = true
		}
		if len(watched) < 6 {
			t.Fatalf("%s has another form than this test reads: found %v", file, slices.Sorted(maps.Keys(watched)))
		}
		for name := range watched {
			if !written[name] {
				t.Errorf("%s looks at %s, which is written nowhere", file, name)
			}
		}
	}
}
