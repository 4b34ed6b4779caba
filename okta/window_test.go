package okta

import (
	"testing"
	"testing/synctest"
	"time"
)

// pacing tells a pacer of responses, as calls get them.
type pacing struct {
	*testing.T
	*pacer
}

// told makes a call of a family whose response is of a window that ends at reset, by a clock that began at 0.
func (p pacing) told(name string, limit, remaining int, reset, date int64) {
	p.Helper()
	if err := p.acquire(p.Context(), name, Terms{}); err != nil {
		p.Fatal(err)
	}
	p.done(name, quota{limit: limit, remaining: remaining, reset: reset, left: time.Duration(reset-date) * time.Second}, true, true, 200)
}

func (p pacing) rooms(want map[string]int) {
	p.Helper()
	for name, n := range want {
		if free, _ := p.room(p.family(name), false); free != n {
			p.Errorf("room for %d calls of %s, want %d", free, name, n)
		}
	}
}

func TestFamilies(t *testing.T) {
	for name, test := range map[string]func(pacing){
		"a group shares until it is told otherwise": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			p.rooms(map[string]int{"s/a": 6, "s/b": 6, "t/": 1})
			p.told("s/b", 10, 5, 60, 1)
			p.rooms(map[string]int{"s/a": 5, "s/b": 5})
			p.told("s/b", 10, 9, 75, 15)
			p.rooms(map[string]int{"s/a": 5, "s/b": 9})
		},
		"groups that tell of one window are one": func(p pacing) {
			p.told("s/", 10, 6, 60, 0)
			p.told("t/", 10, 3, 60, 0)
			p.told("u/", 20, 9, 60, 0)
			p.rooms(map[string]int{"s/": 3, "t/": 3, "u/": 9})
		},
		"the next window is of all that shared the one before": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			p.told("s/b", 10, 5, 60, 0)
			time.Sleep(61 * time.Second)
			p.rooms(map[string]int{"s/a": 10, "s/b": 10})
			p.told("s/a", 5, 2, 120, 61)
			p.rooms(map[string]int{"s/a": 2, "s/b": 2})
		},
		"the next window may begin before we thought": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			p.told("s/b", 10, 5, 60, 0)
			time.Sleep(60 * time.Second)
			p.told("s/a", 10, 9, 120, 60)
			p.rooms(map[string]int{"s/a": 9, "s/b": 9})
		},
		"a late answer of the window before says nothing": func(p pacing) {
			p.told("s/a", 10, 6, 60, 59)
			p.told("s/a", 10, 9, 120, 60)
			p.told("s/a", 10, 1, 60, 59)
			p.rooms(map[string]int{"s/a": 9})
		},
		"a reset rounded up is of the same window": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			p.told("s/b", 10, 5, 61, 1)
			p.rooms(map[string]int{"s/a": 5, "s/b": 5})
		},
		"an answer that came late does not free calls": func(p pacing) {
			p.told("s/a", 10, 5, 60, 0)
			p.told("s/a", 10, 7, 60, 0)
			p.rooms(map[string]int{"s/a": 5})
		},
		"a call without an answer is counted if it was sent": func(p pacing) {
			p.told("s/a", 10, 5, 60, 0)
			for _, used := range []bool{true, false} {
				if err := p.acquire(p.Context(), "s/a", Terms{}); err != nil {
					p.Fatal(err)
				}
				p.done("s/a", quota{}, false, used, 0)
			}
			p.rooms(map[string]int{"s/a": 4})
		},
		"a limit that shrinks in the middle of a window counts at once": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			p.told("s/a", 4, 1, 60, 1)
			p.rooms(map[string]int{"s/a": 1})
		},
		"a limit that shrinks for several is noticed by all of them at once": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			p.told("s/b", 10, 5, 60, 0)
			p.told("t/", 10, 5, 60, 0)
			p.told("s/b", 4, 1, 60, 1)
			p.rooms(map[string]int{"s/a": 1, "s/b": 1, "s/c": 1, "t/": 1})
			time.Sleep(62 * time.Second)
			p.rooms(map[string]int{"s/a": 4, "s/b": 4, "s/c": 4, "t/": 4})
		},
		"a smaller limit that is one family's own is told apart by the others' next answer": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			p.told("s/b", 4, 3, 60, 1)
			p.told("s/a", 10, 5, 60, 2)
			p.rooms(map[string]int{"s/a": 5, "s/b": 3})
			p.told("s/b", 4, 2, 60, 3)
			p.told("s/a", 10, 4, 60, 4)
			p.rooms(map[string]int{"s/a": 4, "s/b": 2})
		},
		"another limit of a window that ends at the same time is another's": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			p.told("s/b", 10, 5, 60, 0)
			p.told("s/b", 30, 20, 60, 1)
			p.rooms(map[string]int{"s/a": 5, "s/b": 20})
		},
		"a 429 counts whatever its reset": func(p pacing) {
			p.told("s/a", 10, 6, 60, 0)
			if err := p.acquire(p.Context(), "s/a", Terms{}); err != nil {
				p.Fatal(err)
			}
			p.done("s/a", quota{limit: 10, remaining: 9, reset: 40, left: 0}, true, true, 429)
			p.rooms(map[string]int{"s/a": 0})
			time.Sleep(resetMargin)
			p.rooms(map[string]int{"s/a": 10})
		},
		"an answer in a window's last second counts": func(p pacing) {
			p.told("s/a", 10, 2, 60, 0)
			p.told("s/a", 10, 1, 60, 60)
			p.told("s/a", 10, 0, 60, 60)
			p.rooms(map[string]int{"s/a": 0})
			time.Sleep(resetMargin)
			p.rooms(map[string]int{"s/a": 10})
			p.told("s/a", 10, 9, 120, 61)
			p.told("s/a", 10, 0, 60, 60) // late, of the one before
			p.rooms(map[string]int{"s/a": 9})
		},
		"calls in flight are counted": func(p pacing) {
			p.told("s/a", 10, 5, 60, 0)
			p.told("s/b", 10, 5, 60, 0)
			if err := p.acquire(p.Context(), "s/a", Terms{}); err != nil {
				p.Fatal(err)
			}
			p.rooms(map[string]int{"s/a": 4, "s/b": 4})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(pacing{t, newPacer(1)}) })
		})
	}
}
