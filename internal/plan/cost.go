package plan

import (
	"math"

	"rollcall/okta"
)

// sessionCalls are the calls to Okta that a session takes besides its loads: list, create, list again, start the import,
// read it when it has ended.
const sessionCalls = 5

// Cost is what the changes take at Okta.
type Cost struct {
	Loads    int `json:"loads"`
	Sessions int `json:"sessions"`
	// Calls are those of the loads and sessions, while nothing else happens.
	Calls int `json:"calls"`
	// RateLimit is how many calls a minute Okta allows to all its clients together, 0 if it does not say.
	RateLimit int `json:"rateLimit"`
	// Minutes are the least that the calls take within the share of the rate limit; the imports themselves, of which
	// Okta does one after the other, come on top. It is 0 where no limit is known, and for no calls.
	Minutes float64 `json:"minutes"`
	// Problem is why Okta could not be asked for the rate limit, if so.
	Problem string `json:"problem,omitempty"`
}

// costOf returns the cost of that many loads.
func costOf(loads int) Cost {
	sessions := (loads + okta.MaxLoads - 1) / okta.MaxLoads
	c := Cost{Loads: loads, Sessions: sessions, Calls: loads + sessions*sessionCalls}
	if sessions > 0 {
		c.Calls++ // the last look, which finds the last import ended
	}
	return c
}

// at reckons the time at a rate limit.
func (c *Cost) at(limit int, share float64) {
	if c.RateLimit = limit; limit > 0 {
		c.Minutes = float64(c.Calls) / math.Max(1, math.Floor(float64(limit)*share))
	}
}

// packing counts the loads of people who are put into them one after the other.
type packing struct {
	loads, people, bytes int
}

func (p *packing) add(size int) {
	if p.loads == 0 || p.people == okta.MaxLoadPeople || p.bytes+size > okta.MaxLoadBytes {
		p.loads, p.people, p.bytes = p.loads+1, 0, okta.LoadEnvelope
	}
	p.people++
	p.bytes += size
}
