package coldstart

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// functions are measured each against two programs that make the same clients of the SDK and do nothing else: one in
// testdata/alike that makes them as the function does, by awssdk, and one in testdata/usual that makes them by the SDK's own
// loader.
var functions = []string{"stream-handler", "flusher", "items-api"}

// maxRatio is how much longer a function may take than its clients alone.
const maxRatio = 1.3

// BenchmarkColdStart measures the time from exec to the first request to the runtime API, of all programs in turn.
func BenchmarkColdStart(b *testing.B) {
	folder := b.TempDir()
	bare := build(b, "./testdata/bare", folder)
	ours, alike, usual := map[string]string{}, map[string]string{}, map[string]string{}
	for _, name := range functions {
		ours[name] = build(b, "../../cmd/"+name, folder)
		alike[name] = build(b, "./testdata/alike/"+name, filepath.Join(folder, "alike"))
		usual[name] = build(b, "./testdata/usual/"+name, filepath.Join(folder, "usual"))
		configure(b, filepath.Dir(ours[name]))
	}
	times := map[string][]time.Duration{}
	measure := func(binary string) { times[binary] = append(times[binary], firstPoll(b, binary)) }
	for b.Loop() {
		measure(bare)
		for _, name := range functions {
			measure(ours[name])
			measure(alike[name])
			measure(usual[name])
		}
	}
	b.ReportMetric(0, "ns/op") // of all programs together: says nothing
	for _, name := range functions {
		mine, likewise, usually := typical(times[ours[name]]), typical(times[alike[name]]), typical(times[usual[name]])
		ratio := mine.Seconds() / likewise.Seconds()
		fmt.Printf("coldstart_ratio/%s=%.2f (%.1f ms; its clients alone %.1f ms; made by the SDK's loader %.1f ms: %.2f; bare lambda.Start %.1f ms; %d runs)\n",
			name, ratio, ms(mine), ms(likewise), ms(usually), mine.Seconds()/usually.Seconds(), ms(typical(times[bare])), len(times[bare]))
		b.ReportMetric(ratio, name+"-ratio")
		if len(times[bare]) >= 10 && ratio > maxRatio {
			b.Errorf("%s takes %.2f times as long to start as its clients alone: more than %.1f", name, ratio, maxRatio)
		}
	}
}

func build(tb testing.TB, pkg, folder string) string {
	tb.Helper()
	binary, err := Build(tb.Context(), pkg, folder)
	if err != nil {
		tb.Fatal(err)
	}
	return binary
}

// configure puts the default configuration beside a binary, as in its zip.
func configure(tb testing.TB, folder string) {
	tb.Helper()
	file, err := os.ReadFile("../../rollcall.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "rollcall.yaml"), file, 0o600); err != nil {
		tb.Fatal(err)
	}
}

// settings are what rollcall.yaml leaves to be set. Nobody listens on port 1.
var settings = []string{
	"ROLLCALL_QUEUE_INTENTS=http://127.0.0.1:1/000000000000/intents", "ROLLCALL_OKTA_ORG_URL=http://127.0.0.1:1",
	"ROLLCALL_OKTA_IDENTITY_SOURCE_ID=0oa1", "OKTA_API_TOKEN=token",
}

func firstPoll(tb testing.TB, binary string) time.Duration {
	tb.Helper()
	p, err := Start(binary, append(settings, "LAMBDA_TASK_ROOT="+filepath.Dir(binary))...)
	if err != nil {
		tb.Fatal(err)
	}
	defer p.Stop()
	select {
	case at := <-p.Polled:
		return at.Sub(p.Started)
	case <-time.After(10 * time.Second):
		p.Stop()
		tb.Fatalf("%s did not ask for an invocation:\n%s", binary, p.Log.String())
		return 0
	}
}

// typical is the lower quartile: what else the machine does only ever adds to a time.
func typical(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/4]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
