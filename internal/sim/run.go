package sim

import (
	"testing"
	"testing/synctest"

	"rollcall/okta/oktasim"
)

// outcome is what a play came to.
type outcome struct {
	plan     plan
	failures []failure
	broken   error
	steps    int
	hash     uint64
	checked  map[string]int
	injected [faults]int
	// made are the faults that were made, by name.
	made  []string
	lines []string
}

func (o outcome) failed() bool { return len(o.failures) > 0 || o.broken != nil }

// run plays a plan in a bubble of its own.
func run(t *testing.T, p plan, keep bool) (o outcome) {
	synctest.Test(t, func(*testing.T) {
		h := newHouse(p, keep)
		h.play()
		h.countOrg()
		o = outcome{
			plan: p, failures: h.checks.failures, broken: h.broken, steps: h.trace.steps, hash: h.trace.hash.Sum64(),
			checked: h.checks.counts, injected: h.faults.injected, made: h.faults.made, lines: h.trace.lines,
		}
	})
	return o
}

// countOrg counts what went wrong within the org.
func (h *house) countOrg() {
	for _, s := range h.org.Sessions() {
		switch s.Status {
		case oktasim.StatusError:
			h.faults.injected[faultImport]++
		case oktasim.StatusExpired:
			h.faults.injected[faultExpired]++
		}
	}
	if h.plan.flavor.night {
		h.faults.injected[faultNight]++
	}
}
