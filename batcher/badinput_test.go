package batcher_test

import (
	"maps"
	"strings"
	"testing"

	"rollcall/batcher"
	"rollcall/intent"
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

func (h *house) send(body string) {
	h.Helper()
	_, err := h.queue.Send(h.Context(), []string{body}, 0)
	must(h.T, err)
}

func TestMessagesThatAreNotOfThisRelease(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	h.send(`{"v":2,"people":["bob"]}`)
	endless := `{"v":1,"intents":[` + strings.Repeat(`{"id":"bob","do":"upsert"},`, 10_000) + `{"id":"cem","do":"upsert"}]}`
	for _, body := range []string{
		`{"v":1,"intents":[{"id":"bob","do":"exp`, `<xml/>`, `{"v":1,"intents":[{"id":"cem","do":"promote"}]}`, endless,
	} {
		h.send(body)
	}
	h.wants(batcher.Triggered)
	h.wants(batcher.Looked)
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": "none", "cem": "none"})
	if n := h.depth(); n != 1 {
		t.Errorf("%d messages are left, want the one of the newer version", n)
	}
	rejects := h.rejects()
	if len(rejects) != 4 {
		t.Errorf("rejects %v, want the four that nobody can make use of", rejects)
	}
	for name, reason := range rejects {
		if !strings.HasPrefix(name, "message ") || strings.Contains(name+reason, "cem") || strings.Contains(name+reason, "bob") {
			t.Errorf("reject %q for %q: want it named by a hash, and nothing of its content", name, reason)
		}
	}
}

func TestAMessageOfRejectsAloneIsEnteredAndDeleted(t *testing.T) {
	h := newHouse(t)
	bodies, err := intent.Pack(intent.Message{Rejects: []intent.Reject{{Record: "r1", Reason: "record has no keys"}}})
	must(t, err)
	h.send(bodies[0])
	h.wants(batcher.Idle)
	if rejects := h.rejects(); rejects["r1"] == "" || h.depth() != 0 || h.oktaCalls() != 0 {
		t.Errorf("rejects %v, %d messages, %d calls: want it entered, gone, and nothing of it told to Okta", rejects, h.depth(), h.oktaCalls())
	}
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

func TestNumbersBeyondFloat64(t *testing.T) {
	h := newHouse(t)
	const digits = "12345678901234567890123456789012345678" // the 38 that DynamoDB keeps
	h.put("ann", map[string]any{"postcode": map[string]any{"N": digits}, "street_number": map[string]any{"N": "0.10000000000000000000000000000000000001"}})
	h.deliver()
	h.drain()
	user, _ := h.org.User("ann")
	if user.Profile["zipCode"] != digits {
		t.Errorf("zipCode is %q, want every digit of %s", user.Profile["zipCode"], digits)
	}
	if want := "0.10000000000000000000000000000000000001 Street"; user.Profile["streetAddress"] != want {
		t.Errorf("streetAddress is %q, want %q", user.Profile["streetAddress"], want)
	}
}

func TestAProfileOfEmptyValues(t *testing.T) {
	h := newHouse(t)
	empty := map[string]any{}
	for _, name := range []string{
		"email", "title", "first_name", "last_name", "phone", "cell", "street_number", "street_name", "city", "state", "postcode", "country",
	} {
		empty[name] = s("")
	}
	h.put("ann", empty)
	empty = maps.Clone(empty)
	empty["email"] = s("bob@example.com")
	h.put("bob", empty)
	h.deliver()
	h.drain()
	h.wantStatus(map[string]string{"ann": "none", "bob": oktasim.Active})
	if reason := h.rejects()["ann"]; !strings.Contains(reason, "email is absent") {
		t.Errorf("ann is rejected for %q, want the e-mail address missed", reason)
	}
	user, _ := h.org.User("bob")
	if want := map[string]string{"userName": "bob@example.com", "email": "bob@example.com"}; !maps.Equal(user.Profile, want) {
		t.Errorf("bob's profile is %v, want %v", user.Profile, want)
	}
}

func TestAPersonLargerThanALoad(t *testing.T) {
	h := newHouse(t, func(c *config.Config, o *oktasim.Config) {
		c.Mapping.Profile = maps.Clone(c.Mapping.Profile)
		c.Mapping.Profile["note"] = "note" // a custom attribute, of which only the org knows a limit
		o.DeclaredAttributes = append(o.DeclaredAttributes, "note")
	})
	h.put("huge", map[string]any{"note": s(strings.Repeat("é", 195_000))})
	h.put("ann", nil)
	h.deliver()
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active, "huge": "none"})
	if rejects := h.rejects(); len(rejects) != 1 || !strings.Contains(rejects["huge"], "larger than one load") {
		t.Errorf("rejects %v, want the one person who fits no load", rejects)
	}
}

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

func TestAnExternalIDThatOktaCannotHaveIsNobodysFault(t *testing.T) {
	h := newHouse(t)
	long := strings.Repeat("x", 513)
	operator := batcher.Operator{Control: h.control, Queue: h.queue, Who: "test"}
	must(t, operator.Deactivate(t.Context(), []string{long}))
	h.wants(batcher.Nothing)
	if reason := h.rejects()[long]; !strings.Contains(reason, "512") {
		t.Errorf("rejected for %q, want the limit named", reason)
	}
	if n := h.org.Calls()[oktasim.OpBulkDelete]; n != 0 {
		t.Errorf("%d loads with an externalId that Okta cannot have", n)
	}
}
