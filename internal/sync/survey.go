package sync

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"rollcall/intent"
	"rollcall/internal/compare"
	"rollcall/internal/enqueue"
	"rollcall/internal/scan"
	"rollcall/mapping"
	"rollcall/okta"
)

// Directory tells whom Okta has from this source.
type Directory interface {
	// AppUsers yields them in Okta's order, and ends with the first error.
	AppUsers(ctx context.Context) iter.Seq2[okta.AppUser, error]
}

// Survey is what a sync would come to that also deactivates whom the table no longer has. Nothing was enqueued for it.
// Each person is one of Create, Change, Reactivate, Unchanged, Rejected, Inactive, Protected, Leavers and Missing.
type Survey struct {
	// Listed are the people whom Okta has as active, Items those of the table, Others its items that do not match.
	Listed int `json:"listed"`
	Items  int `json:"items"`
	Others int `json:"others"`
	// Unreadable are items of which it cannot be told whose they are; each becomes a reject.
	Unreadable int `json:"unreadable"`

	Create     int `json:"create"`
	Change     int `json:"change"`
	Reactivate int `json:"reactivate"`
	Unchanged  int `json:"unchanged"`
	// Rejected are people whose item breaks a rule: the flush makes rejects of them.
	Rejected int `json:"rejected"`
	// Inactive are those of the table whom Okta does not have as active either. They are not enqueued.
	Inactive int `json:"inactive"`
	// Protected are people whom Okta has as active, who are inactive in the table or not in it, and whom guard.protect
	// names. They are not enqueued.
	Protected int `json:"protected"`
	// Leavers are inactive in the table, Missing are not in it; Okta has both as active.
	Leavers int `json:"leavers"`
	Missing int `json:"missing"`

	syncer   *syncer
	profiles *compare.Profiles
	people   map[string]*known
	// bad are the unreadable items, in the order in which they were read.
	bad []unreadable
}

// Deactivations are the people who would be deactivated.
func (s *Survey) Deactivations() int { return s.Leavers + s.Missing }

// Upserts are the people who would be enqueued besides.
func (s *Survey) Upserts() int { return s.Create + s.Change + s.Reactivate + s.Unchanged + s.Rejected }

// known is what is known of a person.
type known struct {
	// listed and active are what Okta has: the person at all, and as active.
	listed, active bool
	digest         compare.Digest // of the app's profile, from Okta
	keys           []intent.Key
	// What the items say: some item is active, inactive, or breaks a rule; the profile of an active one is Okta's; an
	// inactive one is protected.
	isActive, isInactive, isBad, isSame, isProtected bool
}

type unreadable struct {
	key    intent.Key
	reason error
}

// Look asks Okta first whom it has and then reads the table, so that nobody who joined in between is taken for missing.
// Of the options, Checkpoint and ActiveOnly are not looked at: a decision to deactivate rests on one whole look. Listed,
// if not nil, is told of each person whom Okta has, Progress of the items of each page.
func Look(ctx context.Context, table scan.Pages, directory Directory, m *mapping.Mapping, o Options, listed func()) (*Survey, error) {
	o.Checkpoint = nil
	s := &Survey{syncer: newSyncer(m, nil, o), profiles: compare.New(o.Attributes), people: map[string]*known{}}
	for user, err := range directory.AppUsers(ctx) {
		if err != nil {
			return nil, fmt.Errorf("list Okta's people: %w", err)
		}
		if err := s.list(user); err != nil {
			return nil, fmt.Errorf("list Okta's people: %w", err)
		}
		if listed != nil {
			listed()
		}
	}
	err := scan.Table(ctx, table, o.segments(), nil, func(p scan.Page) error {
		for _, item := range p.Items {
			if err := s.look(item); err != nil {
				return err
			}
		}
		if o.Progress != nil {
			o.Progress(len(p.Items))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look at the table: %w", err)
	}
	for id, p := range s.people {
		*s.count(id, p)++
	}
	return s, nil
}

// list enters a person whom Okta has. One without an externalId is not of this source's making.
func (s *Survey) list(user okta.AppUser) error {
	if user.ExternalID == "" {
		return nil
	}
	digest, err := s.profiles.Digest(user.Profile)
	if err != nil {
		return err
	}
	p := &known{listed: true, active: !user.Out(), digest: digest}
	s.people[user.ExternalID] = p
	if p.active {
		s.Listed++
	}
	return nil
}

// look enters what an item says about its person.
func (s *Survey) look(item []byte) error {
	s.Items++
	id, key, err := s.syncer.whose(item)
	switch {
	case err != nil:
		s.Unreadable++
		s.bad = append(s.bad, unreadable{key, err})
		return nil
	case id == "":
		s.Others++
		return nil
	}
	p := s.people[id]
	if p == nil {
		p = &known{}
		s.people[id] = p
	}
	p.keys = append(p.keys, key)
	return s.judge(p)
}

// judge enters what the item in the view says about its person.
func (s *Survey) judge(p *known) error {
	person, err := s.syncer.view.Person()
	protected := false
	if err == nil && !person.Active {
		protected, err = s.syncer.view.Protected()
	}
	switch {
	case err != nil:
		p.isBad = true
	case !person.Active:
		p.isInactive = true
		p.isProtected = p.isProtected || protected
	default:
		p.isActive = true
		if !p.listed || p.isSame {
			return nil
		}
		p.isSame, err = s.profiles.Same(p.digest, person.Profile)
		return err
	}
	return nil
}

// count is where a person is counted.
func (s *Survey) count(id string, p *known) *int {
	switch {
	case p.isActive && !p.listed:
		return &s.Create
	case p.isActive && !p.active:
		return &s.Reactivate
	case p.isActive && p.isSame:
		return &s.Unchanged
	case p.isActive:
		return &s.Change
	case p.isBad:
		return &s.Rejected
	case !p.active:
		return &s.Inactive
	case p.isProtected || s.syncer.Protected[id]:
		return &s.Protected
	case p.isInactive:
		return &s.Leavers
	}
	return &s.Missing
}

// Enqueue enqueues everyone of the survey but the inactive whom Okta has not, and the protected. The people who would be
// deactivated are enqueued only if somebody approved them all: they pass the guard. Without that they are left out, those
// too who are in the table.
func (s *Survey) Enqueue(ctx context.Context, queue enqueue.Queue, approved bool) (Report, error) {
	y := s.syncer
	y.sender = enqueue.New("sync", queue, nil)
	y.done = Report{Items: s.Items, Others: s.Others, Inactive: s.Inactive}
	for _, bad := range s.bad {
		if err := y.reject(bad.key, bad.reason); err != nil {
			return y.report, fmt.Errorf("sync: %w", err)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(s.people)) {
		p := s.people[id]
		in := intent.Intent{ExternalID: id, Keys: slices.Sorted(slices.Values(p.keys))}
		switch s.count(id, p) {
		case &s.Inactive, &s.Protected:
			continue
		case &s.Missing:
			in.Kind, in.Approved = intent.Deactivate, true
		case &s.Leavers:
			in.Approved = true
		}
		if in.Approved && !approved {
			continue
		}
		if err := y.pack(in); err != nil {
			return y.report, fmt.Errorf("sync: %w", err)
		}
		if err := y.sendFull(ctx); err != nil {
			return y.report, fmt.Errorf("sync: %w", err)
		}
	}
	if err := y.send(ctx); err != nil {
		return y.report, fmt.Errorf("sync: %w", err)
	}
	return y.report, nil
}
