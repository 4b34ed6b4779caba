package batcher

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"rollcall/intent"
	"rollcall/okta"
)

// errStop ends a flush early with nothing wrong: the run's outcome says why.
var errStop = errors.New("stop")

// step is one step of a flush. It ends the flush by returning errStop or an error.
type step struct {
	name string
	do   func(*run, context.Context) error
}

// steps are one flush. What a crash after each of them means is told in ARCHITECTURE.md.
var steps = []step{
	{"take lease", (*run).takeLease},
	{"receive", (*run).receive},
	{"look", yields((*run).look)},
	{"await room", (*run).awaitRoom},
	{"create session", yields((*run).create)},
	{"receive rest", (*run).receiveRest},
	{"resolve", (*run).resolve},
	{"guard", (*run).guard},
	{"fill", (*run).fill},
	{"upload", (*run).upload},
	{"enter rejects and held", (*run).enter},
	{"cancel idle session", (*run).cancelIdle},
	{"enter deactivated", (*run).enterDeactivated},
	{"trigger", (*run).trigger},
	{"watch", (*run).watch},
	{"acknowledge", (*run).acknowledge},
}

// mode is what a run is for.
type mode uint8

const (
	// loading is a flush: it opens a session.
	loading mode = iota
	// takingOut is a round of the urgent lane. It says nothing about sessions.
	takingOut
)

// run is the state of one flush, or of one round of the urgent lane.
type run struct {
	*Flusher
	mode    mode
	owner   string
	started time.Time
	state   State
	report  Report
	// source is where messages are received from: the intents queue or the urgent one.
	source Queue
	// patience is how long to wait for a first message.
	patience time.Duration
	// yielding says that the run leaves the urgent lane its turn where it would have to wait for the rate limit.
	yielding bool
	// nextTry is when the rate limit lets a run go on that yielded; zero if none did.
	nextTry time.Time
	round   round

	inbox inbox
	// leased is true from the moment in which the lease is this run's.
	leased  atomic.Bool
	session okta.Session
	// open is true from the moment in which a session of this run may exist till it is triggered or cancelled.
	open bool

	// group is the group of the messages taken along, empty for people whose sessions did not fail.
	group     string
	triggered time.Time

	people []person
	loads  []load
	past   recent
	// fault is what is wrong with the setup where Okta refused everybody; the run ends in it after its other work.
	fault error
	// judged is true once the run has told Okta of people: then state.Refusals is what it found.
	judged bool
	// rejectsBefore are the reject entries that were there when the run began to load; those of people loaded are
	// cleared, newer ones stay.
	rejectsBefore map[string]Entry
	heldBefore    map[string]Entry
}

// Flush does one flush: at most one session is opened, loaded and triggered. It returns once there is nothing more to do
// or the run must stop; what was received and not loaded is given back. The error is nil for a flush that found Okta
// busy or the queue empty.
func (f *Flusher) Flush(ctx context.Context) (Report, error) {
	return f.do(ctx, steps, &run{source: f.Queue, patience: f.Timing.Poll})
}

// maxTraces bounds the trace ids that are reported each time messages are given back.
const maxTraces = 10

// do runs steps to their end and cleans up after them.
func (f *Flusher) do(ctx context.Context, steps []step, r *run) (Report, error) {
	r.Flusher, r.owner, r.started = f, uuid.NewString(), time.Now()
	r.report.RejectsOpen, r.report.HeldOpen = -1, -1
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	err := r.through(ctx, steps, end)
	if cause := context.Cause(ctx); cause != nil && err != nil && errors.Is(err, context.Canceled) {
		err = errors.Join(err, cause)
	}
	if r.report.Outcome != Triggered && len(r.report.Trace) > maxTraces {
		r.report.Trace = r.report.Trace[:maxTraces]
	}
	r.report.Seconds = time.Since(r.started).Seconds()
	if f.Observe != nil {
		f.Observe(r.report)
	}
	return r.report, err
}

