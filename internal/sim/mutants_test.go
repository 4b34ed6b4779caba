package sim

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
)

var (
	mutants = flag.Int("mutants", 0, "play so many seeds of each mutant of mutants/, or of those that -only names")
	only    = flag.String("only", "", "comma-separated names of mutants; with -seed, the one that is played")
	// untilFirst is what CI can afford.
	untilFirst = flag.Bool("first", false, "with -mutants or -child: play no more seeds once one has failed")
)

// mutant is a patch that makes the shipped code wrong. It is laid over the tree for the build alone.
type mutant struct {
	name, what string
	// theme is that of all plays by which it is to be caught, where few others have what it takes.
	theme string
	// files are the changed files, by their paths from the root of the module.
	files map[string]string
}

const moduleRoot = "../.."

// readMutant applies a patch in memory. What stands before its first file says what is wrong, and
// by which theme it is played if not by all. Hunks are found by their
// lines, not by their numbers; each must fit in exactly one place.
func readMutant(path string) (mutant, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return mutant{}, err
	}
	m := mutant{name: strings.TrimSuffix(filepath.Base(path), ".patch"), files: map[string]string{}}
	what, patch, ok := strings.Cut(string(text), "\n--- a/")
	if !ok {
		return m, fmt.Errorf("%s: names no file", m.name)
	}
	what, m.theme, _ = strings.Cut(what, "\nTheme: ")
	m.what, m.theme = strings.Join(strings.Fields(what), " "), strings.TrimSpace(m.theme)
	if m.theme != "" && themes[m.theme] == nil {
		return m, fmt.Errorf("%s: there is no theme %q", m.name, m.theme)
	}
	for section := range strings.SplitSeq(patch, "\n--- a/") {
		file, hunks, _ := strings.Cut(section, "\n")
		source, err := os.ReadFile(filepath.Join(moduleRoot, file))
		if err != nil {
			return m, fmt.Errorf("%s: %w", m.name, err)
		}
		changed := string(source)
		for hunk := range strings.SplitSeq("\n"+hunks, "\n@@ ") {
			_, lines, ok := strings.Cut(hunk, " @@")
			if !ok {
				continue // the line +++ b/file
			}
			old, replacement := sides(strings.TrimPrefix(lines, "\n"))
			if strings.Count(changed, old) != 1 {
				return m, fmt.Errorf("%s: a hunk of %s fits %d times, not once:\n%s", m.name, file, strings.Count(changed, old), old)
			}
			changed = strings.Replace(changed, old, replacement, 1)
		}
		m.files[file] = changed
	}
	return m, nil
}

// sides are the text that a hunk is for and the one that it makes of it.
func sides(hunk string) (old, replacement string) {
	for line := range strings.Lines(hunk) {
		text := line[1:]
		if line[0] != '+' {
			old += text
		}
		if line[0] != '-' {
			replacement += text
		}
	}
	return old, replacement
}

func readMutants(t *testing.T) (all []mutant) {
	paths, err := filepath.Glob("mutants/*.patch")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		m, err := readMutant(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if *only == "" || slices.Contains(strings.Split(*only, ","), m.name) {
			all = append(all, m)
		}
	}
	return all
}

// TestMutants checks that every mutant can be made of the tree as it is and, with -mutants, that each is caught: by which
// invariants, in how many seeds, and by how many of the plans that were kept of it. One that is not caught is a hole in the
// simulation.
func TestMutants(t *testing.T) {
	all := readMutants(t)
	if len(all) < 15 && *only == "" {
		t.Errorf("%d mutants", len(all))
	}
	plans := plansByMutant(t)
	if *mutants == 0 {
		return
	}
	rows := make([]string, len(all))
	var work sync.WaitGroup
	next := make(chan int)
	for range runtime.NumCPU() {
		work.Go(func() {
			for i := range next {
				rows[i] = all[i].row(t, plans[all[i].name])
			}
		})
	}
	for i := range all {
		next <- i
	}
	close(next)
	work.Wait()
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "mutant\ttheme\tseeds\tcaught\tfirst\tplans\tby\n%s", strings.Join(rows, ""))
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d mutants:\n%s", len(all), table.String())
}

// plansByMutant are the kept plans that each mutant must fail.
func plansByMutant(t *testing.T) map[string][]string {
	paths, err := plansGlob()
	if err != nil {
		t.Fatal(err)
	}
	plans := map[string][]string{}
	for _, path := range paths {
		k, _, err := readKept(path)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := os.Stat(filepath.Join("mutants", k.Mutant+".patch")); k.Mutant != "" && err != nil {
			t.Errorf("%s is of a mutant that there is not: %v", path, err)
		}
		plans[k.Mutant] = append(plans[k.Mutant], path)
	}
	return plans
}

// row plays a mutant and says in one line what became of it.
func (m mutant) row(t *testing.T, plans []string) string {
	binary, err := m.build(t.TempDir())
	if err != nil {
		t.Errorf("build mutant %s: %v", m.name, err)
		return ""
	}
	red := 0
	for _, path := range plans {
		if sum, _, output := playProcess(t, binary, 1, 0, []string{"-kept", path}); sum == nil {
			t.Errorf("mutant %s, plan %s: %s", m.name, path, output)
		} else if len(sum.Failures) == 0 {
			t.Errorf("mutant %s passes the plan %s, which is of it", m.name, path)
		} else {
			red++
		}
	}
	more := []string{"-theme", m.theme}
	if *untilFirst {
		more = append(more, "-first")
	}
	sum := playWith(t, binary, *start, *mutants, 1, more...)
	by := sum.byInvariant()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(by)) {
		names = append(names, fmt.Sprintf("%s (%d)", name, by[name]))
	}
	if len(sum.Failures) == 0 {
		t.Errorf("mutant %s survives %d seeds: %s", m.name, sum.Seeds, m.what)
	}
	first := "none"
	if len(sum.Failures) > 0 {
		first = strconv.FormatUint(sum.Failures[0].Seed, 10)
	}
	return fmt.Sprintf("%s\t%s\t%d\t%d\t%s\t%d/%d\t%s\n", m.name, m.theme, sum.Seeds, len(sum.Failures), first, red, len(plans), strings.Join(names, ", "))
}

// TestMutantSeed plays -seed of the one mutant that -only names, and shows and with -keep keeps what is left of it.
func TestMutantSeed(t *testing.T) {
	if *seed == 0 || *only == "" {
		t.Skip("no -seed of a mutant")
	}
	m, err := readMutant(filepath.Join("mutants", *only+".patch"))
	if err != nil {
		t.Fatal(err)
	}
	binary, err := m.build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(binary, "-test.run", "^TestSim$", "-test.v", "-seed", strconv.FormatUint(*seed, 10), "-theme", m.theme, "-only", m.name, "-keep", *keep).CombinedOutput()
	t.Logf("%v\n%s", err, out)
}

// build builds the simulation with the mutant in it, without touching the tree.
func (m mutant) build(dir string) (binary string, err error) {
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for file, text := range m.files {
		original, err := filepath.Abs(filepath.Join(moduleRoot, file))
		if err != nil {
			return "", err
		}
		changed := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(changed, []byte(text), 0o600); err != nil {
			return "", err
		}
		overlay.Replace[original] = changed
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	listed, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "sim.test")
	if err := os.WriteFile(listed, list, 0o600); err != nil {
		return "", err
	}
	if out, err := exec.Command("go", "test", "-c", "-vet=off", "-overlay", listed, "-o", binary, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return binary, nil
}
