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

// TestAHeapForANewerReleaseHidesNobody: a batch of nothing but messages of a newer release is not the end of a burst.
func TestAHeapForANewerReleaseHidesNobody(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	for range 59 { // the queue hands out ten at a time, the last sent first
		h.send(`{"v":2,"people":["cem"]}`)
	}
	h.put("bob", nil)
	h.deliver()
	h.wants(batcher.Triggered)
	h.wants(batcher.Looked)
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": oktasim.Active})
	if n := h.depth(); n != 59 {
		t.Errorf("%d messages are left, want those of the newer version", n)
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
