package sim

import (
	"bufio"
	"flag"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	seeds  = flag.Int("seeds", 60, "how many seeds to play")
	start  = flag.Uint64("start", 1, "the first of them")
	seed   = flag.Uint64("seed", 0, "play this seed alone and show its trace")
	commit = flag.String("commit", "", "a commit's hash that says which seed is the first, in place of -start")
	child  = flag.Bool("child", false, "play in this process and print the totals as JSON")
	theme  = flag.String("theme", "", "with -child or -seed: make every play one of this theme, see theme.go")
)

const (
	// showFailures is how many failing seeds are shrunk and shown.
	showFailures = 3
	shrinkTime   = 20 * time.Second
)

// TestSim plays seeds, those that ever failed first. See the flags.
func TestSim(t *testing.T) {
	switch {
	case *child:
		playHere(t, *start, *seeds)
		return
	case *seed != 0:
		playOne(t, *seed)
		return
	}
	first := *start
	if *commit != "" {
		n, err := strconv.ParseUint((*commit)[:min(len(*commit), 15)], 16, 64)
		if err != nil {
			t.Fatalf("-commit: %v", err)
		}
		first = n
	}
	began := time.Now()
	all := newTotals()
	for _, s := range failedSeeds(t) {
		all.add(run(t, newPlan(s), false))
	}
	all.merge(playInProcesses(t, first, *seeds))
	for i, f := range all.Failures {
		t.Errorf("seed %d: %s: %s\n\treplay: make sim SEED=%d", f.Seed, f.Invariant, f.What, f.Seed)
		if i < showFailures && f.Invariant != invariantEnds {
			show(t, shrink(t, run(t, newPlan(f.Seed), false), shrinkTime))
		}
	}
	all.tell(t, time.Since(began))
}

// playOne shows what a seed does, and if it fails what is left of it when it is shrunk.
func playOne(t *testing.T, seed uint64) {
	o := run(t, makePlan(seed, *theme), true)
	show(t, o)
	if !o.failed() {
		return
	}
	t.Errorf("seed %d fails", seed)
	t.Log("shrunk:")
	o = shrink(t, o, shrinkTime)
	show(t, o)
	if *keep != "" {
		if err := keepPlan(*keep, *only, o); err != nil {
			t.Fatal(err)
		}
	}
}

func show(t *testing.T, o outcome) {
	var text strings.Builder
	for _, op := range o.plan.ops {
		text.WriteString("\n" + op.at.Round(time.Millisecond).String() + " " + op.kind.String() + " " + strconv.Itoa(op.row))
	}
	t.Logf("seed %d, theme %q: %+v\noperations:%s\ntrace:\n%s\n%d steps, hash %016x, failures %v, %v", o.plan.seed, o.plan.theme, o.plan.flavor, text.String(),
		strings.Join(o.lines, "\n"), o.steps, o.hash, o.failures, o.broken)
}

// failedSeeds are those in testdata that ever failed, one a line; what follows the number is for people.
func failedSeeds(t *testing.T) (seeds []uint64) {
	file, err := os.Open("testdata/failed-seeds.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		number, _, _ := strings.Cut(lines.Text(), " ")
		if number == "" || number == "#" {
			continue
		}
		n, err := strconv.ParseUint(number, 10, 64)
		if err != nil {
			t.Fatalf("failed-seeds.txt: %v", err)
		}
		seeds = append(seeds, n)
	}
	return seeds
}

// TestSeedHasOneCourse plays seeds twice: every step must be the same, at the same virtual time.
func TestSeedHasOneCourse(t *testing.T) {
	for s := range uint64(40) {
		a := run(t, newPlan(s), true)
		b := run(t, newPlan(s), true)
		if a.hash == b.hash && a.steps == b.steps {
			continue
		}
		i := 0
		for i < min(len(a.lines), len(b.lines)) && a.lines[i] == b.lines[i] {
			i++
		}
		t.Errorf("seed %d: from step %d on the second play differs:\n%q\n%q", s, i, a.lines[i:min(i+1, len(a.lines))], b.lines[i:min(i+1, len(b.lines))])
	}
}

// TestShrink shrinks a failure that is made for it: somebody is deactivated by a session.
func TestShrink(t *testing.T) {
	var failed outcome
	for s := uint64(1); !failed.failed(); s++ {
		if s > 50 {
			t.Fatal("nobody is deactivated in any of 50 seeds")
		}
		p := newPlan(s)
		p.flavor.empty, p.trip = false, "okta.bulk-delete"
		failed = run(t, p, false)
	}
	o := shrink(t, failed, shrinkTime)
	if !o.failed() || len(o.plan.ops) != 1 || len(o.made) > 0 {
		t.Errorf("%d of %d operations and %d of %d faults are left, failed %v:", len(o.plan.ops), len(failed.plan.ops),
			len(o.made), len(failed.made), o.failed())
		show(t, o)
	}
}
