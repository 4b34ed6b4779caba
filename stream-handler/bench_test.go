package streamhandler_test

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	streamhandler "rollcall/stream-handler"

	"rollcall/intent"
)

const burstRecords = 1000

// minRatio is how many times the records per CPU second of the baseline the handler must handle.
const minRatio = 10

func BenchmarkHandle(b *testing.B) {
	handle := handlerOf(b)
	measure(b, handle, burst(b, burstRecords))
}

func BenchmarkBaseline(b *testing.B) {
	measure(b, baseline, burst(b, burstRecords))
}

// handlerOf returns the handler as a function from payload to messages.
func handlerOf(t testing.TB) func([]byte) ([]string, error) {
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: tutorial(t), Queue: queue}
	return func(payload []byte) ([]string, error) {
		queue.bodies = queue.bodies[:0]
		response, err := h.Handle(t.Context(), payload)
		if err == nil && len(response.BatchItemFailures) > 0 {
			err = errQueue
		}
		return queue.bodies, err
	}
}

// measure reports CPU time, the garbage collector's included, since both share the machine with other work.
func measure(b *testing.B, handle func([]byte) ([]string, error), payload []byte) {
	b.ReportAllocs()
	b.SetBytes(int64(len(payload)))
	start := cpuTime(b)
	for b.Loop() {
		if _, err := handle(payload); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(cpuTime(b)-start)/float64(b.N)/burstRecords, "cpu-ns/record")
}

func cpuTime(t testing.TB) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// TestHandlerRatio compares handler and baseline in one run. It takes seconds and measures, so only make bench runs it.
func TestHandlerRatio(t *testing.T) {
	if os.Getenv("ROLLCALL_BENCH") == "" {
		t.Skip("measures CPU time: make bench sets ROLLCALL_BENCH")
	}
	payload := burst(t, burstRecords)
	handle := handlerOf(t)
	var ratios []float64
	for range 3 {
		slow := testing.Benchmark(func(b *testing.B) { measure(b, baseline, payload) })
		fast := testing.Benchmark(func(b *testing.B) { measure(b, handle, payload) })
		ratios = append(ratios, slow.Extra["cpu-ns/record"]/fast.Extra["cpu-ns/record"])
	}
	slices.Sort(ratios)
	fmt.Printf("handler_ratio=%.1f\n", ratios[1])
	if ratios[1] < minRatio {
		t.Errorf("the handler handles %.1f times the records of the baseline, want %d", ratios[1], minRatio)
	}
}

func TestHandlerAllocatesLittle(t *testing.T) {
	payload := burst(t, burstRecords)
	handle := handlerOf(t)
	allocations := testing.AllocsPerRun(5, func() {
		if _, err := handle(payload); err != nil {
			t.Fatal(err)
		}
	}) / burstRecords
	t.Logf("%.2f allocations a record", allocations)
	if allocations > 2 {
		t.Errorf("%.2f allocations a record, want at most 2", allocations)
	}
}

func TestHandlerAndBaselineAgree(t *testing.T) {
	payload := burst(t, burstRecords)
	fast, err := handlerOf(t)(payload)
	if err != nil {
		t.Fatal(err)
	}
	slow, err := baseline(payload)
	if err != nil {
		t.Fatal(err)
	}
	want, got := intentsOf(t, slow), intentsOf(t, fast)
	if len(want) != burstRecords*85/100 {
		t.Errorf("the baseline makes %d intents of %d records, want 85 %%", len(want), burstRecords)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-baseline +handler)\n%s", diff)
	}
}

func intentsOf(t *testing.T, bodies []string) (intents []intent.Intent) {
	for _, m := range (&fakeQueue{bodies: bodies}).messages(t) {
		intents = append(intents, m.Intents...)
	}
	return intents
}
