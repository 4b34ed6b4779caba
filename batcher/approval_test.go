package batcher_test

import (
	"strings"
	"testing"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/okta/oktasim"
)

func TestProtectedPeopleStay(t *testing.T) {
	h := newHouse(t, func(c *config.Config, _ *oktasim.Config) {
		c.Guard.Protect = []string{"ceo", `expr:title == "Chair"`}
	})
	chair := map[string]any{"title": s("Chair")}
	h.put("ceo", nil)
	h.put("chair", chair)
	h.put("ann", nil)
	h.deliver()
	h.drain()
	h.remove("ceo")
	h.put("chair", map[string]any{"title": s("Chair"), "active": map[string]any{"BOOL": false}})
	h.remove("ann")
	h.deliver()
	must(t, batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}.Deactivate(t.Context(), []string{"ceo"}))
	h.drain()
	h.wantStatus(map[string]string{"ceo": oktasim.Active, "chair": oktasim.Active, "ann": oktasim.Deprovisioned})
	rejects := h.rejects()
	if len(rejects) != 2 || !strings.Contains(rejects["ceo"], "guard.protect") || !strings.Contains(rejects["chair"], "guard.protect") {
		t.Errorf("rejects %v, want the protected by name", rejects)
	}
	h.put("chair", chair) // it was a mistake
	h.deliver()
	h.drain()
	if rejects := h.rejects(); rejects["chair"] != "" {
		t.Errorf("rejects %v after the chair was loaded", rejects)
	}
}

// TestACopyWithoutTheApprovalHoldsNobody: a queue may deliver an intent twice, and the urgent lane says people again; what
// an operator has let out must not fill the list anew.
func TestACopyWithoutTheApprovalHoldsNobody(t *testing.T) {
	h := newHouse(t, func(c *config.Config, _ *oktasim.Config) { c.Guard.Min, c.Guard.Percent = 2, 0 })
	leavers := []string{"ann", "bea", "cem"}
	leave := intent.Message{}
	for _, id := range leavers {
		h.put(id, nil)
		leave.Intents = append(leave.Intents, intent.Intent{ExternalID: id, Kind: intent.Deactivate, Keys: []intent.Key{keyOf(id)}})
	}
	h.deliver()
	h.drain()
	for _, id := range leavers {
		h.remove(id)
	}
	h.deliver()
	if report := h.wants(batcher.Nothing); report.Held != 3 {
		t.Fatalf("report %+v, want three held", report)
	}
	held, err := h.control.Held(t.Context())
	must(t, err)
	must(t, batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}.Release(t.Context(), held))
	h.drain()
	bodies, err := intent.Pack(leave)
	must(t, err)
	h.send(bodies[0])
	h.drain()
	if held, err = h.control.Held(t.Context()); err != nil || len(held) > 0 {
		t.Errorf("%d are held again (%v)", len(held), err)
	}
	if counted, err := h.control.Deactivated(t.Context()); err != nil || len(counted) > 0 {
		t.Errorf("%d count for the guard (%v), want none of those approved", len(counted), err)
	}
}

// TestAnApprovalIsOverWithWhoIsBack: an approved deactivation that found the person active, and whose session failed, must
// not take the person past the guard later.
func TestAnApprovalIsOverWithWhoIsBack(t *testing.T) {
	h := newHouse(t, func(c *config.Config, _ *oktasim.Config) { c.Guard.Min, c.Guard.Percent = 0, 0 })
	h.put("ann", nil)
	h.deliver()
	h.drain()
	must(t, batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}.Deactivate(t.Context(), []string{"ann"}))
	h.faults(oktasim.Fault{Op: oktasim.OpImport})
	h.wants(batcher.Triggered) // an upsert, since the item is active
	h.remove("ann")
	h.deliver()
	h.drain()
	held, err := h.control.Held(t.Context())
	must(t, err)
	if len(held) != 1 || h.status("ann") != oktasim.Active {
		t.Errorf("%d are held and ann is %s, want her held", len(held), h.status("ann"))
	}
}

// TestWhoIsHeldLeavesOnReleaseThoughTheItemIsGone: the upsert that found the item inactive was held, and the removal joined
// it. The entry must be enough to take the person out.
func TestWhoIsHeldLeavesOnReleaseThoughTheItemIsGone(t *testing.T) {
	h := newHouse(t, func(c *config.Config, _ *oktasim.Config) { c.Guard.Min, c.Guard.Percent = 0, 0 })
	h.put("ann", nil)
	h.deliver()
	h.drain()
	h.put("ann", map[string]any{"title": s("New")})
	h.deliver() // an upsert
	h.put("ann", inactive)
	if report := h.wants(batcher.Nothing); report.Held != 1 {
		t.Fatalf("report %+v, want ann held", report)
	}
	h.remove("ann")
	h.deliver() // a deactivation, twice
	h.drain()
	held, err := h.control.Held(t.Context())
	must(t, err)
	if len(held) != 1 {
		t.Fatalf("%d are held, want ann", len(held))
	}
	h.wantStatus(map[string]string{"ann": oktasim.Active})
	must(t, batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}.Release(t.Context(), held))
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Deprovisioned})
}
