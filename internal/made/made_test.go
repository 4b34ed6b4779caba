package made

import (
	"maps"
	"testing"
)

var kept []*thing

// thing is something with a pointer: small ones without share a place, and count once.
type thing struct{ _ *thing }

//go:noinline
func one() { kept = append(kept, new(thing)) }

//go:noinline
func another() { one() }

//go:noinline
func idle() {}

func TestWatchCountsWhatIsMade(t *testing.T) {
	kept = make([]*thing, 0, 10)
	one()
	count := Watch(t, "rollcall/internal/made.one", "rollcall/internal/made.another", "rollcall/internal/made.idle")
	if got := count(); len(got) > 0 {
		t.Errorf("before anything is made: %v", got)
	}
	one()
	another()
	idle()
	want := map[string]int64{"rollcall/internal/made.one": 2, "rollcall/internal/made.another": 1}
	for range 2 {
		if got := count(); !maps.Equal(got, want) {
			t.Errorf("counted %v, want %v", got, want)
		}
	}
}
