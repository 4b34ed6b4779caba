// Package contract is what every implementation of the flusher's edges must keep: one suite an interface, run over the
// embedded ones, the AWS ones (against servers that speak AWS's protocols) and the fakes of the simulation.
package contract

import (
	"testing"
	"testing/synctest"
	"time"
)

// patience is how long a case waits for something that an implementation may do late.
const patience = 20 * time.Second

// run runs a case by itself: in a bubble with a clock of its own, or in parallel with the others by the real clock.
func run(t *testing.T, name string, bubble bool, test func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		if bubble {
			synctest.Test(t, test)
			return
		}
		t.Parallel()
		test(t)
	})
}
