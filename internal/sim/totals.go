package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// totals sum up plays.
type totals struct {
	Seeds, Steps int
	// Faults counts those injected by kind, Checks the checks by invariant.
	Faults, Checks map[string]int
	Failures       []seedFailure
}

// seedFailure is an invariant that a seed broke first.
type seedFailure struct {
	Seed            uint64
	Invariant, What string
}

// Names of failures that are no invariants.
const (
	invariantSound = "the simulation itself works"
	invariantEnds  = "no seed panics or hangs"
)

func newTotals() *totals { return &totals{Faults: map[string]int{}, Checks: map[string]int{}} }

// add takes in a play.
func (t *totals) add(o outcome) {
	t.Seeds++
	t.Steps += o.steps
	for kind, n := range o.injected {
		if n > 0 {
			t.Faults[fault(kind).String()] += n
		}
	}
	for name, n := range o.checked {
		t.Checks[name] += n
	}
	switch {
	case o.broken != nil:
		t.Failures = append(t.Failures, seedFailure{o.plan.seed, invariantSound, o.broken.Error()})
	case len(o.failures) > 0:
		t.Failures = append(t.Failures, seedFailure{o.plan.seed, o.failures[0].invariant, o.failures[0].what})
	}
}

// merge takes in other totals.
func (t *totals) merge(o *totals) {
	t.Seeds += o.Seeds
	t.Steps += o.Steps
	for name, n := range o.Faults {
		t.Faults[name] += n
	}
	for name, n := range o.Checks {
		t.Checks[name] += n
	}
	t.Failures = append(t.Failures, o.Failures...)
	slices.SortFunc(t.Failures, func(a, b seedFailure) int { return int(min(max(int64(a.Seed-b.Seed), -1), 1)) })
}

// line is the summary in one line.
func (t *totals) line(took time.Duration) string {
	checks, faults := 0, 0
	for _, n := range t.Checks {
		checks += n
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(t.Faults)) {
		faults += t.Faults[kind]
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, t.Faults[kind]))
	}
	return fmt.Sprintf("sim: %d seeds, %d steps, %d faults (%s), %d invariants checked %d times, %d failures, %v",
		t.Seeds, t.Steps, faults, strings.Join(kinds, ", "), len(t.Checks), checks, len(t.Failures), took.Round(time.Second))
}

// byInvariant counts the failures by what they broke.
func (t *totals) byInvariant() map[string]int {
	counts := map[string]int{}
	for _, f := range t.Failures {
		counts[f.Invariant]++
	}
	return counts
}
