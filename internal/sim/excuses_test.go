package sim

import (
	"testing"
	"testing/synctest"

	"rollcall/batcher"
	"rollcall/intent"
)

// excusing runs f with a house that is not played, in which row 0 is p00, inactive.
func excusing(t *testing.T, f func(h *house, c *checks)) {
	synctest.Test(t, func(*testing.T) {
		h := newHouse(plan{seed: 1, flavor: flavor{rows: 1, lanes: 1}}, false)
		h.people.set(0, item{id: "p00", active: "false", email: "a@example.com", title: "title"}, false)
		f(h, h.checks)
		h.end()
		h.gate.close()
		h.work.Wait()
	})
}

// TestWhoeverIsForgivenIsJudgedAgain has an operator discard somebody of whom more is said afterwards.
func TestWhoeverIsForgivenIsJudgedAgain(t *testing.T) {
	excusing(t, func(h *house, c *checks) {
		entry := []batcher.Entry{{Kind: "held", ID: "p00"}}
		upsert := intent.Intent{ExternalID: "p00", Kind: intent.Upsert}
		leaves := intent.Intent{ExternalID: "p00", Kind: intent.Deactivate}
		for _, one := range []struct {
			what    string
			do      func()
			excused bool
		}{
			{"discarded", func() { c.discarded(entry) }, true},
			{"said before the entry is gone", func() { c.forgiven["p00"] = forgiveness{dropping: true}; c.unforgive(leaves); c.discarded(entry) }, true},
			{"said again to leave", func() { c.discarded(entry); c.unforgive(leaves) }, false},
			{"said again, with an item", func() { c.discarded(entry); c.unforgive(upsert) }, false},
			{"said again, without an item", func() { c.discarded(entry); c.unforgive(upsert); h.people.remove(0, false) }, true},
		} {
			c.forgiven["p00"] = forgiveness{dropping: true}
			if one.do(); c.excused("p00") != one.excused {
				t.Errorf("%s: excused %v", one.what, !one.excused)
			}
		}
	})
}

// TestARejectExcusesWhomItNames has rejects of persons and of items.
func TestARejectExcusesWhomItNames(t *testing.T) {
	excusing(t, func(h *house, c *checks) {
		key := keyOf(false, 0, "p00")
		if c.rejectedBy(intent.Reject{Key: key}, "p00") {
			t.Error("who was not at the item when it was rejected is excused")
		}
		c.rejected(&actor{house: h, run: newRunView()}, intent.Reject{Key: key})
		if !c.rejectedBy(intent.Reject{Key: key}, "p00") || c.rejectedBy(intent.Reject{Key: key}, "p01") {
			t.Error("a reject of an item excuses not just who was there")
		}
		if c.rejectedBy(intent.Reject{Key: key, ExternalID: "p01"}, "p00") {
			t.Error("a reject of one person excuses another at their key")
		}
	})
}
