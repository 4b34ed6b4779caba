package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"rollcall/okta/oktasim"
)

// plan is everything about a play that is decided before it begins.
type plan struct {
	seed uint64
	// theme names what was made of the play, empty if nothing was.
	theme  string
	flavor flavor
	ops    []op
	// made, if set, are the only faults that are made, banned those left out, by their names; see faulter.
	made   map[string]bool
	banned map[string]bool
	// trip, if set, makes the play fail at the first effect whose label contains it.
	trip string
}

// flavor is what a house is like and how badly it is treated.
type flavor struct {
	indexed bool
	match   bool
	// rows is how many rows the table has at most.
	rows  int
	lanes int
	batch int
	// twins lets two flushers run at once.
	twins bool
	// empty begins with an org that has nobody, else with one in step.
	empty    bool
	rates    rates
	org      oktasim.Config
	indexLag time.Duration
	guardMin int
	// guardPercent of guardPeople, or of the table's items where that is 0, pass the guard where they are more.
	guardPercent float64
	guardPeople  int64
	// protected is the externalId that guard.protect lists.
	protected string
	// urgent turns the urgent lane on; then undeletable, if set, is the externalId of somebody whom Okta lets no call take
	// out.
	urgent      bool
	undeletable string
	poison      []string
	// deadline is what an invocation has. Deadly kills its process then, as Lambda does, where it is only told otherwise.
	deadline time.Duration
	deadly   bool
	// fat people fill loads by their bytes.
	fat bool
	// uploads is how many uploads a flusher has under way at once. It is one where calls are paced: which of several that
	// wait for the same window goes first is not for the seed to say.
	uploads int
	// skew is by how much Okta's clock is ahead.
	skew time.Duration
	// span is how long people change and things fail.
	span time.Duration
	// calm has no faults, so that the bounds on waiting hold as they stand.
	calm bool
	// trickle goes on changing people after the faults stopped.
	trickle bool
	// night stops the scheduler for more than a day, so that sessions expire and deactivations are forgotten.
	night bool
}

// orderly tells whether nothing is in the way of a leaver but the import in flight.
func (p plan) orderly() bool {
	return p.flavor.calm && !p.flavor.night && len(p.flavor.poison) == 0 && !slices.ContainsFunc(p.ops, func(o op) bool {
		return slices.Contains([]opKind{opPause, opObserve, opTableDown, opTokenDown, opSquat}, o.kind)
	})
}

// newPlan makes the plan of a seed.
func newPlan(seed uint64) plan { return makePlan(seed, "") }

// makePlan makes the plan of a seed, of a theme if one is named, else of the one that the seed chooses, if any.
func makePlan(seed uint64, theme string) plan {
	r := rand.New(rand.NewPCG(seed, 0x706c616e))
	f := newFlavor(r)
	f.org.Seed = seed
	if theme == rushTheme && !f.urgent {
		f.urgent, f.indexLag = true, f.indexLag/4
	}
	p := plan{seed: seed, flavor: f}
	p.ops = newOps(r, f)
	p.season()
	p.give(theme)
	return p
}

func newFlavor(r *rand.Rand) flavor {
	f := flavor{
		indexed: r.IntN(3) == 0, match: r.IntN(2) == 0,
		rows: 4 + r.IntN(20), lanes: 1 + r.IntN(4), batch: r.IntN(10),
		twins: r.IntN(3) == 0, empty: r.IntN(2) == 0,
		guardMin: pick(r, 2, 4, 8, 1000), deadline: pick(r, 15*time.Minute, 15*time.Minute, 4*time.Minute),
		span: time.Duration(10+r.IntN(35)) * time.Minute,
		calm: r.IntN(5) == 0, trickle: r.IntN(4) == 0, night: r.IntN(25) == 0,
		skew: pick(r, 0, 0, 40*time.Second, -25*time.Second),
	}
	if r.IntN(3) == 0 {
		f.protected = personName(r.IntN(f.rows))
	}
	f.org = newOrg(r)
	f.urgent = r.IntN(4) == 0
	if f.indexed {
		f.indexLag = time.Duration(r.IntN(20_000)) * time.Millisecond
		if f.urgent {
			f.indexLag /= 4 // the urgent lane waits five seconds for the index
		}
		f.org.ImportTime += 40 * time.Second // longer than the lag: see ops.go
	}
	if f.fat = r.IntN(8) == 0; f.fat {
		f.rows = 12
	}
	if f.uploads = 4; f.org.RateLimit > 0 {
		f.uploads = 1
	}
	if !f.calm {
		f.rates = rates{
			fail: pick(r, 0, 0.01, 0.03, 0.08), okta: pick(r, 0, 0.03, 0.1), kill: pick(r, 0, 0.003, 0.01),
			pause: pick(r, 0, 0.001, 0.004), twice: pick(r, 0, 0.05, 0.3),
		}
		f.org.ImportErrorRate = pick(r, 0, 0, 0.1, 0.3)
	}
	if r.IntN(8) == 0 {
		f.poison = []string{personName(r.IntN(f.rows))}
		f.org.Poison = f.poison
	}
	return f
}

// newOrg makes an org in one of the readings of Okta's documents.
func newOrg(r *rand.Rand) oktasim.Config {
	c := oktasim.DefaultConfig()
	c.CooldownReading = pick(r, oktasim.CooldownCreate, oktasim.CooldownTrigger, oktasim.CooldownWindow)
	c.Cooldown = pick(r, 0, 20*time.Second, time.Minute, 5*time.Minute)
	c.RateLimit = pick(r, 0, 10, 15, 15)
	c.UploadsApart = r.IntN(3) == 0
	c.ImportTime = pick(r, time.Second, 10*time.Second, 2*time.Minute, 8*time.Minute)
	c.PersonTime = pick(r, time.Millisecond, time.Second)
	c.StatusLag = pick(r, 0, 0, 500*time.Millisecond, 900*time.Millisecond)
	c.ListEnded = r.IntN(2) == 0
	c.CreateWhileLoading = r.IntN(3) == 0
	c.StrictKB = r.IntN(2) == 0
	c.RefuseNullCustom = r.IntN(3) == 0
	c.ErrorApplies = pick(r, 0, 0.5, 1)
	c.DeclaredAttributes = append(slices.Clone(c.DeclaredAttributes), "note")
	return c
}

// guardLimit is the most people who can pass the guard in a day while the table has so many items.
func (f flavor) guardLimit(items int64) int {
	people := f.guardPeople
	if people == 0 {
		people = items
	}
	return max(f.guardMin, int(float64(people)*f.guardPercent/100))
}

func personName(n int) string { return fmt.Sprintf("p%02d", n) }
