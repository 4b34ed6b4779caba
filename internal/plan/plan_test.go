package plan_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/compare"
	"rollcall/internal/config"
	"rollcall/internal/plan"
)

func TestPlan(t *testing.T) {
	h := newHouse(t, func(c *config.Config) { c.Guard.Protect = []string{"ceo", `expr:title == "Chair"`} })
	h.org.limit = 15
	h.put("new", nil)
	h.put("same", nil)
	h.org.has("same", "ACTIVE", profile("same", map[string]any{"title": "", "city": nil, "nickName": "not mapped"}))
	h.put("changed", map[string]any{"title": s("Chief"), "city": s("Bern")})
	h.org.has("changed", "ACTIVE", profile("changed", map[string]any{"title": "Clerk", "state": "BE"}))
	h.put("back", nil)
	h.org.has("back", "DEPROVISIONED", profile("back", nil))
	h.put("left", inactive)
	h.org.has("left", "ACTIVE", profile("left", nil))
	h.put("gone", inactive)
	h.org.has("gone", "DEPROVISIONED", nil)
	h.put("never", inactive)
	h.org.has("missing", "ACTIVE", profile("missing", nil))
	h.org.has("forgotten", "DEPROVISIONED", nil)
	h.org.has("ceo", "ACTIVE", nil)
	h.put("chair", map[string]any{"active": inactive["active"], "title": s("Chair")})
	h.org.has("chair", "ACTIVE", nil)
	h.put("bad", map[string]any{"email": s("bad")})
	h.org.has("", "ACTIVE", map[string]any{"userName": "assigned by hand"})

	got := h.make()
	protected := "protected by guard.protect: never deactivated"
	want := plan.Plan{
		People: []plan.Person{
			{Person: "back", Change: plan.Reactivate},
			{Person: "bad", Change: plan.Rejected, Why: "email has less than 5 characters"},
			{Person: "ceo", Change: plan.Rejected, Why: protected},
			{Person: "chair", Change: plan.Rejected, Why: protected},
			{Person: "changed", Change: plan.Update, Attributes: []compare.Attribute{{Name: "city"}, {Name: "state"}, {Name: "title"}}},
			{Person: "left", Change: plan.Deactivate, Why: "inactive in the table"},
			{Person: "missing", Change: plan.Deactivate, Why: "not in the table"},
			{Person: "new", Change: plan.Create},
		},
		Totals: plan.Totals{
			Create: 1, Update: 1, Reactivate: 1, Deactivate: 2, Missing: 1, Unchanged: 3, Rejected: 3, Items: 9, Users: 10,
		},
		Guard: plan.Guard{Limit: 20},
		Cost:  plan.Cost{Loads: 2, Sessions: 1, Calls: 8, RateLimit: 15, Minutes: 8.0 / 12},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}

	h.Values = true
	for _, p := range h.make().People {
		if p.Person != "changed" {
			continue
		}
		text := func(s string) *string { return &s }
		want := []compare.Attribute{
			{Name: "city", New: text("Bern")}, {Name: "state", Old: text("BE")}, {Name: "title", Old: text("Clerk"), New: text("Chief")},
		}
		if diff := cmp.Diff(want, p.Attributes); diff != "" {
			t.Error(diff)
		}
	}
}

// A table equal to Okta has nothing to do, whatever the order in which both are read.
func TestEqual(t *testing.T) {
	h := newHouse(t, nil)
	for i := range 1200 {
		id := fmt.Sprintf("p%04d", (i*7)%1200)
		h.org.has(id, "ACTIVE", profile(id, nil))
		h.put(fmt.Sprintf("p%04d", i), nil)
	}
	p := h.make()
	if p.Totals.Pending() != 0 || p.Totals.Unchanged != 1200 || len(p.People) != 0 || p.Cost.Calls != 0 {
		t.Errorf("got %+v, %d people listed", p.Totals, len(p.People))
	}
}

// Values that are no texts equal none.
func TestOtherThanText(t *testing.T) {
	h := newHouse(t, nil)
	h.Values = true
	h.put("jane", map[string]any{"title": s("5")})
	h.org.has("jane", "ACTIVE", profile("jane", map[string]any{"title": 5}))
	people := h.make().People
	if len(people) != 1 || people[0].Change != plan.Update || *people[0].Attributes[0].Old != "5" {
		t.Errorf("got %+v", people)
	}
}

// Without a value an attribute is left out where nulls are, and Okta keeps what it has: that is no difference.
func TestOmitted(t *testing.T) {
	h := newHouse(t, func(c *config.Config) { c.Absent = "omit" })
	h.put("jane", nil)
	h.org.has("jane", "ACTIVE", profile("jane", map[string]any{"title": "Clerk"}))
	if p := h.make(); p.Totals.Pending() != 0 {
		t.Errorf("got %+v", p.People)
	}
}

