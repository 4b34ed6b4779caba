package sim

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
)

// actor is a process, or what else acts by itself: an invocation of the flusher, a lane of the stream, an operator.
type actor struct {
	house *house
	name  string
	// dead is set when the process was killed: none of its effects happens any more.
	dead atomic.Bool
	// pausedUntil is when the process goes on. The scheduler alone reads and writes it.
	pausedUntil time.Time
	// cancel ends the context of the process; nil if it has none.
	cancel context.CancelFunc
	// says is set of an operator who commands something by which people are to be said again; said once they were.
	says, said bool
	// run is what the checks know of the flush in hand; nil for other actors than flushers.
	run *runView
}

var (
	errKilled   = errors.New("sim: the process was killed")
	errInjected = errors.New("sim: injected fault")
)

// kill ends the process between two of its effects.
func (a *actor) kill() {
	if a.dead.Swap(true) {
		return
	}
	if a.cancel != nil {
		a.cancel()
	}
	a.house.gate.turnAway(a)
}

// effect is what an actor is about to do.
type effect struct {
	op, detail string
	// do makes the effect happen. It must not block.
	do func() error
	// part, if set, makes a part of the effect happen and fails for the rest.
	part func() error
}

// perform passes the gate with an effect and makes it happen, or not, as the verdict says.
func (a *actor) perform(ctx context.Context, e effect) error {
	label := a.name + " " + e.op
	if e.detail != "" {
		label += " " + e.detail
	}
	if a.run != nil && inLeaseKeeper() {
		label += " (keeper)"
	}
	v := a.house.gate.pass(a, label)
	if v.fault == faultDelay {
		a.house.checks.faulted(a, label, v)
		if err := sleep(ctx, v.wait); err != nil {
			return err
		}
		v = a.house.gate.pass(a, label+" (late)")
	}
	if v.fault == faultDead {
		return errKilled
	}
	if v.fault != faultNone {
		a.house.checks.faulted(a, label, v)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return a.happen(ctx, e, v)
}

func (a *actor) happen(ctx context.Context, e effect, v verdict) error {
	var err error
	switch v.fault {
	case faultBefore:
		err = errInjected
	case faultKillBefore:
		a.kill()
		return errKilled
	case faultPart:
		if e.part == nil {
			err = errInjected
		} else {
			err = e.part()
		}
	default:
		err = e.do()
	}
	switch v.fault {
	case faultKillAfter:
		a.kill()
		return errKilled
	case faultAfter:
		err = errInjected
	}
	if v.wait > 0 {
		if ended := sleep(ctx, v.wait); ended != nil && err == nil {
			err = ended
		}
	}
	return err
}

// inLeaseKeeper tells whether the caller is the flusher's goroutine that renews the lease. Its effects have the same
// names as those of the run itself and must be told apart to be put in order.
func inLeaseKeeper() bool {
	var stack [24]uintptr
	frames := runtime.CallersFrames(stack[:runtime.Callers(3, stack[:])])
	for {
		frame, more := frames.Next()
		if strings.Contains(frame.Function, "(*run).keep") {
			return true
		}
		if !more {
			return false
		}
	}
}

// sleep waits for d, or for the end of ctx.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
