package batcher_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/items"
	"rollcall/internal/sim"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// outcomes is a bubble whose org takes no second person with a userName and says so in its System Log alone.
type outcomes struct {
	*bubble
	queue *sim.Queue
	table *sim.Table
}

func withOutcomes(t *testing.T, test func(*outcomes)) {
	t.Helper()
	inBubble(t, 0, 1, nil, func(b *bubble) {
		must(t, b.org.Reconfigure(func(o *oktasim.Config) {
			o.SameUserName, o.Cooldown, o.Latency = oktasim.SameUserNameClash, 0, 100*time.Millisecond
		}))
		b.flusher.Guard = batcher.GuardLimits{Min: 1000}
		o := &outcomes{b, sim.NewQueue(b.flusher.Timing.Visibility), sim.NewTable(items.Schema{Partition: items.Attribute{Name: "id"}}, "")}
		b.flusher.Queue, b.flusher.Table = o.queue, o.table
		o.load("ann", "ann@example.com")
		test(o)
	})
}

// load puts a person into the table and flushes till the import is over and noted.
func (o *outcomes) load(id, email string) {
	o.Helper()
	o.trigger(id, email)
	time.Sleep(5 * time.Second)
	o.flush(batcher.Looked)
}

func (o *outcomes) trigger(id, email string) {
	o.Helper()
	must(o.T, o.table.PutItem(personItem(id, map[string]any{"email": s(email)})))
	bodies, err := intent.Pack(intent.Message{Trace: "outcome", Intents: []intent.Intent{{ExternalID: id, Keys: []intent.Key{keyOf(id)}, Changed: time.Now()}}})
	must(o.T, err)
	_, err = o.queue.Send(o.Context(), bodies, 0)
	must(o.T, err)
	o.flush(batcher.Triggered)
}

func (o *outcomes) flush(want batcher.Outcome) {
	o.Helper()
	if r, err := o.flusher.Flush(o.Context()); err != nil || r.Outcome != want {
		o.Fatalf("flush ended %q (%v), want %q", r.Outcome, err, want)
	}
}

// idle lets the flusher find nothing to do for a while.
func (o *outcomes) idle(d time.Duration) {
	o.Helper()
	ctx, stop := context.WithTimeout(o.Context(), d)
	defer stop()
	must(o.T, o.flusher.PollUntil(o.Context(), ctx))
}

func (o *outcomes) rejects() (all []batcher.Reject) {
	o.Helper()
	all, err := o.flusher.Control.Rejects(o.Context())
	must(o.T, err)
	return all
}

// wants checks that one person is rejected, and returns the reject.
func (o *outcomes) wants(id string) batcher.Reject {
	o.Helper()
	all := o.rejects()
	if len(all) != 1 || all[0].ExternalID != id {
		o.Fatalf("rejects %+v, want %s", all, id)
	}
	return all[0]
}

// TestALateEntryOfTheSystemLogNamesThePerson, with no further session: the log is read for a while after each.
func TestALateEntryOfTheSystemLogNamesThePerson(t *testing.T) {
	for _, delay := range []time.Duration{0, time.Minute, 4 * time.Minute, 9*time.Minute + 50*time.Second} {
		withOutcomes(t, func(o *outcomes) {
			must(t, o.org.Reconfigure(func(c *oktasim.Config) { c.LogDelay = delay }))
			before := o.org.Calls()[oktasim.OpLogs]
			o.load("double", "ann@example.com")
			if early := len(o.rejects()) > 0; early != (delay == 0) {
				t.Fatalf("rejects %+v at once, with a delay of %v", o.rejects(), delay)
			}
			o.idle(15 * time.Minute)
			if in, known := o.wants("double").Intent(); !known || in.ExternalID != "double" {
				t.Errorf("the reject cannot be retried: %+v", in)
			}
			calls := o.org.Calls()[oktasim.OpLogs] - before
			if o.idle(time.Hour); o.org.Calls()[oktasim.OpLogs]-before != calls || calls > 7 {
				t.Errorf("the log was read %d times in a quarter of an hour, %d times in the hour after", calls, o.org.Calls()[oktasim.OpLogs]-before-calls)
			}
			o.load("double", "double@example.com")
			if left := o.rejects(); len(left) > 0 {
				t.Errorf("rejects %+v after the person was loaded", left)
			}
		})
	}
}

