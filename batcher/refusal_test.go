package batcher_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/okta/oktasim"
)

// refusingNull makes an org that refuses a load with null for a custom attribute, so that a person without a title is at
// fault in a way that only Okta knows.
func refusingNull(_ *config.Config, o *oktasim.Config) { o.RefuseNullCustom = true }

var untitled = map[string]any{"title": nil}

func TestThePersonAtFaultIsFoundAndRejected(t *testing.T) {
	h := newHouse(t, refusingNull)
	name := func(i int) string { return fmt.Sprintf("p%03d", i) }
	h.putMany(40, name)
	h.put(name(17), untitled)
	h.deliver()
	h.drain()
	for i := range 40 {
		want := oktasim.Active
		if i == 17 {
			want = "none"
		}
		h.wantStatus(map[string]string{name(i): want})
	}
	rejects := h.rejects()
	if len(rejects) != 1 || !strings.Contains(rejects[name(17)], "E0000001") || !strings.Contains(rejects[name(17)], "errorId") {
		t.Fatalf("rejects %v, want %s with Okta's error", rejects, name(17))
	}
	h.put(name(17), nil) // mended
	h.deliver()
	h.drain()
	h.wantStatus(map[string]string{name(17): oktasim.Active})
	if rejects := h.rejects(); len(rejects) > 0 {
		t.Errorf("rejects %v after the person was loaded", rejects)
	}
}

func TestManyAtFaultAreFoundWithinTheBudget(t *testing.T) {
	h := newHouse(t, refusingNull)
	name := func(i int) string { return fmt.Sprintf("p%03d", i) }
	h.putMany(300, name)
	bad := map[int]bool{3: true, 50: true, 51: true, 120: true, 199: true, 250: true}
	for i := range bad {
		h.put(name(i), untitled)
	}
	h.deliver()
	before := h.oktaCalls()
	h.wants(batcher.Triggered)
	if n := h.oktaCalls() - before; n > 5+12+2 {
		t.Errorf("%d calls in one flush, want at most a dozen more than without faults", n)
	}
	h.drain()
	for i := range 300 {
		want := oktasim.Active
		if bad[i] {
			want = "none"
		}
		h.wantStatus(map[string]string{name(i): want})
	}
	if rejects := h.rejects(); len(rejects) != len(bad) {
		t.Errorf("%d rejects, want %d: %v", len(rejects), len(bad), rejects)
	}
}

func TestASetupAtFaultRejectsNobody(t *testing.T) {
	h := newHouse(t, func(_ *config.Config, o *oktasim.Config) { o.DeclaredAttributes = nil })
	h.putMany(30, func(i int) string { return fmt.Sprintf("p%03d", i) })
	h.deliver()
	for range 3 {
		if _, err := h.flush(); err == nil || !strings.Contains(err.Error(), "refused everybody") {
			t.Fatalf("error %v, want one that tells of the setup", err)
		}
	}
	if rejects := h.rejects(); len(rejects) > 0 || h.depth() == 0 {
		t.Errorf("%d rejects and %d messages, want nobody rejected and nothing lost", len(rejects), h.depth())
	}
	must(t, h.org.Reconfigure(func(o *oktasim.Config) { o.DeclaredAttributes = oktasim.DefaultConfig().DeclaredAttributes }))
	h.drain()
	h.wantStatus(map[string]string{"p000": oktasim.Active, "p029": oktasim.Active})
}

// TestASetupAtFaultIsToldHoweverManyLoads: what finds one person in one load must not be spread over all of them, or nobody
// would be refused alone, everybody be under suspicion and travel in ever smaller loads after the setup is mended.
func TestASetupAtFaultIsToldHoweverManyLoads(t *testing.T) {
	h := newHouse(t, func(_ *config.Config, o *oktasim.Config) { o.DeclaredAttributes = nil })
	const people, loads = 2000, 10
	h.flusher.Timing.Gather = time.Second
	h.putMany(people, func(i int) string { return fmt.Sprintf("p%04d", i) })
	h.deliver()
	_, err := h.flush()
	if err == nil || !strings.Contains(err.Error(), "refused everybody") {
		t.Fatalf("error %v, want one that tells of the setup", err)
	}
	if n := h.oktaCalls(); n > 3+loads+12+1 {
		t.Errorf("%d calls, want at most a dozen more than the loads and what goes around them", n)
	}
	must(t, h.org.Reconfigure(func(o *oktasim.Config) { o.DeclaredAttributes = oktasim.DefaultConfig().DeclaredAttributes }))
	if report := h.wants(batcher.Triggered); report.Loads != loads || report.Upserted != people {
		t.Errorf("%d people in %d loads once the setup is mended, want %d in %d", report.Upserted, report.Loads, people, loads)
	}
}

