package batcher_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/okta/oktasim"
)

// These are the rows of docs/reliability.md, "Errors", that no other file of tests shows whole.

// TestARecordThatNobodyCanReadBecomesARejectAndTheOthersGoOn takes a batch the whole way, from the stream to Okta.
func TestARecordThatNobodyCanReadBecomesARejectAndTheOthersGoOn(t *testing.T) {
	h := newHouse(t)
	h.put("ann", nil)
	record := func(id, image string) string {
		return fmt.Sprintf(`{"eventID":"event-%s","eventName":"INSERT","dynamodb":{"Keys":{"id":{"S":%q}},"SequenceNumber":"1-%s",`+
			`"NewImage":%s,"StreamViewType":"NEW_AND_OLD_IMAGES"}}`, id, id, id, image)
	}
	response, err := h.handler.Handle(t.Context(), []byte(`{"Records":[`+strings.Join([]string{
		record("bob", `{"id":{"S":"bob"},"email":{"S":"secret@example.com"},"active":{"XYZ":"secret"}}`),
		record("cem", `{"email":{"S":"secret@example.com"}}`),
		record("ann", string(personItem("ann", nil))),
	}, ",")+`]}`))
	if err != nil || len(response.BatchItemFailures) > 0 {
		t.Fatalf("%v, %v: a record that cannot be read fails its batch", response, err)
	}
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": "none", "cem": "none"})
	rejects, err := h.control.Rejects(t.Context())
	must(t, err)
	keys := map[intent.Key]bool{}
	for _, r := range rejects {
		keys[r.Key] = true
		if r.Reason == "" || strings.Contains(fmt.Sprintf("%+v", r), "secret") {
			t.Errorf("reject %+v, want a reason and nothing of the record", r)
		}
	}
	if len(rejects) != 2 || !keys[keyOf("bob")] || !keys[keyOf("cem")] {
		t.Errorf("rejects %+v, want those of bob and cem by key", rejects)
	}
}

// TestARejectThatIsNewerThanTheRunStays, although the run loads the person.
func TestARejectThatIsNewerThanTheRunStays(t *testing.T) {
	h := newHouse(t)
	h.put("ann", map[string]any{"email": nil})
	h.deliver()
	h.wants(batcher.Nothing)
	h.put("ann", nil)
	h.deliver()
	h.faults(oktasim.Fault{Op: oktasim.OpBulkUpsert, Delay: oktasim.Duration(50 * time.Millisecond)})
	_, err := h.during(oktasim.OpBulkUpsert, func(context.CancelFunc) {
		entries, err := h.store.List(h.Context(), "reject")
		if err != nil || len(entries) != 1 {
			t.Errorf("rejects %v (%v), want ann's till she is loaded", entries, err)
		}
		if err := h.store.Put(h.Context(), entries); err != nil {
			t.Error(err)
		}
	})
	must(t, err)
	if rejects := h.rejects(); len(rejects) != 1 {
		t.Errorf("rejects %v, want the one that was entered while ann was loaded", rejects)
	}
	h.put("ann", map[string]any{"title": s("Director")})
	h.deliver()
	h.drain()
	if rejects := h.rejects(); len(rejects) > 0 {
		t.Errorf("rejects %v, want none once a later run loaded ann", rejects)
	}
}

// TestA429ThatLastsBeyondTheDeadlineGivesBack: the deadline does not allow to wait for the next window.
func TestA429ThatLastsBeyondTheDeadlineGivesBack(t *testing.T) {
	for _, op := range []string{oktasim.OpList, oktasim.OpCreate, oktasim.OpBulkUpsert, oktasim.OpStartImport} {
		t.Run(op, func(t *testing.T) {
			inBubble(t, 15, 1, nil, func(b *bubble) {
				b.changed(3)
				must(b.T, b.org.Fault(oktasim.Fault{Op: op, Count: -1, Status: http.StatusTooManyRequests}))
				const given = 5 * time.Minute
				ctx, cancel := context.WithTimeout(b.Context(), given)
				defer cancel()
				began := time.Now()
				report, err := b.flusher.Flush(ctx)
				if took := time.Since(began); took > given {
					b.Errorf("the flush took %v of %v", took, given)
				}
				if report.Outcome != batcher.Failed || report.Upserted > 0 || !strings.Contains(err.Error(), "rate limit") {
					b.Errorf("flush ended %q (%v), want nobody told, and why", report.Outcome, err)
				}
				if n := b.org.Calls()[op]; n > 5 {
					b.Errorf("%d calls of %s, want one a window", n, op)
				}
				b.org.ClearFaults()
				b.wantGivenBack(1)
				b.drain()
				b.wantActive("person00000", "person00001", "person00002")
			})
		})
	}
}

// wantGivenBack wants so many messages in the queue, none hidden for longer than after any failure, nobody rejected and
// nobody's lease.
func (b *bubble) wantGivenBack(messages int) {
	b.Helper()
	state, err := b.flusher.Control.State(b.Context())
	must(b.T, err)
	if state.Owner != "" || b.queue.Len() != messages {
		b.Errorf("lease of %q and %d messages, want none and %d", state.Owner, b.queue.Len(), messages)
	}
	for _, m := range b.queue.Messages() {
		if hidden := time.Until(m.Visible); hidden > b.flusher.Timing.MaxBackoff {
			b.Errorf("a message is hidden for %v", hidden)
		}
	}
	if rejects := rejectsOf(b); len(rejects) > 0 {
		b.Errorf("rejects %v: nobody is at fault", rejects)
	}
}

