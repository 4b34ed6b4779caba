package plan_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"slices"
	"testing"

	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/internal/embedded"
	"rollcall/internal/items"
	"rollcall/internal/plan"
	"rollcall/okta"
)

// org is what Okta has.
type org struct {
	users []okta.AppUser
	limit int
	err   error
	// sessionsErr is why sessions cannot be listed.
	sessionsErr error
}

func (o *org) AppUsers(context.Context) iter.Seq2[okta.AppUser, error] {
	return func(yield func(okta.AppUser, error) bool) {
		for _, u := range o.users {
			if !yield(u, nil) {
				return
			}
		}
		if o.err != nil {
			yield(okta.AppUser{}, o.err)
		}
	}
}

func (o *org) ListSessions(context.Context) ([]okta.Session, error) { return nil, o.sessionsErr }

func (o *org) Rate() okta.Rate { return okta.Rate{Limit: o.limit} }

// has adds a user with this profile.
func (o *org) has(id, status string, profile map[string]any) {
	raw, err := json.Marshal(profile)
	if err != nil {
		panic(err)
	}
	o.users = append(o.users, okta.AppUser{ID: "00u" + id, ExternalID: id, Status: status, Profile: raw})
}

// profile is what item becomes, changed; nil removes an attribute.
func profile(id string, changes map[string]any) map[string]any {
	p := map[string]any{"userName": id + "@example.com", "email": id + "@example.com", "firstName": "A", "displayName": "A"}
	for name, v := range changes {
		if v == nil {
			delete(p, name)
		} else {
			p[name] = v
		}
	}
	return p
}

// house is a table, a control table and an org to compare.
type house struct {
	*testing.T
	org   org
	table *embedded.Table
	store embedded.Store
	plan.Options
}

func newHouse(t *testing.T, change func(*config.Config)) *house {
	t.Helper()
	cfg := config.Default()
	if change != nil {
		change(&cfg)
	}
	db, err := embedded.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { must(t, db.Close()) })
	index := ""
	if cfg.ExternalIDIndex != "" {
		index = cfg.Mapping.ExternalID
	}
	h := &house{T: t, store: db.Store()}
	h.table, err = db.Table(t.Context(), embedded.TableOptions{
		Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: cfg.Key.Partition}}, ExternalIDIndex: index,
	})
	must(t, err)
	compiled, err := cfg.CompileMapping()
	must(t, err)
	log := logrus.New()
	log.SetOutput(io.Discard)
	h.Options = plan.Options{
		Table: h.table, Okta: &h.org, Mapping: compiled, Attributes: slices.Sorted(maps.Keys(cfg.Mapping.Profile)),
		Partition: cfg.Key.Partition, RateShare: cfg.Okta.RateShare,
		Name: func(id string) string { return id },
		Flusher: &batcher.Flusher{
			Table: h.table, Control: batcher.NewControl(h.store), Mapping: compiled, Indexed: index != "",
			Guard:     batcher.GuardLimits{Min: cfg.Guard.Min, Percent: cfg.Guard.Percent, People: int64(cfg.Guard.People)},
			Protected: cfg.ProtectedIDs(), Log: logrus.NewEntry(log),
		},
	}
	return h
}

// put puts an item under an id; changes replace attributes.
func (h *house) put(id string, changes map[string]any) {
	h.Helper()
	item := map[string]any{"id": s(id), "active": map[string]any{"BOOL": true}, "email": s(id + "@example.com"), "first_name": s("A")}
	maps.Copy(item, changes)
	raw, err := json.Marshal(item)
	must(h.T, err)
	must(h.T, h.table.PutItem(h.Context(), raw))
}

func s(text string) map[string]any { return map[string]any{"S": text} }

var inactive = map[string]any{"active": map[string]any{"BOOL": false}}

func (h *house) make() plan.Plan {
	h.Helper()
	p, err := plan.Make(h.Context(), h.Options)
	must(h.T, err)
	return p
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var errAway = errors.New("away")
