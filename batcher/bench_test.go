package batcher

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/sample"
	"rollcall/okta"
)

// volume is how many people a whole session holds.
const volume = maxPeople

// mapTable answers from memory, so that what is measured is rollcall's. It can do no more than a resolve asks for.
type mapTable struct {
	Table
	items map[intent.Key][]byte
}

func (t mapTable) Get(_ context.Context, keys []intent.Key) (map[intent.Key][]byte, map[intent.Key]error, error) {
	found := make(map[intent.Key][]byte, len(keys))
	for _, k := range keys {
		if item, there := t.items[k]; there {
			found[k] = item
		}
	}
	return found, nil, nil
}

// noStore lists nothing, and can do no more.
type noStore struct{ Store }

func (noStore) List(context.Context, string) ([]Entry, error) { return nil, nil }

// newVolume returns the intents of 10,000 sample people and a run that would flush them.
func newVolume(tb testing.TB) (*run, []intent.Intent) {
	tb.Helper()
	compiled, err := config.Default().CompileMapping()
	if err != nil {
		tb.Fatal(err)
	}
	table := mapTable{items: map[intent.Key][]byte{}}
	var intents []intent.Intent
	for _, person := range sample.Generate(1, volume) {
		item := map[string]any{}
		for name, value := range person {
			if active, isBool := value.(bool); isBool {
				item[name] = map[string]any{"BOOL": active}
			} else {
				item[name] = map[string]any{"S": value}
			}
		}
		raw, err := json.Marshal(item)
		if err != nil {
			tb.Fatal(err)
		}
		id := person["id"].(string)
		key := intent.Key(fmt.Sprintf(`{"id":{"S":%q}}`, id))
		table.items[key] = raw
		intents = append(intents, intent.Intent{ExternalID: id, Keys: []intent.Key{key}})
	}
	return &run{Flusher: &Flusher{Table: table, Mapping: compiled, Control: NewControl(noStore{})}}, intents
}

// resolveAndFill does what a flush does between receiving and uploading.
func resolveAndFill(tb testing.TB, r *run, intents []intent.Intent) {
	tb.Helper()
	r.inbox = inbox{}
	r.inbox.add(delivery{message: intent.Message{Intents: intents}})
	if err := r.resolve(context.Background()); err != nil {
		tb.Fatal(err)
	}
	loads, rest := fill(r.people, oktaLimits)
	if len(loads) != okta.MaxLoads || len(rest) != 0 {
		tb.Fatalf("%d loads, %d people left: want a full session", len(loads), len(rest))
	}
	r.loads = loads
}

// baseline is a person as encoding/json would upload it.
type baseline struct {
	ExternalID string             `json:"externalId"`
	Profile    map[string]*string `json:"profile"`
}

type baselineLoad struct {
	EntityType string     `json:"entityType"`
	Profiles   []baseline `json:"profiles"`
}

// baselineLoads are the bodies of the same loads, ready to be marshalled: the reading of the items is not counted.
func baselineLoads(tb testing.TB, r *run) []baselineLoad {
	tb.Helper()
	var loads []baselineLoad
	for _, l := range r.loads {
		body := baselineLoad{EntityType: "USERS"}
		for _, i := range l.people {
			person := baseline{ExternalID: r.people[i].intent.ExternalID}
			if err := json.Unmarshal(r.people[i].profile, &person.Profile); err != nil {
				tb.Fatal(err)
			}
			body.Profiles = append(body.Profiles, person)
		}
		loads = append(loads, body)
	}
	return loads
}

// BenchmarkFill resolves 10,000 people from items in memory and fills their loads.
func BenchmarkFill(b *testing.B) {
	r, intents := newVolume(b)
	measure(b, func() { resolveAndFill(b, r, intents) })
}

// BenchmarkFillBaseline marshals the same bodies with encoding/json.
func BenchmarkFillBaseline(b *testing.B) {
	r, intents := newVolume(b)
	resolveAndFill(b, r, intents)
	bodies := baselineLoads(b, r)
	measure(b, func() {
		for i := range bodies {
			if _, err := json.Marshal(&bodies[i]); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// measure reports CPU time, the garbage collector's included, since others share the machine.
func measure(b *testing.B, do func()) {
	b.ReportAllocs()
	start := cpuTime(b)
	for b.Loop() {
		do()
	}
	b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N), "cpu-ns/op")
}

func cpuTime(tb testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// TestFillRatio prints the CPU time of encoding/json over that of resolve and fill, side by side in one run.
func TestFillRatio(t *testing.T) {
	if os.Getenv("ROLLCALL_BENCH") == "" {
		t.Skip("measures CPU time: make bench sets ROLLCALL_BENCH")
	}
	var ratios []float64
	for range 3 {
		theirs, ours := testing.Benchmark(BenchmarkFillBaseline), testing.Benchmark(BenchmarkFill)
		ratios = append(ratios, theirs.Extra["cpu-ns/op"]/ours.Extra["cpu-ns/op"])
	}
	slices.Sort(ratios)
	fmt.Printf("fill_ratio=%.2f\n", ratios[1])
}

// maxPeakRSS is the most memory that a whole session may take, of a process of its own.
const maxPeakRSS = 96 << 20

// TestPeakRSS resolves and fills a whole session in a process of its own and asks the system for its peak. The process asks
// itself: what its parent is told of a child counts the parent's own memory at the fork.
func TestPeakRSS(t *testing.T) {
	if runtime.GOOS != "linux" || raceEnabled {
		t.Skip("the peak is read as Linux tells it, and the race detector takes memory of its own")
	}
	if os.Getenv("ROLLCALL_TEST_PEAK") != "" {
		normal := debug.SetGCPercent(10) // so that the peak is not that of making people up
		r, intents := newVolume(t)
		debug.FreeOSMemory()
		debug.SetGCPercent(normal)
		resolveAndFill(t, r, intents)
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("%s\n", status)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPeakRSS$")
	child.Env = append(os.Environ(), "ROLLCALL_TEST_PEAK=1")
	out, err := child.CombinedOutput()
	told := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(out)
	if err != nil || told == nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	kb, err := strconv.Atoi(string(told[1]))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("ROLLCALL_BENCH") != "" {
		fmt.Printf("peak_rss_mb=%d\n", kb>>10)
	}
	if kb<<10 > maxPeakRSS {
		t.Errorf("peak RSS %d MB, want at most %d", kb>>10, maxPeakRSS>>20)
	}
}
