// Package plan compares the table with what Okta has from the identity source, person by person. It writes nothing.
//
// It is a look, not a lock: the table is scanned after Okta was listed, both while they may change, and what is on its
// way in the queue shows as a difference.
package plan

import (
	"context"
	"fmt"
	"iter"

	"rollcall/batcher"
	"rollcall/internal/compare"
	"rollcall/internal/scan"
	"rollcall/mapping"
	"rollcall/okta"
)

// Change is what it takes to make Okta equal to the table for one person.
type Change string

const (
	// Unchanged people need not be told; they are counted, not listed.
	Unchanged Change = "unchanged"
	// Create is of somebody whom Okta does not have.
	Create Change = "create"
	// Update is of somebody whose attributes differ.
	Update Change = "update"
	// Reactivate is of somebody active whom Okta took out.
	Reactivate Change = "reactivate"
	// Deactivate is of somebody whom Okta has and who is inactive in the table, or not in it.
	Deactivate Change = "deactivate"
	// Rejected is of somebody whom Okta cannot be told of, or who is protected from being deactivated.
	Rejected Change = "rejected"
)

// Person is somebody who is not Unchanged.
type Person struct {
	// Person is the name of the person; of an item of which it cannot be told whose it is, the item's after "item:".
	Person string `json:"person"`
	Change Change `json:"change"`
	// Why is the reason of Rejected and Deactivate. It names rules and attributes, never values.
	Why string `json:"why,omitempty"`
	// Attributes are those that an Update or a Reactivate would change, by their names; with values if Options.Values asks
	// for them.
	Attributes []compare.Attribute `json:"attributes,omitempty"`
}

// Plan is the comparison.
type Plan struct {
	// People are those who are not Unchanged, in order of their externalIds; rejected items of nobody known come last.
	People []Person `json:"people"`
	Totals Totals   `json:"totals"`
	Guard  Guard    `json:"guard"`
	Cost   Cost     `json:"cost"`
}

// Totals count people by their Change, and what was read.
type Totals struct {
	Create     int `json:"create"`
	Update     int `json:"update"`
	Reactivate int `json:"reactivate"`
	Deactivate int `json:"deactivate"`
	// Missing are those of Deactivate whom the table does not have: a sync says nothing of them, unless asked with
	// --deactivate-missing.
	Missing int `json:"missing"`
	// Unchanged are people of the table.
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`
	// Items were read from the table, of which Others match nobody; Users were listed by Okta.
	Items  int `json:"items"`
	Others int `json:"others"`
	Users  int `json:"users"`
}

// Pending counts the people about whom Okta is to be told.
func (t Totals) Pending() int { return t.Create + t.Update + t.Reactivate + t.Deactivate }

// Guard says what the guard would make of the deactivations if they came now, unapproved.
type Guard struct {
	// Deactivated counts those of the last 24 h, Limit how many may be.
	Deactivated int `json:"deactivated"`
	Limit       int `json:"limit"`
	// Holds is why they would be held; empty if they would pass.
	Holds string `json:"holds,omitempty"`
}

// Okta is what is asked of Okta.
type Okta interface {
	AppUsers(ctx context.Context) iter.Seq2[okta.AppUser, error]
	ListSessions(ctx context.Context) ([]okta.Session, error)
	Rate() okta.Rate
}

var _ Okta = (*okta.Client)(nil)

// Options are what a plan is made of.
type Options struct {
	Table   scan.Pages
	Okta    Okta
	Mapping *mapping.Mapping
	// Attributes are the mapped attributes of Okta's profile.
	Attributes []string
	// Partition and Sort name the attributes of the table's primary key; Sort is empty if it has none.
	Partition, Sort string
	// Flusher is never run; it is asked about people who have several items, and what the guard goes by.
	Flusher *batcher.Flusher
	// Name is what is shown of an externalId.
	Name func(externalID string) string
	// Values keeps the values of what would change. Everybody's profile is then held in memory; else only hashes are.
	Values bool
	// RateShare is the share of the rate limit that a flush may use.
	RateShare float64
	// Listed and Scanned are told how many more users of Okta, or items of the table, were read; each may be nil.
	Listed, Scanned func(n int)
}

// Make compares.
func Make(ctx context.Context, o Options) (Plan, error) {
	if o.Listed == nil {
		o.Listed = func(int) {}
	}
	if o.Scanned == nil {
		o.Scanned = func(int) {}
	}
	m := &maker{Options: o, view: o.Mapping.NewView(), people: map[string]*difference{}, several: map[string]bool{}}
	var err error
	if m.roster, err = listRoster(ctx, o); err != nil {
		return Plan{}, fmt.Errorf("list Okta's users: %w", err)
	}
	if err := scan.Table(ctx, o.Table, scan.DefaultSegments, nil, m.page); err != nil {
		return Plan{}, fmt.Errorf("scan table: %w", err)
	}
	if err := m.settleSeveral(ctx); err != nil {
		return Plan{}, err
	}
	guard, err := o.Flusher.GuardState(ctx)
	if err != nil {
		return Plan{}, err
	}
	m.missing()
	plan := m.plan(guard)
	// Okta tells the rate limit of the calls to sessions with the answer to one of them. Without it the rest is as good.
	if _, err := o.Okta.ListSessions(ctx); err != nil {
		plan.Cost.Problem = fmt.Sprintf("list sessions: %v", err)
		return plan, nil
	}
	plan.Cost.at(o.Okta.Rate().Limit, o.RateShare)
	return plan, nil
}
