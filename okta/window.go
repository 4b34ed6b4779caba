package okta

import (
	"net/http"
	"time"
)

// window is one window of a rate limit, and the assumption about the next once it ended. Families that Okta counts
// together point to the same.
type window struct {
	limit int
	// remaining is the smallest number that Okta told in this window. It may or may not count the calls in flight.
	remaining int
	// reset is when it ends in seconds of Okta's clock, which names it.
	reset int64
	// ends is when the next window has surely begun, by our clock; zero in one that no response has told of yet.
	ends time.Time
}

// live tells whether a response told of the window. One that is assumed is not.
func (w *window) live() bool { return !w.ends.IsZero() }

func (w *window) over() bool { return w.live() && !time.Now().Before(w.ends) }

// assume makes it the window after, whole, until a response tells better.
func (w *window) assume() { w.remaining, w.ends = w.limit, time.Time{} }

// is tells whether a response is of this window. The reset may be rounded one way or the other.
func (w *window) is(q quota) bool { return w.live() && (w.reset-q.reset)*(w.reset-q.reset) <= 1 }

// learn takes over what a response told the family.
func (p *pacer) learn(f *family, q quota, status int) {
	if status == http.StatusTooManyRequests {
		q.remaining = 0
	} else if q.left == 0 && (f.window == nil || !f.window.is(q)) {
		return // of a window that is over; by whole seconds the present one is so a moment before it is
	}
	told := &window{limit: q.limit, remaining: q.remaining, reset: q.reset, ends: time.Now().Add(q.left + resetMargin)}
	w := f.window
	switch {
	case w == nil:
		f.window = p.known(told, q)
	case w.is(q) && (q.limit <= w.limit || !p.shared(f)):
		// A smaller limit is taken for that of all who share the window: if it is the family's own, the others' next answers
		// tell them apart.
		w.limit = q.limit
		w.remaining = min(w.remaining, told.remaining)
		if told.ends.Before(w.ends) {
			w.ends = told.ends
		}
	case !w.live() || q.date() >= w.reset: // the one after
		next := p.known(told, q)
		for _, other := range p.families {
			if other.window == w {
				other.window = next
			}
		}
	case q.reset < w.reset && q.left <= 2*resetMargin && status != http.StatusTooManyRequests:
		// a late answer of the window before
	default: // there are two at once: the family is counted apart from those it shared this one with
		f.window = p.known(told, q)
	}
}

// known returns the window that some family already knows by the same limit and reset, or else the one told.
func (p *pacer) known(told *window, q quota) *window {
	for _, f := range p.families {
		if w := f.window; w != nil && w.is(q) && w.limit == q.limit {
			w.remaining = min(w.remaining, told.remaining)
			return w
		}
	}
	return told
}

func (p *pacer) shared(f *family) bool {
	for _, other := range p.families {
		if other != f && other.window == f.window {
			return true
		}
	}
	return false
}