// TestASessionThatEndsWhileALoadIsSplitIsNobodysFault cancels the session between the first refusal and the parts.
func TestASessionThatEndsWhileALoadIsSplitIsNobodysFault(t *testing.T) {
	h := newHouse(t)
	for _, id := range []string{"ann", "bob", "cem"} {
		h.put(id, nil)
	}
	h.deliver()
	h.faults(
		oktasim.Fault{Op: oktasim.OpBulkUpsert, Status: http.StatusBadRequest},
		oktasim.Fault{Op: oktasim.OpBulkUpsert, Delay: oktasim.Duration(200 * time.Millisecond)},
	)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for h.org.Calls()[oktasim.OpGet] == 0 {
			time.Sleep(time.Millisecond)
		}
		sessions := h.org.Sessions()
		_ = h.flusher.Okta.CancelSession(h.Context(), sessions[len(sessions)-1].ID)
	}()
	h.wants(batcher.Busy)
	<-done
	if rejects := h.rejects(); len(rejects) > 0 {
		t.Errorf("rejects %v: the session was gone", rejects)
	}
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": oktasim.Active, "cem": oktasim.Active})
}

func TestALeaverDoesNotMakeTheSetupSomebodysFault(t *testing.T) {
	h := newHouse(t)
	h.put("leaver", nil)
	h.deliver()
	h.drain()
	must(t, h.org.Reconfigure(func(o *oktasim.Config) { o.DeclaredAttributes = nil }))
	h.remove("leaver")
	h.putMany(30, func(i int) string { return fmt.Sprintf("p%03d", i) })
	h.deliver()
	if _, err := h.flush(); err == nil {
		t.Error("no error though every upsert was refused")
	}
	h.org.Advance()
	h.wantStatus(map[string]string{"leaver": oktasim.Deprovisioned})
	if rejects := h.rejects(); len(rejects) > 0 {
		t.Errorf("rejects %v: the setup is at fault", rejects)
	}
}

func TestOneAtFaultAloneIsRejectedInTheEnd(t *testing.T) {
	h := newHouse(t, refusingNull)
	h.put("ann", untitled)
	h.deliver()
	for range 20 {
		if len(h.rejects()) > 0 {
			break
		}
		_, _ = h.flush()
	}
	if rejects := h.rejects(); len(rejects) != 1 || h.depth() != 0 {
		t.Errorf("rejects %v and %d messages, want ann rejected after six refusals", rejects, h.depth())
	}
}

func TestInvalidPeopleAreRejectedWithoutACall(t *testing.T) {
	h := newHouse(t)
	h.put("nomail", map[string]any{"email": nil})
	h.put("longname", map[string]any{"first_name": s(strings.Repeat("ü", 51))})
	h.put("noactive", map[string]any{"active": nil})
	h.put("huge", map[string]any{"title": s(strings.Repeat("x", 390_000))})
	h.put("control", map[string]any{"title": s("tab\tnew\nline\u0001")})
	h.put("ann", map[string]any{"first_name": s("🦊 שלום"), "title": s("tab\tnew\nline")})
	h.deliver()
	h.drain()
	rejects := h.rejects()
	for id, attribute := range map[string]string{"nomail": "email", "longname": "firstName", "noactive": "active", "huge": "title", "control": "title"} {
		if !strings.Contains(rejects[id], attribute) {
			t.Errorf("%s is rejected for %q, want %s named", id, rejects[id], attribute)
		}
		if strings.Contains(rejects[id], "üü") || strings.Contains(rejects[id], "xx") {
			t.Errorf("reason %q quotes the value", rejects[id])
		}
		h.wantStatus(map[string]string{id: "none"})
	}
	user, _ := h.org.User("ann")
	if user.Profile["firstName"] != "🦊 שלום" || user.Profile["title"] != "tab\tnew\nline" {
		t.Errorf("ann is %q, a %q, in Okta", user.Profile["firstName"], user.Profile["title"])
	}
}