// through goes through the steps till one of them ends the run.
func (r *run) through(ctx context.Context, steps []step, end context.CancelCauseFunc) (err error) {
	kept := r.keep(ctx, end)
	for _, s := range steps {
		if err = s.do(r, ctx); err != nil {
			if !errors.Is(err, errStop) {
				err = advise(fmt.Errorf("%s: %w", s.name, err))
			}
			break
		}
	}
	if r.fault != nil && (err == nil || errors.Is(err, errStop)) {
		err = r.fault
	}
	if r.mode == loading && r.report.Outcome == Idle && errors.Is(err, errStop) {
		r.whileIdle(ctx)
	}
	kept()
	return r.finish(ctx, err)
}

// whileIdle does what there is time for.
func (r *run) whileIdle(ctx context.Context) {
	if r.Urgent != nil {
		r.sweepUrgent(ctx)
	}
	if r.state.ObserveOnly {
		return
	}
	if err := r.rereadLog(ctx); err != nil {
		r.Log.WithError(err).Warn("system log not read again")
	}
}

// advise adds what to look at to an error that only a change of the setup can mend.
func advise(err error) error {
	switch {
	case okta.Classify(err) != okta.Misconfigured:
		return err
	case okta.IsForbidden(err):
		return fmt.Errorf("%w: grant the credentials the scope okta.identitySources.manage and a role over the identity source", err)
	case okta.IsNotFound(err):
		return fmt.Errorf("%w: check okta.orgUrl and okta.identitySourceId", err)
	default:
		return fmt.Errorf("%w: check okta.orgUrl and that the credentials are of this org and still valid", err)
	}
}

// finish leaves nothing behind: no message that is neither acknowledged nor given back, no session of this run that was
// not triggered, no lease. It works also when ctx has ended, for Timing.Cleanup at most. The messages come first: nobody
// else can take them up while the lease is held, and Lambda leaves too little time for Okta. An Okta that hangs must not
// keep the lease.
func (r *run) finish(ctx context.Context, err error) error {
	interrupted := errors.Is(context.Cause(ctx), context.Canceled)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), r.Timing.Cleanup)
	defer cancel()
	failed := false
	switch {
	case err == nil, errors.Is(err, errStop):
		err = nil
	case interrupted:
		r.report.Outcome = Interrupted // which says nothing of Okta, and keeps nobody from the next try
	default:
		failed = true
		r.report.Outcome = Failed
	}
	err = errors.Join(err, r.giveBackRest(ctx))
	patience, done := context.WithTimeout(ctx, r.Timing.Cleanup/2)
	defer done()
	return errors.Join(err, r.cancelOpen(patience), r.release(ctx, failed))
}

// stop ends the run with an outcome that is no error.
func (r *run) stop(o Outcome) error {
	r.report.Outcome = o
	return errStop
}

// guard is the step; the decision is the function of the same name.
func (r *run) guard(ctx context.Context) error {
	limits, err := r.guardLimits(ctx)
	if err != nil {
		return err
	}
	past, held, err := r.Control.recent(ctx)
	if err != nil {
		return err
	}
	r.past = past
	r.heldBefore = make(map[string]Entry, len(held))
	for _, h := range held {
		r.heldBefore[h.Intent.ExternalID] = h.entry
	}
	r.report.HoldReason = guard(r.people, limits, r.past)
	return nil
}

// coalesced returns the intents of the inbox's people, one each.
func (r *run) coalesced() []intent.Intent { return Coalesce(r.inbox.intents()) }

// fill is the step; the packing is the function of the same name.
func (r *run) fill(context.Context) error {
	loads, rest := fill(r.people, oktaLimits)
	for _, i := range rest {
		r.people[i].fate = returned
	}
	r.loads = loads
	r.report.Loads = len(loads)
	if r.state.ObserveOnly {
		return r.observed()
	}
	return nil
}
