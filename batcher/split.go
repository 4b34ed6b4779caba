package batcher

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"rollcall/okta"
)

// isolate splits a refused load, unless the session takes no loads any more.
func (u *uploader) isolate(ctx context.Context, l load, err error) {
	u.splitting <- struct{}{}
	defer func() { <-u.splitting }()
	if u.extra == 0 {
		if gone := u.check(ctx); gone != nil {
			u.fail(gone)
			return
		}
	}
	u.split(ctx, l, err)
}

// split finds the people at fault in a refused load: it sends the halves, and the halves of those refused. Where one
// half was accepted the fault must lie in the other, so that one is split unsent; but nobody is held at fault who was
// not refused alone. What the budget does not reach goes back under suspicion.
func (u *uploader) split(ctx context.Context, l load, err error) {
	if len(l.people) == 1 {
		u.mu.Lock()
		u.refused = append(u.refused, refusal{person: l.people[0], err: err})
		u.mu.Unlock()
		return
	}
	half := len(l.people) / 2
	first := load{deactivate: l.deactivate, people: l.people[:half]}
	second := load{deactivate: l.deactivate, people: l.people[half:]}
	accepted, ok := u.probe(ctx, first)
	switch {
	case !ok:
		u.fate(second.people, suspected)
	case accepted && len(second.people) > 1:
		u.split(ctx, second, err)
	default:
		u.probe(ctx, second)
	}
}

// probe sends a part of a refused load, if the budget allows it, and splits it when it is refused. It reports whether
// the part was accepted, and false for ok if it was not sent or the run cannot go on.
func (u *uploader) probe(ctx context.Context, l load) (accepted, ok bool) {
	if u.failed() || !u.timeLeft(ctx) || !u.spend() {
		u.fate(l.people, suspected)
		return false, false
	}
	err := u.send(ctx, l)
	switch {
	case err == nil:
		u.fate(l.people, loaded)
		return true, true
	case okta.Classify(err) == okta.Refused:
		u.split(ctx, l, err)
		return false, true
	case okta.Classify(err) == okta.Throttled:
		u.fate(l.people, suspected)
		return false, false
	default:
		u.fail(fmt.Errorf("upload part of a refused load: %w", err))
		return false, false
	}
}

// spend takes one call and one load from the budgets, if they have them. One call is kept for the last check. Refused loads
// count: Okta does not say whether they do, and a 400 for one load too many would be taken for somebody's fault.
func (u *uploader) spend() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.extra >= extraCalls-1 || u.planned >= okta.MaxLoads {
		return false
	}
	u.extra++
	u.planned++
	return true
}

const (
	// fewPeople, manyReceives and manyRefusals: of a run of so few people, all refused, those received so often are
	// rejected, if it is the last of so many runs in a row in which everybody was, since a fault of the setup would have
	// been noticed by then. Receives alone do not tell: they count also while Okta is busy.
	fewPeople    = 10
	manyReceives = 6
	manyRefusals = 6
)

// errAllRefused is what a run ends in when Okta took nobody.
var errAllRefused = errors.New("Okta refused everybody: check that the mapped attributes are declared in the app's profile")

// judgeRefusals turns refusals into rejects, unless the setup may be at fault, for which nobody is rejected. Whoever was
// taken proves the setup good enough for a deactivation; only an upsert that was taken proves it for upserts, since
// deactivations carry no attributes.
func (r *run) judgeRefusals(u *uploader) {
	for _, kind := range []action{actDeactivate, actUpsert} {
		taken, fault := false, error(nil)
		for i := range r.people {
			p := &r.people[i]
			taken = taken || p.fate == loaded && (kind == actDeactivate || p.action == kind)
		}
		refused := slices.ContainsFunc(u.refused, func(f refusal) bool { return r.people[f.person].action == kind })
		row := r.state.Refusals.of(kind)
		switch {
		case taken:
			*row = 0
		case refused:
			*row++
		}
		few := len(r.people) <= fewPeople && *row >= manyRefusals
		for _, f := range u.refused {
			p := &r.people[f.person]
			if p.action != kind {
				continue
			}
			if taken || few && r.inbox.received[p.intent.ExternalID] >= manyReceives {
				p.action, p.reason = actReject, refusalReason(f.err)
				continue
			}
			p.fate, fault = returned, f.err
		}
		if fault == nil {
			continue
		}
		for i := range r.people {
			if p := &r.people[i]; p.action == kind && p.fate == suspected {
				p.fate = returned
			}
		}
		r.fault = errors.Join(r.fault, fmt.Errorf("%w: %w", errAllRefused, fault))
	}
}

// refusalReason says what Okta said, without what it may quote of the profile.
func refusalReason(err error) string {
	var api *okta.APIError
	if !errors.As(err, &api) {
		return "refused by Okta"
	}
	return fmt.Sprintf("refused by Okta: %d %s, errorId %s", api.Status, api.Code, api.ID)
}
