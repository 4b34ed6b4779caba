package batcher_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/okta/oktasim"
)

func (h *house) faults(faults ...oktasim.Fault) {
	h.Helper()
	must(h.T, h.org.Fault(faults...))
}

// openSession opens a session that is not this flusher's.
func (h *house) openSession() string {
	h.Helper()
	session, err := h.flusher.Okta.CreateSession(h.Context())
	must(h.T, err)
	return session.ID
}

func (h *house) sessionStatus(id string) oktasim.Status {
	for _, s := range h.org.Sessions() {
		if s.ID == id {
			return s.Status
		}
	}
	return ""
}

func TestAYoungSessionIsLeftAndAStaleOneCancelled(t *testing.T) {
	h := newHouse(t)
	h.flusher.Timing.Lease = 600 * time.Millisecond
	other := h.openSession()
	h.put("ann", nil)
	h.deliver()
	h.wants(batcher.Busy)
	if status := h.sessionStatus(other); status != oktasim.StatusCreated {
		t.Errorf("a young session of somebody else is %s, want it left alone", status)
	}
	time.Sleep(700 * time.Millisecond)
	h.drain()
	if status := h.sessionStatus(other); status != oktasim.StatusClosed {
		t.Errorf("a session older than the lease is %s, want it cancelled", status)
	}
	h.wantStatus(map[string]string{"ann": oktasim.Active})
}

func TestNoSessionBesideATriggeredOne(t *testing.T) {
	h := newHouse(t, func(_ *config.Config, o *oktasim.Config) { o.ImportTime = 300 * time.Millisecond })
	h.put("ann", nil)
	h.deliver()
	h.wants(batcher.Triggered)
	h.put("bob", nil)
	h.deliver()
	h.wants(batcher.Busy)
	if n := h.org.Calls()[oktasim.OpCreate]; n != 1 {
		t.Errorf("%d sessions created, want no second one while the first is TRIGGERED", n)
	}
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": oktasim.Active})
}

func TestARefusedCreateIsBusy(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	h.faults(oktasim.Fault{Op: oktasim.OpCreate, Count: 1, Status: http.StatusBadRequest})
	h.wants(batcher.Busy)
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active})
}

func TestAFailedSessionIsLoadedAgain(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	h.deliver()
	h.faults(oktasim.Fault{Op: oktasim.OpImport, Count: 1})
	h.wants(batcher.Triggered)
	report := h.wants(batcher.Looked)
	if len(report.Ended) != 1 || report.Ended[0].Status != string(oktasim.StatusError) {
		t.Fatalf("report %+v, want one session in ERROR", report)
	}
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active})
}

func TestOnePoisonPersonDoesNotKeepTheOthersOut(t *testing.T) {
	h := newHouse(t, func(_ *config.Config, o *oktasim.Config) { o.Poison = []string{"p03"} })
	name := func(i int) string { return fmt.Sprintf("p%02d", i) }
	h.putMany(8, name)
	h.deliver()
	h.drain()
	for i := range 8 {
		if i == 3 {
			continue
		}
		h.wantStatus(map[string]string{name(i): oktasim.Active})
	}
	rejects := h.rejects()
	if len(rejects) != 1 || !strings.Contains(rejects["p03"], "20 sessions") {
		t.Errorf("rejects %v, want p03 after 20 sessions", rejects)
	}
}

func TestAmbiguousFailures(t *testing.T) {
	for _, op := range []string{oktasim.OpCreate, oktasim.OpBulkUpsert, oktasim.OpBulkDelete, oktasim.OpStartImport} {
		for _, drop := range []string{"before", "after"} {
			t.Run(op+" dropped "+drop+" its effect", func(t *testing.T) {
				h := newHouse(t)
				h.flusher.Timing.Lease, h.flusher.Timing.Renew = 500*time.Millisecond, 100*time.Millisecond
				h.put("old", nil)
				h.deliver()
				h.drain()
				h.remove("old")
				h.put("ann", nil)
				h.deliver()
				h.faults(oktasim.Fault{Op: op, Count: 1, Drop: drop})
				_, _ = h.flush() // it may fail or not, by the fault
				h.drain()
				h.wantStatus(map[string]string{"ann": oktasim.Active, "old": oktasim.Deprovisioned})
				if v := h.org.Violations(); len(v) > 0 {
					t.Errorf("violations: %v", v)
				}
			})
		}
	}
}

func TestOktaThatDoesNotWorkLosesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		fault oktasim.Fault
		// advice is what the error says of the setup, where that is at fault.
		advice string
	}{
		"500":               {fault: oktasim.Fault{Op: "*", Status: 500}},
		"a page":            {fault: oktasim.Fault{Op: "*", Status: 503, Body: "<html><body>maintenance</body></html>"}},
		"a page with 200":   {fault: oktasim.Fault{Op: oktasim.OpCreate, Status: 200, Body: "<html>hello</html>"}},
		"closed connection": {fault: oktasim.Fault{Op: "*", Drop: "before"}},
		"unauthorized":      {fault: oktasim.Fault{Op: "*", Status: 401}, advice: "check okta.orgUrl and that the credentials"},
		"forbidden":         {fault: oktasim.Fault{Op: "*", Status: 403}, advice: "grant the credentials"},
		"not found":         {fault: oktasim.Fault{Op: oktasim.OpList, Status: 404}, advice: "check okta.orgUrl and okta.identitySourceId"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.flusher.Timing.Lease, h.flusher.Timing.Renew = 500*time.Millisecond, 100*time.Millisecond
			h.put("ann", nil)
			h.deliver()
			c.fault.Count = -1
			h.faults(c.fault)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			report, err := h.flusher.Flush(ctx)
			if err == nil {
				t.Fatalf("flush ended %s without an error", report.Outcome)
			}
			if advised := strings.Contains(err.Error(), ": check ") || strings.Contains(err.Error(), ": grant "); advised != (c.advice != "") ||
				!strings.Contains(err.Error(), c.advice) {
				t.Errorf("error %v, want it to advise %q", err, c.advice)
			}
			if h.depth() != 1 {
				t.Errorf("%d messages after a failed flush, want the one", h.depth())
			}
			h.org.ClearFaults()
			h.drain()
			h.wantStatus(map[string]string{"ann": oktasim.Active})
			if rejects := h.rejects(); len(rejects) > 0 {
				t.Errorf("rejects %v: nobody is at fault", rejects)
			}
		})
	}
}
