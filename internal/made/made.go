// Package made counts what a program makes, for tests that hold that something is made once. It asks the runtime's
// profile of memory, so that what is counted needs no hook for it.
package made

import (
	"runtime"
	"testing"
)

// Watch begins to count what these functions allocate, they themselves or what they call, by the names that the runtime has
// for them: "rollcall/okta.New". The returned function says how many objects each of them has allocated since; one that
// allocated nothing is left out. Call Watch before anything is made: the runtime counts from then on.
func Watch(tb testing.TB, functions ...string) (count func() map[string]int64) {
	tb.Helper()
	was := runtime.MemProfileRate
	runtime.MemProfileRate = 1
	tb.Cleanup(func() { runtime.MemProfileRate = was })
	before := allocated(functions)
	return func() map[string]int64 {
		since := allocated(functions)
		for name, n := range before {
			if since[name] -= n; since[name] == 0 {
				delete(since, name)
			}
		}
		return since
	}
}

func allocated(functions []string) map[string]int64 {
	// An allocation is in the profile two garbage collections after it.
	for range 3 {
		runtime.GC()
	}
	var records []runtime.MemProfileRecord
	for n, ok := runtime.MemProfile(nil, true); !ok; {
		records = make([]runtime.MemProfileRecord, n+100)
		if n, ok = runtime.MemProfile(records, true); ok {
			records = records[:n]
		}
	}
	counts := map[string]int64{}
	for _, r := range records {
		in := map[string]bool{}
		frames := runtime.CallersFrames(r.Stack())
		for more := true; more; {
			var frame runtime.Frame
			frame, more = frames.Next()
			in[frame.Function] = true
		}
		for _, name := range functions {
			if in[name] {
				counts[name] += r.AllocObjects
			}
		}
	}
	return counts
}
