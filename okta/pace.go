package okta

import (
	"context"
	"math"
	"strings"
	"sync"
	"time"
)

// pacer holds calls back so that none is answered 429. It knows of the limit only what responses say: the limit may
// shrink, other clients take from the same window, and windows begin when Okta likes. What a window has is spent at
// once; then calls wait for the next.
//
// Okta counts some kinds of calls apart, and does not say which. A family is calls that are counted together for sure.
// Those of one group (the name's part before the slash) are taken to be counted together until responses tell of
// different windows; those of different groups are counted together once responses tell of the same.
type pacer struct {
	share float64

	mu       sync.Mutex
	families []*family
	// changed is closed and replaced whenever a call ends.
	changed chan struct{}
}

type family struct {
	name, group string
	inFlight    int
	// heard is set by the first response. Until then the group's calls go one by one.
	heard bool
	// window is nil while no response had rate-limit headers. Then there is no pacing.
	window *window
}

func newPacer(share float64) *pacer {
	return &pacer{share: share, changed: make(chan struct{})}
}

// acquire waits until a call of the family may be made on these terms, and counts it as in flight: done must follow. The
// error is a ThrottledError without an Op.
func (p *pacer) acquire(ctx context.Context, name string, terms Terms) *ThrottledError {
	latest := terms.latest()
	if deadline, ok := ctx.Deadline(); ok && (latest.IsZero() || deadline.Before(latest)) {
		latest = deadline
	}
	for {
		p.mu.Lock()
		f := p.family(name)
		free, until := p.room(f, terms.Whole)
		if free > 0 {
			f.inFlight++
			p.mu.Unlock()
			return nil
		}
		pending, changed := p.inFlight(f.window) > 0, p.changed
		p.mu.Unlock()

		// Calls in flight may tell that there is room after all.
		if !latest.IsZero() && (!pending && latest.Before(until) || !time.Now().Before(latest)) {
			return &ThrottledError{Until: until, Err: ctx.Err()}
		}
		if err := wait(ctx, changed, until, latest); err != nil {
			return &ThrottledError{Until: until, Err: err}
		}
	}
}

// wait returns when a call ended, at the earlier of until and latest unless that is zero, and with the context's error when
// that is done.
func wait(ctx context.Context, changed <-chan struct{}, until, latest time.Time) error {
	if until.IsZero() || !latest.IsZero() && latest.Before(until) {
		until = latest
	}
	var reset <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		reset = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-reset:
	}
	return nil
}

// family returns the family of that name. A new one knows what its group does.
func (p *pacer) family(name string) *family {
	group, _, _ := strings.Cut(name, "/")
	made := &family{name: name, group: group}
	for _, f := range p.families {
		if f.name == name {
			return f
		}
		if f.group == group && f.heard && !made.heard {
			made.heard, made.window = true, f.window
		}
	}
	p.families = append(p.families, made)
	return made
}

// room returns how many calls of the family may be made now, of the whole window or of our share, and when the window
// ends, zero if that is not known. All calls in flight are taken for calls that Okta has not counted yet.
func (p *pacer) room(f *family, whole bool) (free int, until time.Time) {
	if !f.heard {
		return 1 - p.inGroup(f.group), time.Time{}
	}
	w := f.window
	if w == nil {
		return math.MaxInt, time.Time{}
	}
	if w.over() {
		w.assume()
	}
	free = w.remaining - p.inFlight(w)
	if !whole {
		free -= p.reserve(w.limit)
	}
	return free, w.ends
}

// reserve is how many calls of a window are left to others. One is always ours.
func (p *pacer) reserve(limit int) int {
	const rounding = 1e-9 // 0.7 of 10 is 7
	return limit - max(1, int(float64(limit)*p.share+rounding))
}

func (p *pacer) inFlight(w *window) int {
	n := 0
	for _, f := range p.families {
		if f.window == w {
			n += f.inFlight
		}
	}
	return n
}

func (p *pacer) inGroup(name string) int {
	n := 0
	for _, f := range p.families {
		if f.group == name {
			n += f.inFlight
		}
	}
	return n
}

// done ends a call that acquire let through. status is the response's, 0 if none came; told says whether it had
// rate-limit headers, q; used whether Okta may have counted the call.
func (p *pacer) done(name string, q quota, told, used bool, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.family(name)
	f.inFlight--
	first := !f.heard && status != 0
	switch {
	case told && !q.concurrent():
		p.learn(f, q, status)
	case !told && used && f.window != nil && f.window.live():
		f.window.remaining--
	}
	if first {
		p.spread(f)
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// spread tells a group of its first response.
func (p *pacer) spread(heard *family) {
	for _, f := range p.families {
		if f.group == heard.group {
			f.heard, f.window = true, heard.window
		}
	}
}

// full tells whether a call of the family would have to wait on these terms.
func (p *pacer) full(name string, terms Terms) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	free, _ := p.room(p.family(name), terms.Whole)
	return free <= 0
}

// Rate is what is known of the rate limit of the identity source's calls.
type Rate struct {
	// Limit is how many calls a window has, for all clients together; 0 if no response told.
	Limit int
	// Remaining is how many of them are left.
	Remaining int
	// Reset is when the next window begins, by our clock; zero if it began and no call was made in it.
	Reset time.Time
}

// Rate returns the rate limit as the latest responses tell it: of the calls to sessions, if Okta counts some apart.
func (c *Client) Rate() Rate {
	c.pacer.mu.Lock()
	defer c.pacer.mu.Unlock()
	f := c.pacer.family(familySessions)
	_, until := c.pacer.room(f, false)
	if f.window == nil {
		return Rate{}
	}
	return Rate{Limit: f.window.limit, Remaining: f.window.remaining, Reset: until}
}

// Room returns how many uploads can be made now, all at once, without a wait: one before the first response, and
// math.MaxInt while no response told of a limit.
func (c *Client) Room() int {
	c.pacer.mu.Lock()
	defer c.pacer.mu.Unlock()
	free, _ := c.pacer.room(c.pacer.family(familyUploads), false)
	return max(0, free)
}