// TestFailuresKeepAwayForLongerAndLonger, from 15 s to 15 min, and an Okta that is busy for a minute each time.
func TestFailuresKeepAwayForLongerAndLonger(t *testing.T) {
	inBubble(t, 0, 1, nil, func(b *bubble) {
		b.changed(1)
		flush := func(want batcher.Outcome) (away, hidden time.Duration) {
			report, err := b.flusher.Flush(b.Context())
			if report.Outcome != want || (err != nil) != (want == batcher.Failed) {
				b.Fatalf("flush ended %q (%v), want %q", report.Outcome, err, want)
			}
			b.wantGivenBack(1)
			away = time.Until(report.NextTry).Round(time.Second)
			hidden = time.Until(b.queue.Messages()[0].Visible).Round(time.Second)
			time.Sleep(max(away, hidden))
			return away, hidden
		}
		must(b.T, b.org.Fault(oktasim.Fault{Op: "*", Count: -1, Status: http.StatusServiceUnavailable}))
		want := 15 * time.Second
		for range 9 {
			if away, hidden := flush(batcher.Failed); away != want || hidden > want {
				b.Errorf("away for %v, the message hidden for %v; want %v", away, hidden, want)
			}
			want = min(2*want, 15*time.Minute)
		}
		b.org.ClearFaults()
		must(b.T, b.org.Fault(oktasim.Fault{Op: oktasim.OpCreate, Count: -1, Status: http.StatusBadRequest}))
		for range 3 {
			if away, hidden := flush(batcher.Busy); away != time.Minute || hidden > time.Minute || hidden < 50*time.Second {
				b.Errorf("away for %v, the message hidden for %v, want a minute each time while busy", away, hidden)
			}
		}
		b.org.ClearFaults()
		b.drain()
		b.wantActive("person00000")
	})
}

// deniedTable is a table that may not be read.
type deniedTable struct{ batcher.Table }

var errDenied = errors.New("AccessDeniedException: no identity-based policy allows it")

func (deniedTable) Get(context.Context, []intent.Key) (map[intent.Key][]byte, map[intent.Key]error, error) {
	return nil, nil, errDenied
}

// TestATableThatMayNotBeReadIsNeverAbsence: nobody is deactivated, rejected or lost for it, and no session stays open.
func TestATableThatMayNotBeReadIsNeverAbsence(t *testing.T) {
	h := newHouse(t)
	for _, id := range []string{"ann", "bob", "lee"} {
		h.put(id, nil)
	}
	h.deliver()
	h.drain()
	h.put("ann", map[string]any{"title": s("Director")})
	h.put("bob", inactive)
	h.remove("lee")
	h.deliver()
	h.flusher.Table = deniedTable{h.table}
	imports := h.org.Calls()[oktasim.OpStartImport]
	for range 3 {
		if report, err := h.flush(); report.Outcome != batcher.Failed || !errors.Is(err, errDenied) || !strings.HasPrefix(err.Error(), "resolve: ") {
			t.Errorf("flush ended %q: %v; want it failed by the table, in words", report.Outcome, err)
		}
		h.wantNothingLeft(1)
	}
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": oktasim.Active, "lee": oktasim.Active})
	if n := h.org.Calls()[oktasim.OpStartImport] - imports; n > 0 || len(h.rejects()) > 0 {
		t.Errorf("%d imports and rejects %v of a table that was not read", n, h.rejects())
	}
	h.flusher.Table = h.table
	h.drain()
	h.wantStatus(map[string]string{"ann": oktasim.Active, "bob": oktasim.Deprovisioned, "lee": oktasim.Deprovisioned})
}

// TestCredentialsThatFailInTheMiddleRejectNobody: they expire, or lack the right to one call.
func TestCredentialsThatFailInTheMiddleRejectNobody(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound} {
		for _, op := range []string{oktasim.OpList, oktasim.OpCreate, oktasim.OpBulkUpsert, oktasim.OpBulkDelete, oktasim.OpStartImport} {
			t.Run(fmt.Sprint(op, " answered by ", status), func(t *testing.T) {
				h := newHouse(t)
				h.put("lee", nil)
				h.deliver()
				h.drain()
				h.remove("lee")
				h.put("ann", nil)
				h.deliver()
				messages := h.depth()
				h.faults(oktasim.Fault{Op: op, Count: -1, Status: status})
				for range 2 {
					_, err := h.flush()
					if err == nil || !strings.Contains(err.Error(), ": check ") && !strings.Contains(err.Error(), ": grant ") {
						t.Errorf("error %v, want one that says what to mend", err)
					}
					h.wantNothingLeft(messages)
				}
				h.wantStatus(map[string]string{"lee": oktasim.Active, "ann": "none"})
				if rejects := h.rejects(); len(rejects) > 0 {
					t.Errorf("rejects %v: nobody is at fault", rejects)
				}
				h.org.ClearFaults()
				h.drain()
				h.wantStatus(map[string]string{"lee": oktasim.Deprovisioned, "ann": oktasim.Active})
			})
		}
	}
}