// TestALateEntryIsNotTakenForAnothersSession: it is read when the next one is over.
func TestALateEntryIsNotTakenForAnothersSession(t *testing.T) {
	withOutcomes(t, func(o *outcomes) {
		must(t, o.org.Reconfigure(func(c *oktasim.Config) { c.LogDelay = time.Minute }))
		o.load("double", "ann@example.com")
		time.Sleep(70 * time.Second)
		o.load("cid", "cid@example.com")
		o.wants("double")
	})
}

// TestWhoIsLoadedAgainIsNotRejectedForTheTimeBefore.
func TestWhoIsLoadedAgainIsNotRejectedForTheTimeBefore(t *testing.T) {
	withOutcomes(t, func(o *outcomes) {
		must(t, o.org.Reconfigure(func(c *oktasim.Config) { c.LogDelay = time.Minute }))
		o.load("double", "ann@example.com")
		o.trigger("double", "double@example.com")
		time.Sleep(2 * time.Minute)
		o.flush(batcher.Looked)
		o.idle(15 * time.Minute)
		if left := o.rejects(); len(left) > 0 {
			t.Errorf("rejects %+v", left)
		}
	})
}

// TestMoreFailuresThanAreRememberedAreTakenOnce: what an operator discarded does not come back with the next reading.
func TestMoreFailuresThanAreRememberedAreTakenOnce(t *testing.T) {
	withOutcomes(t, func(o *outcomes) {
		const people = 1100
		m := intent.Message{Trace: "outcome"}
		for i := range people {
			id := fmt.Sprintf("double%04d", i)
			must(t, o.table.PutItem(personItem(id, map[string]any{"email": s("ann@example.com")})))
			m.Intents = append(m.Intents, intent.Intent{ExternalID: id, Keys: []intent.Key{keyOf(id)}})
		}
		bodies, err := intent.Pack(m)
		must(t, err)
		_, err = o.queue.Send(t.Context(), bodies, 0)
		must(t, err)
		o.flush(batcher.Triggered)
		time.Sleep(5 * time.Second)
		o.flush(batcher.Looked)
		rejects := o.rejects()
		if len(rejects) != people {
			t.Fatalf("%d rejects, want %d", len(rejects), people)
		}
		must(t, batcher.Operator{Control: o.flusher.Control, Queue: o.queue}.DiscardRejects(t.Context(), rejects))
		o.idle(15 * time.Minute)
		if left := len(o.rejects()); left > 0 {
			t.Errorf("%d rejects are back after they were discarded", left)
		}
	})
}

// logged has the log say this of a person the next time that it is read.
func (o *outcomes) logged(session, externalID, alternateID string) {
	o.Helper()
	entry := map[string]any{
		"uuid": "uuid-" + externalID + alternateID, "published": time.Now().UTC().Format(time.RFC3339), "eventType": okta.LogImportFailed,
		"outcome": map[string]string{"result": "FAILURE", "reason": "no"}, "target": []map[string]string{{"type": "AppUser", "alternateId": alternateID}},
	}
	if externalID != "" {
		entry["debugContext"] = map[string]any{"debugData": map[string]string{"externalId": externalID, "sessionId": session}}
	}
	body, err := json.Marshal([]any{entry})
	must(o.T, err)
	must(o.T, o.org.Fault(oktasim.Fault{Op: oktasim.OpLogs, Body: string(body)}))
}

// TestEntriesTakenByAnOlderReleaseAreKnown: those remembered the IDs as they are.
func TestEntriesTakenByAnOlderReleaseAreKnown(t *testing.T) {
	withOutcomes(t, func(o *outcomes) {
		mark, err := o.store.Get(t.Context(), "control", "systemlog")
		must(t, err)
		var value map[string]any
		must(t, json.Unmarshal(mark.Value, &value))
		value["seen"] = []string{"uuid-annann"}
		mark.Value, err = json.Marshal(value)
		must(t, err)
		must(t, o.store.Put(t.Context(), []batcher.Entry{mark}))
		o.logged("another", "ann", "ann")
		o.load("bea", "bea@example.com")
		if left := o.rejects(); len(left) > 0 {
			t.Errorf("rejects %+v of an entry that was taken before", left)
		}
	})
}

