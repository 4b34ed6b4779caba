package okta

import (
	"time"
)

// Terms say how calls stand towards the rate limit. The zero value is how all calls are made but for those on terms of
// their own: they leave others their share, wait as long as their context allows, and are repeated where that helps.
type Terms struct {
	// Patience is the longest wait for the rate limit; a call that would have to wait for longer ends in a ThrottledError
	// at once. 0 is as long as the context allows, below 0 is not at all.
	Patience time.Duration
	// Whole lets calls have all of a window, also what Config.RateShare leaves to others.
	Whole bool
	// Tries is how often a call is tried at most; 0 is as often as for all calls.
	Tries int
	// Admit, if set, is asked before each request, which is not made, and the call ended in a ThrottledError, where it
	// says no. Repetitions and requests with new credentials are requests too.
	Admit func() bool
}

// On returns a client whose calls are made on these terms. It is the same in all else: what one learns the other knows.
func (c *Client) On(t Terms) *Client {
	other := *c
	other.terms = t
	return &other
}

// latest is when the wait for the rate limit has to be over; zero if that is for the context to say.
func (t Terms) latest() time.Time {
	if t.Patience == 0 {
		return time.Time{}
	}
	return time.Now().Add(max(0, t.Patience))
}

func (t Terms) tries() int {
	if t.Tries == 0 {
		return maxTries
	}
	return t.Tries
}

func (t Terms) admits() bool { return t.Admit == nil || t.Admit() }

// NextSession returns from when on the rate limit lets a session be opened, loaded once, read so many times in between and
// started, with no wait; zero is now, and also where nothing is known of a limit.
func (c *Client) NextSession(reads int) time.Time {
	names := []string{familySessions, familyUploads, familyImports}
	for range reads {
		names = append(names, familySessions)
	}
	return c.pacer.fit(names...)
}

// fit returns from when on these calls can be made one after the other without a wait: zero if now, else when the last
// window begins that they wait for. Of a limit that is too small for them it asks no more than a whole window.
func (p *pacer) fit(names ...string) (until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	needed := map[*window]int{}
	for _, name := range names {
		f := p.family(name)
		if f.window == nil {
			continue
		}
		needed[f.window]++
		free, ends := p.room(f, false)
		if free < min(needed[f.window], f.window.limit-p.reserve(f.window.limit)) && ends.After(until) {
			until = ends
		}
	}
	return until
}