// Of a person with several items the active one counts, else the reject, as in a flush.
func TestSeveralItems(t *testing.T) {
	h := newHouse(t, func(c *config.Config) { c.ExternalIDIndex, c.Mapping.ExternalID = "by-number", "number" })
	number := func(n string, changes map[string]any) map[string]any {
		all := map[string]any{"number": s(n)}
		maps.Copy(all, changes)
		return all
	}
	h.put("a1", number("moved", inactive))
	h.put("a2", number("moved", map[string]any{"title": s("Chief"), "email": s("moved@example.com")}))
	h.org.has("moved", "ACTIVE", profile("moved", map[string]any{"title": "Chief"}))
	h.put("b1", number("left", inactive))
	h.put("b2", number("left", map[string]any{"active": s("perhaps")}))
	h.org.has("left", "ACTIVE", nil)
	h.put("c1", number("twice", map[string]any{"email": s("twice@example.com")}))
	h.put("c2", number("twice", nil))
	h.put("d1", number("out", inactive))
	h.put("d2", number("out", inactive))
	h.org.has("out", "ACTIVE", nil)
	p := h.make()
	want := []plan.Person{
		{Person: "left", Change: plan.Rejected, Why: "active is neither a boolean nor one of true, false, yes, no, 1, 0"},
		{Person: "out", Change: plan.Deactivate, Why: "inactive in the table"},
		{Person: "twice", Change: plan.Create},
	}
	if diff := cmp.Diff(want, p.People); diff != "" || p.Totals.Unchanged != 1 {
		t.Errorf("%d unchanged\n%s", p.Totals.Unchanged, diff)
	}
}

func TestGuardHolds(t *testing.T) {
	h := newHouse(t, nil)
	for i := range 21 {
		id := fmt.Sprintf("p%d", i)
		h.put(id, inactive)
		h.org.has(id, "ACTIVE", nil)
	}
	if got, want := h.make().Guard.Holds, "21 deactivations in 24 h exceed the guard's 20"; got != want {
		t.Errorf("guard holds for %q, want %q", got, want)
	}
	// Who was deactivated already within the day does not count twice.
	must(t, h.store.Put(t.Context(), []batcher.Entry{
		{Kind: "deactivated", ID: "p0", Value: []byte(`{"session":"s","at":"2026-01-01T00:00:00Z"}`), Expires: time.Now().Add(time.Hour)},
	}))
	h.table.DeleteItem(t.Context(), `{"id":{"S":"p20"}}`)
	h.org.users = h.org.users[:20]
	if g := h.make().Guard; g.Holds != "" || g.Deactivated != 1 {
		t.Errorf("got %+v", g)
	}
}

// The rate limit is only of what it costs: the rest of a plan does not need it.
func TestWithoutTheRateLimitThereIsAPlan(t *testing.T) {
	h := newHouse(t, nil)
	h.put("jane", nil)
	h.org.sessionsErr = errAway
	p := h.make()
	if p.Totals.Create != 1 || p.Cost.Calls == 0 || p.Cost.RateLimit != 0 || p.Cost.Problem != "list sessions: away" {
		t.Errorf("got %+v, %+v", p.Totals, p.Cost)
	}
}

func TestUnreadable(t *testing.T) {
	h := newHouse(t, nil)
	h.org.err = errAway
	if _, err := plan.Make(t.Context(), h.Options); !errors.Is(err, errAway) {
		t.Errorf("got %v: half a list must not be taken for the whole", err)
	}
}

// Items that are nobody's are counted; those that cannot be judged are listed by their key.
func TestItems(t *testing.T) {
	h := newHouse(t, func(c *config.Config) { c.Mapping.Match = "person" })
	h.put("order", nil)
	h.put("jane", map[string]any{"person": s("yes")})
	h.put("odd", map[string]any{"person": s("perhaps")})
	p := h.make()
	want := []plan.Person{
		{Person: "jane", Change: plan.Create},
		{
			Person: `item:{"id":{"S":"odd"}}`, Change: plan.Rejected,
			Why: "match is neither a boolean nor one of true, false, yes, no, 1, 0",
		},
	}
	if diff := cmp.Diff(want, p.People); diff != "" || p.Totals.Others != 1 || p.Totals.Rejected != 1 {
		t.Errorf("%+v\n%s", p.Totals, diff)
	}
}

// A session holds 50 loads of 200; calls to sessions come on top of those of the loads.
func TestCost(t *testing.T) {
	h := newHouse(t, func(c *config.Config) { c.Guard.People = 10 })
	h.org.limit = 15
	h.Table = many(10_001)
	c := h.make().Cost
	want := plan.Cost{Loads: 51, Sessions: 2, Calls: 62, RateLimit: 15, Minutes: 62.0 / 12}
	if c != want {
		t.Errorf("got %+v, want %+v", c, want)
	}
}

// many is a table of that many active people.
type many int

func (n many) ScanPage(_ context.Context, segment, segments int, _ intent.Key) (items [][]byte, last intent.Key, err error) {
	for i := segment; i < int(n); i += segments {
		items = append(items, fmt.Appendf(nil, `{"active":{"BOOL":true},"email":{"S":"p%[1]d@example.com"},"id":{"S":"p%[1]d"}}`, i))
	}
	return items, "", nil
}