// TestWhomAnEntryNames: by externalId; by what may be a userName only where the table knows somebody of that name; and of a
// leaver that it was one, so that a retry asks for that again.
func TestWhomAnEntryNames(t *testing.T) {
	for name, c := range map[string]struct {
		id, alternate string
		want          batcher.Reject
	}{
		"somebody of no session that is watched": {"eve", "eve@example.com", reject("eve", "", intent.Upsert)},
		"an externalId as the alternate ID":      {"", "ann", reject("ann", "", intent.Upsert)},
		"a userName as the alternate ID":         {"", "ann@example.com", reject("", "okta log uuid-ann@example.com", intent.Upsert)},
		"nobody":                                 {"", "", reject("", "okta log uuid-", intent.Upsert)},
		"a leaver":                               {"lee", "", reject("lee", "", intent.Deactivate)},
	} {
		withOutcomes(t, func(o *outcomes) {
			session := "issAnother"
			if name == "a leaver" {
				o.load("lee", "lee@example.com")
				must(t, o.table.DeleteItem(keyOf("lee")))
				bodies, err := intent.Pack(intent.Message{Trace: "leave", Intents: []intent.Intent{{ExternalID: "lee", Kind: intent.Deactivate, Keys: []intent.Key{keyOf("lee")}}}})
				must(t, err)
				_, err = o.queue.Send(t.Context(), bodies, 0)
				must(t, err)
				o.flush(batcher.Triggered)
				sessions := o.org.Sessions()
				session = sessions[len(sessions)-1].ID
				time.Sleep(5 * time.Second)
				o.flush(batcher.Looked)
			}
			o.logged(session, c.id, c.alternate)
			time.Sleep(2 * time.Minute)
			o.flush(batcher.Idle)
			all := o.rejects()
			if len(all) != 1 || all[0].ExternalID != c.want.ExternalID || all[0].Record != c.want.Record || all[0].Kind != c.want.Kind {
				t.Errorf("%s: rejects %+v, want %+v", name, all, c.want)
			}
		})
	}
}

func reject(id, record string, kind intent.Kind) batcher.Reject {
	return batcher.Reject{Reject: intent.Reject{ExternalID: id, Record: record, Kind: kind}}
}

// TestALogThatIsDeniedIsAskedAgainInAnHour: a scope may be granted later. An outage is over when it is over.
func TestALogThatIsDeniedIsAskedAgainInAnHour(t *testing.T) {
	for status, wait := range map[int]time.Duration{403: time.Hour, 503: 0} {
		withOutcomes(t, func(o *outcomes) {
			o.idle(15 * time.Minute) // the log is no longer read for ann's session
			must(t, o.org.Fault(oktasim.Fault{Op: oktasim.OpLogs, Count: 6, Status: status}))
			if status == 403 {
				o.org.ClearFaults()
				must(t, o.org.Fault(oktasim.Fault{Op: oktasim.OpLogs, Count: 1, Status: status}))
			}
			o.load("double", "ann@example.com")
			calls := o.org.Calls()[oktasim.OpLogs]
			o.idle(20 * time.Minute)
			if more := o.org.Calls()[oktasim.OpLogs] - calls; (more == 0) != (wait > 0) {
				t.Errorf("after a %d the log was read %d times more in 20 min", status, more)
			}
			if wait > 0 {
				time.Sleep(wait)
				o.load("again", "ann@example.com")
				if all := o.rejects(); len(all) != 2 || all[0].ExternalID != "again" || all[1].ExternalID != "double" {
					t.Errorf("rejects %+v, want also the one of before: the log is read on from there", all)
				}
				return
			}
			o.wants("double")
		})
	}
}

// TestObserveOnlyReadsNoLog: Okta is not called.
func TestObserveOnlyReadsNoLog(t *testing.T) {
	withOutcomes(t, func(o *outcomes) {
		must(t, batcher.Operator{Control: o.flusher.Control, Queue: o.queue}.Observe(t.Context()))
		before := fmt.Sprint(o.org.Calls())
		o.idle(15 * time.Minute)
		if after := fmt.Sprint(o.org.Calls()); after != before {
			t.Errorf("calls %s, were %s", after, before)
		}
	})
}
