package batcher_test

import (
	"strings"
	"testing"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/okta/oktasim"
)

// chaired protects whoever is the chair.
func chaired(c *config.Config, _ *oktasim.Config) {
	c.Guard.Protect = []string{`expr:title == "Chair"`}
}

var chair = map[string]any{"title": s("Chair")}

// marked says that somebody left who was protected.
func (h *house) marked(id string) {
	h.Helper()
	h.sendIntents(intent.Intent{ExternalID: id, Kind: intent.Deactivate, Protected: true, Keys: []intent.Key{keyOf(id)}})
}

func (h *house) sendIntents(intents ...intent.Intent) {
	h.Helper()
	bodies, err := intent.Pack(intent.Message{Intents: intents})
	must(h.T, err)
	for _, body := range bodies {
		h.send(body)
	}
}

// staysRejected checks that somebody is active in Okta, and rejected by guard.protect.
func (h *house) staysRejected(id string) {
	h.Helper()
	h.wantStatus(map[string]string{id: oktasim.Active})
	if reason := h.rejects()[id]; !strings.Contains(reason, "guard.protect") {
		h.Errorf("%s is rejected for %q, want it named that they are protected", id, reason)
	}
}

func TestWhoseItemIsGoneIsProtectedByWhatItWas(t *testing.T) {
	h := newHouse(t, chaired)
	for _, id := range []string{"gone", "left", "named"} {
		h.put(id, chair)
	}
	h.put("former", chair)
	h.deliver()
	h.drain()
	h.put("left", map[string]any{"title": s("Chair"), "active": map[string]any{"BOOL": false}})
	h.put("former", nil)
	for _, id := range []string{"gone", "left", "named", "former"} {
		h.remove(id)
	}
	h.deliver()
	operator := batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}
	must(t, operator.Deactivate(t.Context(), []string{"named"}))
	h.drain()
	for _, id := range []string{"gone", "left", "named"} {
		h.staysRejected(id)
	}
	h.wantStatus(map[string]string{"former": oktasim.Deprovisioned})

	rejects, err := h.control.Rejects(t.Context())
	must(t, err)
	_, err = operator.Retry(t.Context(), rejects)
	must(t, err)
	h.drain()
	for _, id := range []string{"gone", "left", "named"} {
		h.staysRejected(id)
	}
}

// TestAnItemThatIsThereIsJudgedByItself, whatever an item was before it.
func TestAnItemThatIsThereIsJudgedByItself(t *testing.T) {
	h := newHouse(t, chaired)
	h.put("ann", nil)
	h.put("bea", nil)
	h.deliver()
	h.drain()
	h.put("bea", inactive)
	h.marked("ann")
	h.marked("bea")
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bea": oktasim.Deprovisioned})
	if rejects := h.rejects(); len(rejects) > 0 {
		t.Errorf("rejects %v", rejects)
	}
}

func TestProtectionOutlivesASessionThatFails(t *testing.T) {
	h := newHouse(t, chaired)
	h.put("ann", nil)
	h.deliver()
	h.drain()
	h.marked("ann")
	h.faults(oktasim.Fault{Op: oktasim.OpImport})
	h.wants(batcher.Triggered) // an upsert, since the item is there again
	h.remove("ann")            // of which the record is yet to come
	h.drain()
	h.staysRejected("ann")
}

// TestProtectionOutlivesAHold: what is held and released is resolved once more.
func TestProtectionOutlivesAHold(t *testing.T) {
	h := newHouse(t, chaired, func(c *config.Config, _ *oktasim.Config) { c.Guard.Min, c.Guard.Percent = 0, 0 })
	h.put("ann", nil)
	h.deliver()
	h.drain()
	h.put("ann", inactive)
	h.marked("ann")
	h.wants(batcher.Nothing)
	held, err := h.control.Held(t.Context())
	must(t, err)
	if len(held) != 1 {
		t.Fatalf("%d are held, want ann: her item is there and protects nobody", len(held))
	}
	h.remove("ann")
	must(t, batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}.Release(t.Context(), held))
	h.wants(batcher.Nothing)
	h.staysRejected("ann")
}

// TestWhoWasProtectedWhileInactiveIsSoWithoutTheItem, also by an intent that says nothing of it.
func TestWhoWasProtectedWhileInactiveIsSoWithoutTheItem(t *testing.T) {
	h := newHouse(t, chaired)
	h.put("ann", chair)
	h.deliver()
	h.drain()
	h.put("ann", map[string]any{"title": s("Chair"), "active": map[string]any{"BOOL": false}})
	h.sendIntents(intent.Intent{ExternalID: "ann", Kind: intent.Deactivate, Keys: []intent.Key{keyOf("ann")}})
	h.wants(batcher.Nothing)
	rejects, err := h.control.Rejects(t.Context())
	must(t, err)
	h.remove("ann")
	_, err = batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}.Retry(t.Context(), rejects)
	must(t, err)
	h.wants(batcher.Nothing)
	h.staysRejected("ann")
}

func TestTheUrgentLaneHeedsProtection(t *testing.T) {
	h := urgent(t, 5, "ann", "bob")
	for id, protected := range map[string]bool{"ann": true, "bob": false} {
		h.remove(id)
		bodies, err := intent.Pack(intent.Message{Intents: []intent.Intent{
			{ExternalID: id, Kind: intent.Deactivate, Protected: protected, Keys: []intent.Key{keyOf(id)}},
		}})
		must(t, err)
		_, err = h.urgentQueue.Send(t.Context(), bodies, 0)
		must(t, err)
	}
	h.poll(func() bool {
		visible, hidden, _, err := h.urgentQueue.Depth(t.Context())
		return err == nil && visible+hidden == 0
	})
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": oktasim.Deprovisioned})
	must(t, h.org.Reconfigure(func(o *oktasim.Config) { o.ImportTime = 0 }))
	h.drain() // ann is said again
	h.staysRejected("ann")
}

// TestWhoIsRejectedIsNotHeldAnyMore: of two decisions the last stands, and a release by the first must not undo it.
func TestWhoIsRejectedIsNotHeldAnyMore(t *testing.T) {
	h := newHouse(t, chaired, func(c *config.Config, _ *oktasim.Config) { c.Guard.Min, c.Guard.Percent = 0, 0 })
	h.put("ann", nil)
	h.deliver()
	h.drain()
	h.put("ann", inactive)
	h.deliver()
	if report := h.wants(batcher.Nothing); report.Held != 1 {
		t.Fatalf("report %+v, want ann held", report)
	}
	h.put("ann", map[string]any{"title": s("Chair"), "active": map[string]any{"BOOL": false}})
	h.remove("ann")
	h.deliver()
	h.drain()
	held, err := h.control.Held(t.Context())
	must(t, err)
	if len(held) > 0 {
		t.Errorf("%d are held beside the reject", len(held))
	}
	h.staysRejected("ann")
}
