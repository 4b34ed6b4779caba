package sim

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"time"

	"rollcall/intent"
	"rollcall/internal/sync"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// What an operator does by rollcall sync, with the shipped code and its own reading of the table and of Okta.

// ScanPage implements scan.Pages: all items are one page.
func (e tableEdge) ScanPage(ctx context.Context, _, _ int, _ intent.Key) (items [][]byte, last intent.Key, err error) {
	err = e.actor.perform(ctx, effect{op: "table.scan", do: func() error {
		if e.actor.house.tableDown {
			return errTableDown
		}
		for _, key := range e.table.keys() {
			if item := e.table.item(key); item != nil {
				items = append(items, item)
			}
		}
		return nil
	}})
	return items, "", err
}

// AppUsers implements sync.Directory.
func (e tableEdge) AppUsers(ctx context.Context) iter.Seq2[okta.AppUser, error] {
	var users []oktasim.User
	err := e.actor.perform(ctx, effect{op: "app users", do: func() error {
		users = e.actor.house.org.Users()
		return nil
	}})
	return func(yield func(okta.AppUser, error) bool) {
		if err != nil {
			yield(okta.AppUser{}, err)
			return
		}
		for _, u := range users {
			profile, err := json.Marshal(u.Profile)
			if !yield(okta.AppUser{ID: u.ID, ExternalID: u.ExternalID, Status: u.Status, Profile: profile}, err) {
				return
			}
		}
	}
}

// outbox keeps what is to be sent till the operator has said whom they approve.
type outbox struct{ bodies []string }

// Send implements enqueue.Queue.
func (o *outbox) Send(_ context.Context, bodies []string, _ time.Duration) ([]int, error) {
	o.bodies = append(o.bodies, slices.Clone(bodies)...)
	return nil, nil
}

// scan enqueues everybody of the table, or with missing also an approved deactivation of those whom it no longer has.
func (h *house) scan(ctx context.Context, a *actor, missing bool) error {
	schema := schemaOf(h.plan.flavor.indexed)
	o := sync.Options{Partition: schema.Partition.Name, Segments: 1, Attributes: h.mapping.Attributes(), Protected: map[string]bool{}}
	if id := h.plan.flavor.protected; id != "" {
		o.Protected[id] = true
	}
	edge := tableEdge{a, h.table}
	if !missing {
		_, err := sync.Sync(ctx, edge, h.mapping, queueEdge{a, h.queue}, o)
		return err
	}
	survey, err := sync.Look(ctx, edge, edge, h.mapping, o, nil)
	if err != nil {
		return err
	}
	var out outbox
	if _, err := survey.Enqueue(ctx, &out, true); err != nil {
		return err
	}
	for _, body := range out.bodies {
		m, err := intent.Decode(body)
		if err != nil {
			return err
		}
		for _, in := range m.Intents {
			if in.Approved {
				h.checks.dismiss(ctx, a, in.ExternalID) // nobody looked at what their items were
			}
		}
		if _, err := (queueEdge{a, h.queue}).Send(ctx, []string{body}, 0); err != nil {
			return err
		}
	}
	return nil
}
