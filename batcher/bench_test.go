package batcher

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"

	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/sample"
	"rollcall/okta"
)

// volume is how many people a whole session holds.
const volume = maxPeople

// mapTable answers from memory, so that what is measured is rollcall's.
type mapTable map[intent.Key][]byte

func (t mapTable) Get(_ context.Context, keys []intent.Key) (map[intent.Key][]byte, map[intent.Key]error, error) {
	found := make(map[intent.Key][]byte, len(keys))
	for _, k := range keys {
		if item, there := t[k]; there {
			found[k] = item
		}
	}
	return found, nil, nil
}

func (t mapTable) Find(context.Context, string) ([]intent.Key, error) { return nil, nil }
func (t mapTable) Count(context.Context) (int64, error)               { return int64(len(t)), nil }

// noStore is an empty control table.
type noStore struct{ Store }

func (noStore) List(context.Context, string) ([]Entry, error) { return nil, nil }

// newVolume returns the intents of 10,000 sample people and a run that would flush them.
func newVolume(tb testing.TB) (*run, []intent.Intent) {
	tb.Helper()
	compiled, err := config.Default().CompileMapping()
	if err != nil {
		tb.Fatal(err)
	}
	table := mapTable{}
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
		table[key] = raw
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
	b.ReportAllocs()
	for b.Loop() {
		resolveAndFill(b, r, intents)
	}
}

// BenchmarkFillBaseline marshals the same bodies with encoding/json.
func BenchmarkFillBaseline(b *testing.B) {
	r, intents := newVolume(b)
	resolveAndFill(b, r, intents)
	bodies := baselineLoads(b, r)
	b.ReportAllocs()
	for b.Loop() {
		for i := range bodies {
			if _, err := json.Marshal(&bodies[i]); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// TestFillRatio prints the time of encoding/json over that of resolve and fill, side by side in one run.
func TestFillRatio(t *testing.T) {
	if os.Getenv("ROLLCALL_BENCH") == "" {
		t.Skip("measures time: make bench sets ROLLCALL_BENCH")
	}
	ours, theirs := testing.Benchmark(BenchmarkFill), testing.Benchmark(BenchmarkFillBaseline)
	fmt.Printf("fill_ratio=%.2f\n", float64(theirs.NsPerOp())/float64(ours.NsPerOp()))
}

// maxPeakRSS is the most memory that a whole session may take, of a process of its own.
const maxPeakRSS = 96 << 20

// TestPeakRSS resolves and fills a whole session in a process of its own and asks the system for its peak.
func TestPeakRSS(t *testing.T) {
	if runtime.GOOS != "linux" || raceEnabled {
		t.Skip("the peak is read as Linux tells it, and the race detector takes memory of its own")
	}
	if os.Getenv("ROLLCALL_TEST_PEAK") != "" {
		r, intents := newVolume(t)
		resolveAndFill(t, r, intents)
		return
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestPeakRSS$")
	child.Env = append(os.Environ(), "ROLLCALL_TEST_PEAK=1")
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("child: %v\n%s", err, out)
	}
	peak := child.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
	t.Logf("peak_rss_mb=%d", peak>>20)
	if peak > maxPeakRSS {
		t.Errorf("peak RSS %d MB, want at most %d", peak>>20, maxPeakRSS>>20)
	}
}
