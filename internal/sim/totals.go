package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// totals sum up plays.
type totals struct {
	Seeds, Steps int
	// Faults counts those injected by kind, Others what strangers did, Checks the checks by invariant.
	Faults, Others, Checks map[string]int
	Failures               []seedFailure
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

func newTotals() *totals {
	return &totals{Faults: map[string]int{}, Others: map[string]int{}, Checks: map[string]int{}}
}

// add takes in a play.
func (t *totals) add(o outcome) {
	t.Seeds++
	t.Steps += o.steps
	for kind, n := range o.injected {
		switch {
		case n == 0:
		case fault(kind) == faultStranger:
			t.Others[fault(kind).String()] += n
		default:
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
	for name, n := range o.Others {
		t.Others[name] += n
	}
	for name, n := range o.Checks {
		t.Checks[name] += n
	}
	t.Failures = append(t.Failures, o.Failures...)
	slices.SortFunc(t.Failures, func(a, b seedFailure) int { return int(min(max(int64(a.Seed-b.Seed), -1), 1)) })
}

// manySeeds are so many that each invariant must have been checked in some of them.
const manySeeds = 1000

// tell logs the totals, the summary last, and fails a long run that left an invariant unchecked.
func (t *totals) tell(to *testing.T, took time.Duration) {
	to.Helper()
	if missed := t.unchecked(); t.Seeds >= manySeeds && len(missed) > 0 {
		to.Errorf("never checked: %s", strings.Join(missed, "; "))
	}
	to.Logf("invariants, with how often each was checked:%s", t.perInvariant())
	to.Log(t.line(took))
}

// line is the summary in one line.
func (t *totals) line(took time.Duration) string {
	checks := 0
	for _, n := range t.Checks {
		checks += n
	}
	faults, kinds := listed(t.Faults)
	_, others := listed(t.Others)
	return fmt.Sprintf("sim: %d seeds, %d steps, %d faults (%s), besides %s; %d of %d invariants checked %d times, %d failures, %v",
		t.Seeds, t.Steps, faults, kinds, others, len(invariants)-len(t.unchecked()), len(invariants), checks, len(t.Failures), took.Round(time.Second))
}

func listed(counts map[string]int) (sum int, text string) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		sum += counts[name]
		names = append(names, fmt.Sprintf("%s %d", name, counts[name]))
	}
	return sum, strings.Join(names, ", ")
}

// perInvariant tells how often each invariant was checked, a line each.
func (t *totals) perInvariant() string {
	var text strings.Builder
	for _, name := range slices.Sorted(slices.Values(invariants)) {
		fmt.Fprintf(&text, "\n%10d  %s", t.Checks[name], name)
	}
	return text.String()
}

// unchecked are the invariants that no play came to check.
func (t *totals) unchecked() []string {
	return slices.DeleteFunc(slices.Clone(invariants), func(name string) bool { return t.Checks[name] > 0 })
}

// byInvariant counts the failures by what they broke.
func (t *totals) byInvariant() map[string]int {
	counts := map[string]int{}
	for _, f := range t.Failures {
		counts[f.Invariant]++
	}
	return counts
}
