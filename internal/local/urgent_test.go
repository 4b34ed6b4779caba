package local_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/internal/config"
	"rollcall/internal/local"
	"rollcall/okta/oktasim"
)

// TestALeaverIsOutWithinSecondsWhileASessionIsInFlight runs a house as rollcall local does, with the org's limits as they
// are and the urgent lane on.
func TestALeaverIsOutWithinSecondsWhileASessionIsInFlight(t *testing.T) {
	t.Run("by key", func(t *testing.T) { leaves(t, "") })
	t.Run("by index", func(t *testing.T) { leaves(t, "by-staff") })
}

func leaves(t *testing.T, index string) {
	t.Helper()
	house := open(t, func(c *config.Config, o *oktasim.Config) {
		c.Urgent.Enabled = true
		if c.ExternalIDIndex = index; index != "" {
			c.Mapping.ExternalID = "staff"
		}
		o.ImportTime = time.Hour
	})
	const jane = `{"id":"jane","staff":"jane","active":true,"email":"jane@example.com","first_name":"Jane","last_name":"Doe"}`
	house.Org.Put(oktasim.User{ExternalID: "jane", Profile: map[string]string{"userName": "jane@example.com", "email": "jane@example.com"}})
	put(t, house, jane)
	wait(t, 20*time.Second, "a session in flight", func() bool {
		sessions := house.Org.Sessions()
		return len(sessions) == 1 && sessions[0].Status == oktasim.StatusTriggered
	})
	if user, _ := house.Org.User("jane"); user.Status != oktasim.Active {
		t.Fatalf("jane is %q before she leaves", user.Status)
	}

	changed := time.Now()
	put(t, house, strings.Replace(jane, "true", "false", 1))
	wait(t, 5*time.Second, "the leaver out of Okta", func() bool {
		user, _ := house.Org.User("jane")
		return user.Status == oktasim.Deprovisioned
	})
	t.Logf("out %v after the change", time.Since(changed))
	if sessions := house.Org.Sessions(); len(sessions) != 1 || sessions[0].Status != oktasim.StatusTriggered {
		t.Errorf("sessions %+v, want the one still in flight", sessions)
	}
	// She is on the queue once as anybody, and once more to be said again after what is in flight has landed.
	wait(t, 5*time.Second, "the leaver said again", func() bool {
		visible, hidden, _, err := house.Queue.Depth(t.Context())
		return err == nil && visible+hidden == 2
	})
}

// TestALeaverIsOutWithinSecondsAfterOtherChanges has the limits of a real org, as rollcall local has them by default: two
// changes use up the calls of a minute. More changes come all the time.
func TestALeaverIsOutWithinSecondsAfterOtherChanges(t *testing.T) {
	house := open(t, func(c *config.Config, _ *oktasim.Config) { c.Urgent.Enabled = true })
	const person = `{"id":"ID","active":true,"email":"ID@example.com","first_name":"A","last_name":"B"}`
	of := func(id string) string { return strings.ReplaceAll(person, "ID", id) }
	for _, id := range []string{"jane", "joe"} {
		put(t, house, of(id))
		wait(t, 60*time.Second, id+" in Okta", func() bool {
			user, _ := house.Org.User(id)
			return user.Status == oktasim.Active
		})
	}
	changed := time.Now()
	put(t, house, strings.Replace(of("jane"), "true", "false", 1))
	n := 0
	wait(t, 5*time.Second, "the leaver out of Okta", func() bool {
		if n++; n%30 == 0 {
			put(t, house, strings.Replace(of("jim"), "A", fmt.Sprint("A", n), 1))
		}
		user, _ := house.Org.User("jane")
		return user.Status == oktasim.Deprovisioned
	})
	t.Logf("out %v after the change, after %v", time.Since(changed), house.Org.Calls())
	if house.Org.Throttled() > 0 {
		t.Errorf("%d calls were answered with 429", house.Org.Throttled())
	}
}

// open opens a house and runs it till the test ends.
func open(t *testing.T, set func(*config.Config, *oktasim.Config)) *local.House {
	t.Helper()
	c, o := config.Default(), oktasim.DefaultConfig()
	set(&c, &o)
	log := logrus.New()
	log.SetOutput(io.Discard)
	house, err := local.Open(t.Context(), local.Options{
		Dir: t.TempDir(), Config: c, Org: o, Listen: "127.0.0.1:0", Timing: local.Timing(c.Gather, o), Log: logrus.NewEntry(log),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- house.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := house.Close(); err != nil {
			t.Error(err)
		}
	})
	return house
}

// put puts an item by the house's items API.
func put(t *testing.T, house *local.House, item string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, house.URL+"/items", strings.NewReader(item))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("put item: status %d", resp.StatusCode)
	}
}

// wait waits till a condition holds.
func wait(t *testing.T, most time.Duration, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(most); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s after %v", what, most)
		}
	}
}
