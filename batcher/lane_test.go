package batcher_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/sim"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// lane is a bubble with the urgent lane on, the durations of production and an org with the limits of a real one.
type lane struct {
	*bubble
	urgent  *sim.Queue
	mu      sync.Mutex // of reports
	reports []batcher.Report
	// deletes are the calls that take somebody out, by when they were made.
	deletes []time.Time
}

func inLane(t *testing.T, test func(*lane)) {
	t.Helper()
	inBubble(t, 15, okta.DefaultRateShare, nil, func(b *bubble) {
		l := &lane{bubble: b, urgent: sim.NewQueue(b.flusher.Timing.Visibility)}
		must(t, b.org.Reconfigure(func(o *oktasim.Config) { o.Latency = 200 * time.Millisecond }))
		b.flusher.Urgent = &batcher.UrgentLane{Queue: l.urgent, PerMinute: 5}
		b.flusher.Guard = batcher.GuardLimits{Min: 1000}
		b.flusher.Observe = func(r batcher.Report) {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.reports = append(l.reports, r)
		}
		l.dial(okta.DefaultRateShare)
		test(l)
	})
}

// reported returns the reports of the runs up to now.
func (l *lane) reported() []batcher.Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.reports)
}

// dial makes the flusher a client whose calls are noted.
func (l *lane) dial(share float64) {
	l.Helper()
	client, err := okta.New(okta.Config{
		OrgURL: "https://example.okta.com", IdentitySourceID: "0oa1", Authorizer: okta.SSWS("sim-token"),
		Transport: l.org.Transport(), RateShare: share, Jitter: func() float64 { return 0 },
		Observe: func(c okta.Call) {
			if c.Op == "delete user" {
				l.deletes = append(l.deletes, time.Now())
			}
		},
	})
	must(l.T, err)
	l.flusher.Okta = client
}

// there puts people into the table and into Okta.
func (l *lane) there(ids ...string) {
	for _, id := range ids {
		l.put(personItem(id, nil))
		l.org.Put(oktasim.User{ExternalID: id, Profile: map[string]string{"userName": id + "@example.com", "email": id + "@example.com"}})
	}
}

// leave has people leave, each in a message of its own on both queues, as the stream-handler does.
func (l *lane) leave(ids ...string) {
	l.Helper()
	for _, id := range ids {
		l.put(personItem(id, inactive))
		l.say(id, intent.Deactivate, l.queue, l.urgent)
	}
}

func (l *lane) say(id string, kind intent.Kind, queues ...*sim.Queue) {
	l.Helper()
	in := intent.Intent{ExternalID: id, Kind: kind, Keys: []intent.Key{keyOf(id)}, Changed: time.Now()}
	for _, q := range queues {
		bodies, err := intent.Pack(intent.Message{Trace: "lane", Intents: []intent.Intent{in}})
		must(l.T, err)
		_, err = q.Send(l.Context(), bodies, 0)
		must(l.T, err)
	}
}

// inFlight has a session in flight that is not over before the test is.
func (l *lane) inFlight() {
	l.Helper()
	must(l.T, l.org.Reconfigure(func(o *oktasim.Config) { o.ImportTime = 24 * time.Hour }))
	l.put(personItem("flight", nil))
	l.say("flight", intent.Upsert, l.queue)
	if r, err := l.flusher.Flush(l.Context()); r.Outcome != batcher.Triggered {
		l.Fatalf("no session in flight: %+v, %v", r, err)
	}
	time.Sleep(2 * time.Minute) // and the window is a new one
}

// use has the flusher's client make so many calls, and another client the others.
func (l *lane) use(ours, others int) {
	l.Helper()
	for range ours {
		_, err := l.flusher.Okta.ListSessions(l.Context())
		must(l.T, err)
	}
	client, err := okta.New(okta.Config{
		OrgURL: "https://example.okta.com", IdentitySourceID: "0oa1", Authorizer: okta.SSWS("sim-token"), Transport: l.org.Transport(), RateShare: 1,
	})
	must(l.T, err)
	for range others {
		_, err := client.ListSessions(l.Context())
		must(l.T, err)
	}
}

// poll runs the flusher for a while.
func (l *lane) poll(d time.Duration) {
	l.Helper()
	ctx, stop := context.WithTimeout(l.Context(), d)
	defer stop()
	_ = l.flusher.PollUntil(l.Context(), ctx)
	synctest.Wait()
}

// outWithin polls and checks who is out after d.
func (l *lane) outWithin(d time.Duration, ids ...string) {
	l.Helper()
	done := make(chan struct{})
	go func() { defer close(done); l.poll(d + time.Minute) }()
	time.Sleep(d)
	for _, id := range ids {
		if got := l.status(id); got != oktasim.Deprovisioned {
			l.Errorf("%s is %s after %v: %v", id, got, d, l.outcomes())
		}
	}
	<-done
}

func (l *lane) status(id string) string {
	u, there := l.org.User(id)
	if !there {
		return "none"
	}
	return u.Status
}

func (l *lane) outcomes() (all []batcher.Outcome) {
	for _, r := range l.reported() {
		all = append(all, r.Outcome)
	}
	return all
}

func (l *lane) rejects() map[string]string {
	l.Helper()
	all, err := l.flusher.Control.Rejects(l.Context())
	must(l.T, err)
	reasons := map[string]string{}
	for _, r := range all {
		reasons[r.ExternalID+r.Record] = r.Reason
	}
	return reasons
}
