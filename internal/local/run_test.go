package local_test

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/internal/local"
	"rollcall/okta/oktasim"
)

// TestAnInterruptFinishesTheFlushInHand ends a house while its first load is under way, and opens the folder again.
func TestAnInterruptFinishesTheFlushInHand(t *testing.T) {
	org := oktasim.DefaultConfig()
	org.RateLimit, org.AdminRateLimit, org.Cooldown, org.ImportTime, org.PersonTime = 0, 0, 0, 0, 0
	org.Latency = 150 * time.Millisecond
	log := logrus.New()
	log.SetOutput(io.Discard)
	triggered := 0
	options := local.Options{
		Dir: t.TempDir(), Config: config.Default(), Org: org, Listen: "127.0.0.1:0",
		Timing: local.Timing(config.Gather{Quiet: 200 * time.Millisecond, Max: 2 * time.Second}, org), Log: logrus.NewEntry(log),
		Observe: func(r batcher.Report) {
			if r.Outcome == batcher.Triggered {
				triggered++
			}
		},
	}
	house, err := local.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- house.Run(ctx) }()
	put(t, house, `{"id":"jane","active":true,"email":"jane@example.com","first_name":"Jane","last_name":"Doe"}`)
	wait(t, 10*time.Second, "load", func() bool { return house.Org.Calls()[oktasim.OpBulkUpsert] > 0 })
	interrupt()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if triggered != 1 {
		t.Errorf("%d imports started, want the flush in hand finished", triggered)
	}
	watches, err := house.Control.Watches(t.Context())
	if err != nil || len(watches) != 1 {
		t.Errorf("%d sessions are watched (%v), want the one", len(watches), err)
	}
	visible, hidden, _, err := house.Queue.Depth(t.Context())
	if err != nil || visible+hidden != 0 {
		t.Errorf("%d messages are left (%v), want theirs acknowledged", visible+hidden, err)
	}
	if err := house.Close(); err != nil {
		t.Fatal(err)
	}

	again, err := local.Open(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	again.Org.Advance()
	if user, _ := again.Org.User("jane"); user.Status != oktasim.Active {
		t.Errorf("jane is %q after the restart", user.Status)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestBurstsAreGatheredAsTheSettingsSay(t *testing.T) {
	gather := config.Gather{Quiet: 3 * time.Second, Max: 7 * time.Second}
	if got := local.Timing(gather, oktasim.DefaultConfig()); got.Quiet != gather.Quiet || got.Gather != gather.Max {
		t.Errorf("%v and %v, want %+v", got.Quiet, got.Gather, gather)
	}
}
