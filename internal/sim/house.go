package sim

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/mapping"
	"rollcall/okta/oktasim"
)

const (
	orgToken = "sim-token"
	orgURL   = "https://sim.okta.com"
	sourceID = "0oa1"
)

// house is the whole of one play. Everything in it is touched either by the effect that has its turn or by the scheduler
// between two effects.
type house struct {
	plan    plan
	ctx     context.Context
	end     context.CancelFunc
	work    sync.WaitGroup
	rand    *rand.Rand
	gate    *gate
	trace   *trace
	faults  *faulter
	checks  *checks
	mapping *mapping.Mapping
	log     *logrus.Entry

	table  *table
	queue  *queue
	urgent *queue
	store  *store
	stream *stream
	people *people
	org    *oktasim.Server

	tableDown, tokenDown bool
	// closeNext, strangerNext and squatNext have somebody else interfere at the next opportunity.
	closeNext, strangerNext, squatNext bool
	// released are those whom the operator lets out at last, nil till then.
	released map[string]bool
	// lived is set when the last op was done, over when nothing moves any more.
	lived, over bool
	broken      error
}

// newHouse builds a house. It must be called in a bubble.
func newHouse(p plan, keep bool) *house {
	h := &house{plan: p, gate: newGate(), trace: newTrace(keep), rand: rand.New(rand.NewPCG(p.seed, 0x686f757365))}
	h.ctx, h.end = context.WithCancel(context.Background())
	h.faults = &faulter{
		seed: p.seed, rates: p.flavor.rates, on: !p.flavor.calm, unpaced: p.flavor.org.RateLimit == 0,
		count: map[string]int{}, only: p.made, banned: p.banned,
	}
	h.checks = newChecks(h)
	logger := logrus.New()
	logger.SetOutput(io.Discard)
	logger.SetLevel(logrus.PanicLevel)
	h.log = logrus.NewEntry(logger)
	var err error
	h.mapping, err = mappingOf(p.flavor)
	h.must(err)

	index := ""
	if p.flavor.indexed {
		index = keyAttribute
	}
	h.table = newTable(schemaOf(p.flavor.indexed), index)
	h.table.indexLag = p.flavor.indexLag
	h.store = newStore()
	h.urgent = newQueue("urgent", time.Minute, h.rand.IntN)
	h.urgent.retention = time.Hour
	h.queue = newQueue("queue", batcher.DefaultTiming().Visibility, h.rand.IntN)
	h.queue.twice = func(m *message) bool {
		return h.faults.chance(faultDuplicate, fmt.Sprintf("message %d twice", m.number), h.faults.rates.twice/50)
	}
	h.queue.resurrect = func(m *message) bool {
		return h.faults.chance(faultResurrect, fmt.Sprintf("message %d again", m.number), h.faults.rates.twice)
	}
	h.openOrg()
	h.stream = newStream(h, p.flavor.lanes)
	h.people = newPeople(h)
	return h
}

func (h *house) openOrg() {
	c := h.plan.flavor.org
	c.Now = func() time.Time { return time.Now().Add(h.plan.flavor.skew) }
	c.Token, c.IdentitySourceID = orgToken, sourceID
	var err error
	h.org, err = oktasim.New(c)
	h.must(err)
}

// settle fills the table before the play begins, and the org unless it begins empty.
func (h *house) settle() {
	for row := range h.plan.flavor.rows {
		i := h.people.newItem(row, h.rand.IntN(1<<20))
		if h.rand.IntN(4) == 0 {
			continue
		}
		h.people.set(row, i, false)
	}
	if h.plan.flavor.empty {
		return
	}
	for _, id := range slices.Sorted(maps.Keys(h.people.everybody)) {
		if s, as, _ := h.people.state(id); s == stateActive {
			h.org.Put(oktasim.User{ExternalID: id, Profile: as.profile()})
		}
	}
}

// must ends the play over what cannot happen in a sound simulation.
func (h *house) must(err error) {
	if err != nil && h.broken == nil {
		h.broken = err
	}
}

// go_ runs f till it ends by itself or by the end of the play.
func (h *house) go_(f func()) { h.work.Go(f) }

// play is the whole of it: it returns when the house is drained, or ought to be.
func (h *house) play() {
	h.settle()
	h.table.changed = h.stream.add
	h.go_(func() { h.live(h.ctx) })
	h.go_(func() { h.tick(h.ctx) })
	h.go_(func() { h.supervise(h.ctx) })
	h.schedule(func() bool { return h.over || h.broken != nil || h.checks.failed() })
	h.end()
	h.gate.close()
	h.work.Wait()
}
