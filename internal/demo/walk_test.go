package demo_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/internal/config"
	"rollcall/internal/demo"
	"rollcall/internal/local"
	"rollcall/okta/oktasim"
)

// walk walks through a house and returns what was told.
func walk(t *testing.T, set func(*config.Config)) (told string, err error) {
	t.Helper()
	c, org := config.Default(), oktasim.DefaultConfig()
	set(&c)
	org.RateLimit, org.AdminRateLimit, org.Cooldown, org.ImportTime, org.PersonTime = 0, 0, 0, 0, 0
	c.Gather = config.Gather{Quiet: 400 * time.Millisecond, Max: time.Minute}
	timing := local.Timing(c.Gather, org)
	timing.Poll, timing.Busy = 50*time.Millisecond, 50*time.Millisecond
	log := logrus.New()
	log.SetOutput(io.Discard)
	house, err := local.Open(t.Context(), local.Options{
		Dir: t.TempDir(), Config: c, Org: org, Listen: "127.0.0.1:0", Timing: timing, Log: logrus.NewEntry(log),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- house.Run(ctx) }()
	var out strings.Builder
	w := demo.Walk{House: house, Out: &out, Progress: io.Discard}
	err = w.Run(ctx)
	stop()
	if runErr := <-ended; runErr != nil {
		t.Error(runErr)
	}
	if closeErr := house.Close(); closeErr != nil {
		t.Error(closeErr)
	}
	return out.String(), err
}

func TestTheWalkIsAsTold(t *testing.T) {
	told, err := walk(t, func(*config.Config) {})
	if err != nil {
		t.Errorf("%v\n%s", err, told)
	}
	if n := strings.Count(told, "ok   "); n != 9 || strings.Contains(told, "FAIL") {
		t.Errorf("%d steps went well, want 9:\n%s", n, told)
	}
	checkReadme(t, told)
	for _, end := range []string{"Okta holds 100 people", "active", "deprovisioned", "Calls to Okta", "bulk-upsert"} {
		if !strings.Contains(told, end) {
			t.Errorf("the end does not tell %q:\n%s", end, told)
		}
	}
}

// TestTheWalkNoticesAGuardThatDoesNotHold has everybody pass the guard: two of the steps must say so, and no other.
func TestTheWalkNoticesAGuardThatDoesNotHold(t *testing.T) {
	told, err := walk(t, func(c *config.Config) { c.Guard.Min = 1000 })
	if err == nil || !strings.Contains(err.Error(), "30 people are deleted at once") {
		t.Errorf("error %v, want one of the step that fails", err)
	}
	if n := strings.Count(told, "FAIL "); n != 2 {
		t.Errorf("%d steps failed, want the deletion and the release:\n%s", n, told)
	}
}
