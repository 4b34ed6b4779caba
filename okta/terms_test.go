package okta

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestImpatientCallsDoNotWaitForTheNextWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := dial(t, status(200, "[]", limits(10, 2, 40*time.Second)...))
		start := time.Now()
		if _, err := c.ListSessions(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, patience := range []time.Duration{-1, time.Second, 40 * time.Second} {
			_, err := c.On(Terms{Patience: patience}).ListSessions(t.Context())
			throttled, is := errors.AsType[*ThrottledError](err)
			if !is || !throttled.Until.Equal(start.Add(41*time.Second)) || time.Since(start) != 0 || len(fake.calls()) != 1 {
				t.Errorf("patience %v: %v after %v and %d calls", patience, err, time.Since(start), len(fake.calls()))
			}
		}
		if _, err := c.On(Terms{Patience: 42 * time.Second}).ListSessions(t.Context()); err != nil || time.Since(start) != 41*time.Second {
			t.Errorf("with the patience to wait: %v after %v", err, time.Since(start))
		}
	})
}

// TestImpatientCallsWaitForNoAnswerOfOthers: what calls in flight will tell may come too late.
func TestImpatientCallsWaitForNoAnswerOfOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := dial(t, hanging)
		go func() { _, _ = c.ListSessions(t.Context()) }()
		synctest.Wait()
		start := time.Now()
		_, err := c.On(Terms{Patience: 3 * time.Second}).ListSessions(t.Context())
		if _, is := errors.AsType[*ThrottledError](err); !is || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestUrgentCallsHaveWhatIsLeftToOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reply := func(remaining int) roundTrip { return status(200, "[]", limits(15, remaining, 40*time.Second)...) }
		c, fake := dial(t, reply(3), reply(2), reply(1), reply(0))
		urgent := c.On(Terms{Whole: true, Patience: -1})
		start := time.Now()
		for n, client := range []*Client{c, urgent, urgent, urgent} { // the share of others is 3 of 15
			if _, err := client.ListSessions(t.Context()); err != nil || time.Since(start) != 0 {
				t.Fatalf("call %d: %v after %v", n, err, time.Since(start))
			}
		}
		if _, err := urgent.ListSessions(t.Context()); Classify(err) != Throttled || len(fake.calls()) != 4 {
			t.Errorf("in a window that is used up: %v, %d calls", err, len(fake.calls()))
		}
	})
}

func TestTriesAndAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, fake := dial(t, status(503, ""))
		if err := c.On(Terms{Tries: 2}).DeleteUser(t.Context(), "jane"); Classify(err) != Unavailable || len(fake.calls()) != 2 {
			t.Errorf("%v after %d calls, want 2", err, len(fake.calls()))
		}
		left := 3
		err := c.On(Terms{Admit: func() bool { left--; return left >= 0 }}).DeleteUser(t.Context(), "jane")
		if _, is := errors.AsType[*ThrottledError](err); !is || len(fake.calls()) != 2+3 {
			t.Errorf("%v after %d calls more, want 3", err, len(fake.calls())-2)
		}
		if free, _ := c.pacer.room(c.pacer.family(familyUsers), false); c.pacer.inGroup("identity-sources") != 0 || free < 1 {
			t.Error("a call that was not admitted is in flight")
		}
	})
}

func TestNextSession(t *testing.T) {
	for remaining, fits := range map[int]bool{15: true, 7: true, 6: false, 0: false} { // 3 are left to others, and 4 are needed
		synctest.Test(t, func(t *testing.T) {
			c, _ := dial(t, status(200, "[]", limits(15, remaining, 40*time.Second)...))
			if at := c.NextSession(1); !at.IsZero() {
				t.Errorf("before anything is known: %v", at)
			}
			if _, err := c.ListSessions(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := time.Now().Add(41 * time.Second)
			if fits {
				want = time.Time{}
			}
			if at := c.NextSession(1); !at.Equal(want) {
				t.Errorf("with %d calls left: %v, want %v", remaining, at, want)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) { // a limit that never has room for all of it
		c, _ := dial(t, status(200, "[]", limits(2, 2, 40*time.Second)...))
		if _, err := c.ListSessions(t.Context()); err != nil || !c.NextSession(1).IsZero() {
			t.Errorf("%v, %v", c.NextSession(1), err)
		}
	})
}
