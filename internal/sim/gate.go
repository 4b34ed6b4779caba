package sim

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"testing/synctest"
	"time"
)

// gate lets one effect happen at a time, in an order that the seed alone decides.
type gate struct {
	mu      sync.Mutex
	waiting []*request
	wake    chan struct{}
	closed  bool
}

// request is an effect that waits for its turn.
type request struct {
	actor   *actor
	label   string
	verdict chan verdict
}

func newGate() *gate { return &gate{wake: make(chan struct{}, 1)} }

// pass waits for the turn of an effect. Whoever got its verdict is the only goroutine that runs, till it blocks.
func (g *gate) pass(a *actor, label string) verdict {
	r := &request{actor: a, label: label, verdict: make(chan verdict, 1)}
	g.mu.Lock()
	if g.closed || a.dead.Load() {
		g.mu.Unlock()
		return verdict{fault: faultDead}
	}
	g.waiting = append(g.waiting, r)
	g.mu.Unlock()
	select {
	case g.wake <- struct{}{}:
	default:
	}
	return <-r.verdict
}

// close turns away every effect from now on.
func (g *gate) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for _, r := range g.waiting {
		r.verdict <- verdict{fault: faultDead}
	}
	g.waiting = nil
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// turnAway ends the waiting of an actor that was killed.
func (g *gate) turnAway(a *actor) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting = slices.DeleteFunc(g.waiting, func(r *request) bool {
		if r.actor == a {
			r.verdict <- verdict{fault: faultDead}
		}
		return r.actor == a
	})
}

// ready returns the effects that can happen now, sorted by label, and when the next paused actor goes on.
func (g *gate) ready(now time.Time) (ready []*request, resume time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, r := range g.waiting {
		until := r.actor.pausedUntil
		if !now.Before(until) {
			ready = append(ready, r)
		} else if resume.IsZero() || until.Before(resume) {
			resume = until
		}
	}
	slices.SortFunc(ready, func(a, b *request) int { return cmp.Compare(a.label, b.label) })
	return ready, resume
}

func (g *gate) remove(r *request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.Index(g.waiting, r)
	g.waiting = slices.Delete(g.waiting, i, i+1)
}

// schedule lets effects happen till done says that it is enough. It must run in the goroutine of the bubble that nothing
// else waits for.
func (h *house) schedule(done func() bool) {
	for {
		synctest.Wait()
		if done() {
			return
		}
		ready, resume := h.gate.ready(time.Now())
		if len(ready) == 0 {
			h.idle(resume)
			continue
		}
		r := ready[h.rand.IntN(len(ready))]
		h.gate.remove(r)
		v := h.faults.decide(r)
		h.trace.step(r.label, v)
		if trip := h.plan.trip; trip != "" && strings.Contains(r.label, trip) {
			h.checks.fail("tripwire", "%s", r.label)
		}
		if v.fault == faultPause {
			r.actor.pausedUntil = time.Now().Add(v.wait)
			v.fault, v.wait = faultNone, 0
		}
		r.verdict <- v
	}
}

// idle blocks, so that time goes on, till there is a request or a paused actor goes on.
func (h *house) idle(resume time.Time) {
	if resume.IsZero() {
		<-h.gate.wake
		return
	}
	timer := time.NewTimer(time.Until(resume))
	defer timer.Stop()
	select {
	case <-h.gate.wake:
	case <-timer.C:
	}
}
