package batcher_test

import (
	"maps"
	"testing"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/okta/oktasim"
)

// indexed makes a house whose people are found by the attribute "employee", wherever they lie.
func indexed(c *config.Config, _ *oktasim.Config) {
	c.ExternalIDIndex, c.Mapping.ExternalID = "by-employee", "employee"
}

// as is an item's attributes for a person of an indexed house.
func as(employee string, changes map[string]any) map[string]any {
	all := map[string]any{"employee": s(employee)}
	maps.Copy(all, changes)
	return all
}

func TestOneKeyUnderTwoExternalIDsInOneFlush(t *testing.T) {
	h := newHouse(t, indexed)
	h.put("k1", as("ann", nil))
	h.deliver()
	h.drain()
	h.put("k1", as("bea", nil)) // a rename: deactivate ann, upsert bea, both under k1
	h.deliver()
	if report := h.wants(batcher.Triggered); report.People != 2 || report.Upserted != 1 || report.Deactivated != 1 {
		t.Errorf("report %+v, want one told and one out", report)
	}
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Deprovisioned, "bea": oktasim.Active})
}

func TestAPersonMovedBetweenKeysStays(t *testing.T) {
	for name, move := range map[string]func(*house){
		"new key first": func(h *house) { h.put("k2", as("ann", map[string]any{"title": s("Moved")})); h.remove("k1") },
		"old key first": func(h *house) { h.remove("k1"); h.put("k2", as("ann", map[string]any{"title": s("Moved")})) },
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, indexed)
			h.put("k1", as("ann", nil))
			h.deliver()
			h.drain()
			move(h)
			h.deliver()
			if report := h.wants(batcher.Triggered); report.Upserted != 1 || report.Deactivated != 0 {
				t.Errorf("report %+v, want one upsert", report)
			}
			h.drain()
			h.wantStatus(map[string]string{"ann": oktasim.Active})
			if user, _ := h.org.User("ann"); user.Profile["title"] != "Moved" {
				t.Errorf("ann's title is %q", user.Profile["title"])
			}
		})
	}
}

func TestOfTwoItemsOfOnePersonTheSmallerKeyCounts(t *testing.T) {
	h := newHouse(t, indexed)
	h.put("k2", as("ann", map[string]any{"title": s("Second")}))
	h.put("k1", as("ann", map[string]any{"title": s("First")}))
	h.deliver()
	if report := h.wants(batcher.Triggered); report.Shadowed != 1 || report.People != 1 {
		t.Errorf("report %+v, want one person and one item shadowed", report)
	}
	h.drain()
	if user, _ := h.org.User("ann"); user.Profile["title"] != "First" {
		t.Errorf("ann's title is %q, want that of the smaller key", user.Profile["title"])
	}
	h.put("k1", as("ann", inactive)) // active under the other key still
	h.deliver()
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active})
	h.remove("k2")
	h.deliver()
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Deprovisioned})
}
