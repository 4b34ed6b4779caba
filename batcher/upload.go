package batcher

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"rollcall/okta"
)

const (
	// uploaders is the most uploads under way at once where Flusher.Uploads says nothing. Okta takes about 2 s for each,
	// and the rate limit sets the pace of all of them together.
	uploaders = 4
	// extraCalls bounds the calls spent in one run on finding out whose fault refused loads are: two reads of the session
	// and the parts of loads. The parts suffice to get from a full load down to one person.
	extraCalls = 12
	// loadTime is the least time before the deadline at which another load is begun.
	loadTime = 35 * time.Second
)

// errSessionGone means that the session takes no loads any more: it expired, or somebody cancelled or triggered it.
var errSessionGone = errors.New("session takes no more loads")

// upload sends the loads, deactivations first. It returns nil also when some of them were refused or did not find the
// time: the fates of their people say so. After an error of which it is not known whether Okta took the load, the
// session must not be used any more, since a load sent twice lists people twice.
func (r *run) upload(ctx context.Context) error {
	u := &uploader{run: r, planned: len(r.loads), splitting: make(chan struct{}, 1)}
	deactivations := 0
	for deactivations < len(r.loads) && r.loads[deactivations].deactivate {
		deactivations++
	}
	u.all(ctx, r.loads[:deactivations])
	u.all(ctx, r.loads[deactivations:])
	if u.err == nil && len(u.refused) > 0 {
		u.err = u.check(ctx) // it may have ended after the first refusal
	}
	switch {
	case errors.Is(u.err, errSessionGone):
		r.open = false
		return r.stop(Busy)
	case u.err != nil:
		return u.err
	}
	r.judgeRefusals(u)
	r.judged = true
	return nil
}

// uploader is the state that the uploads of one run share.
type uploader struct {
	*run
	mu sync.Mutex
	// planned are the loads that are to be sent or were; with those that splitting adds it stays within okta.MaxLoads.
	planned int
	sent    int // of these, whatever became of them
	extra   int
	err     error
	refused []refusal
	// splitting holds one while a load is split: one after the other, so that the budget finds one person before it is
	// spread over many loads. It is no mutex, since calls are made meanwhile.
	splitting chan struct{}
}

// refusal is a person whose load of one was refused.
type refusal struct {
	person int
	err    error
}

// all sends loads, some at once, and returns when none is under way any more.
func (u *uploader) all(ctx context.Context, loads []load) {
	var work sync.WaitGroup
	next := make(chan load)
	most := u.Uploads
	if most == 0 {
		most = uploaders
	}
	for range min(most, len(loads)) {
		work.Go(func() {
			for l := range next {
				u.one(ctx, l)
			}
		})
	}
	for _, l := range loads {
		next <- l
	}
	close(next)
	work.Wait()
}

// one sends a load. If it is refused, it is split to find the person at fault.
func (u *uploader) one(ctx context.Context, l load) {
	if u.failed() || !u.timeLeft(ctx) {
		u.fate(l.people, returned)
		return
	}
	err := u.send(ctx, l)
	switch {
	case err == nil:
		u.fate(l.people, loaded)
	case okta.Classify(err) == okta.Throttled:
		u.fate(l.people, returned) // the next window is behind the deadline
	case okta.Classify(err) != okta.Refused:
		u.fail(fmt.Errorf("upload load: %w", err))
	default:
		u.isolate(ctx, l, err)
	}
}

func (u *uploader) send(ctx context.Context, l load) error {
	defer u.tell()
	if l.deactivate {
		ids := make([]string, len(l.people))
		for i, p := range l.people {
			ids[i] = u.people[p].intent.ExternalID
		}
		return u.Okta.BulkDelete(ctx, u.session.ID, ids)
	}
	people := make([]okta.Person, len(l.people))
	for i, p := range l.people {
		people[i] = okta.Person{ExternalID: u.people[p].intent.ExternalID, Profile: u.people[p].profile}
	}
	return u.Okta.BulkUpsert(ctx, u.session.ID, people)
}

// check reads the session after refusals: if it takes no loads any more, they are nobody's fault. It is asked after the
// first, which spares the search, and before anybody is rejected.
func (u *uploader) check(ctx context.Context) error {
	u.mu.Lock()
	u.extra++
	u.mu.Unlock()
	session, err := u.Okta.GetSession(ctx, u.session.ID)
	switch {
	case err != nil && !okta.IsNotFound(err):
		return fmt.Errorf("read session after a refused load: %w", err)
	case err != nil, session.Status != okta.StatusCreated && session.Status != okta.StatusInProgress:
		return errSessionGone
	}
	return nil
}

// tell tells that another load was sent.
func (u *uploader) tell() {
	u.mu.Lock()
	u.sent++
	done, of := u.sent, max(u.sent, u.planned)
	u.mu.Unlock()
	if u.Loaded != nil {
		u.Loaded(done, of)
	}
}

func (u *uploader) fate(people []int, f fate) {
	for _, p := range people {
		u.people[p].fate = f
	}
}

func (u *uploader) fail(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.err == nil {
		u.err = err
	}
}

func (u *uploader) failed() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.err != nil
}

// timeLeft reports whether another load can be sent and the session still be triggered before the deadline.
func (u *uploader) timeLeft(ctx context.Context) bool {
	deadline, bounded := ctx.Deadline()
	return !bounded || time.Until(deadline) > u.Timing.Reserve+loadTime
}
