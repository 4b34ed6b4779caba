package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"rollcall/batcher"
	"rollcall/okta"
)

const (
	// invocationPoll is how long one invocation polls, as the function does.
	invocationPoll = 50 * time.Second
	// urgentPerMinute is the budget of the urgent lane.
	urgentPerMinute = 5
	// nightFalls and nightLasts: in a play with a night the scheduler stands still that long.
	nightFalls = 20 * time.Minute
	nightLasts = 26 * time.Hour
)

// slot is what a reserved concurrency of one is: one invocation at a time, in a process that stays till it is killed.
type slot struct {
	house   *house
	name    string
	process *process
	client  *okta.Client
	lane    *batcher.UrgentLane
	count   int
	busy    bool
}

// tick is the scheduler: every minute it starts an invocation in each slot that is free.
func (h *house) tick(ctx context.Context) {
	a := &actor{house: h, name: "scheduler"}
	slots := []*slot{{house: h, name: "flusher0"}}
	if h.plan.flavor.twins {
		slots = append(slots, &slot{house: h, name: "flusher1"})
	}
	for n := 1; ; n++ {
		at := time.Duration(n)*time.Minute + 7919*time.Microsecond
		if h.plan.flavor.night && at > nightFalls {
			at += nightLasts
		}
		if sleep(ctx, time.Until(h.trace.start.Add(at))) != nil {
			return
		}
		for _, s := range slots {
			_ = a.perform(ctx, effect{op: "invoke", detail: s.name, do: func() error {
				h.checks.copies()
				if s == slots[0] {
					h.checks.grow()
				}
				if !s.busy {
					s.busy = true
					s.invoke(ctx)
				}
				return nil
			}})
		}
	}
}

// invoke starts one invocation. The effect whose turn it is does so.
func (s *slot) invoke(ctx context.Context) {
	h := s.house
	s.count++
	a := &actor{house: h, name: fmt.Sprintf("%s.%d", s.name, s.count)}
	if s.process == nil {
		s.process = &process{house: h}
		s.client = h.newClient(s)
		s.lane = &batcher.UrgentLane{PerMinute: urgentPerMinute}
	}
	s.process.actor, s.process.began = a, time.Now()
	a.run = newRunView()
	deadline := h.plan.flavor.deadline + time.Duration(s.count)*time.Microsecond
	ctx, cancel := context.WithTimeout(ctx, deadline)
	a.cancel = cancel
	f := h.newFlusher(a, s)
	done := make(chan struct{})
	h.go_(func() {
		defer cancel()
		err := f.Poll(ctx, invocationPoll)
		close(done)
		s.free(h.ctx, a, err)
	})
	if h.plan.flavor.deadly {
		h.go_(func() { a.killAt(deadline, done) })
	}
}

// killAt kills an invocation that is not done after a while.
func (a *actor) killAt(after time.Duration, done <-chan struct{}) {
	timer := time.NewTimer(after)
	defer timer.Stop()
	select {
	case <-done:
		return
	case <-a.house.ctx.Done():
		return
	case <-timer.C:
	}
	lambda := &actor{house: a.house, name: "lambda"}
	_ = lambda.perform(a.house.ctx, effect{op: "kill", detail: a.name, do: func() error {
		select {
		case <-done:
		default:
			a.house.faults.injected[faultDeadline]++
			a.kill()
		}
		return nil
	}})
}

// free makes the slot free for the next invocation; after a kill, with a new process.
func (s *slot) free(ctx context.Context, a *actor, err error) {
	ended := &actor{house: s.house, name: "end of " + a.name}
	_ = ended.perform(ctx, effect{op: outcomeOf(err), do: func() error {
		s.busy = false
		s.house.checks.ended(a)
		if a.dead.Load() {
			s.process, s.client, s.lane = nil, nil, nil
		}
		return nil
	}})
}

func outcomeOf(err error) string {
	if err != nil {
		return "failed"
	}
	return "done"
}

func (h *house) newClient(s *slot) *okta.Client {
	var mu sync.Mutex
	dice := rand.New(rand.NewPCG(h.plan.seed, uint64(s.count)))
	client, err := okta.New(okta.Config{
		OrgURL: orgURL, IdentitySourceID: sourceID, Authorizer: okta.SSWS(orgToken), Transport: s.process,
		Jitter: func() float64 {
			mu.Lock()
			defer mu.Unlock()
			return dice.Float64()
		},
	})
	h.must(err)
	return client
}

func (h *house) newFlusher(a *actor, s *slot) *batcher.Flusher {
	timing := batcher.DefaultTiming()
	timing.Quiet = 5 * time.Second // a poll of a flusher that must wait is an effect; the fewer, the faster
	timing.Gather = 10 * time.Second
	f := &batcher.Flusher{
		Queue: queueEdge{a, h.queue}, Table: tableEdge{a, h.table}, Control: batcher.NewControl(storeEdge{a, h.store}),
		Okta: s.client, Mapping: h.mapping, Indexed: h.plan.flavor.indexed,
		Guard:     batcher.GuardLimits{Min: h.plan.flavor.guardMin, Percent: h.plan.flavor.guardPercent, People: h.plan.flavor.guardPeople},
		Protected: map[string]bool{},
		Uploads:   h.plan.flavor.uploads,
		Timing:    timing, Log: h.log,
	}
	if h.plan.flavor.protected != "" {
		f.Protected[h.plan.flavor.protected] = true
	}
	if h.plan.flavor.urgent {
		s.lane.Queue = queueEdge{a, h.urgent}
		f.Urgent = s.lane
	}
	h.must(f.Validate())
	return f
}
