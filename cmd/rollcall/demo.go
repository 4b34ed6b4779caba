package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/cobra"

	"rollcall/internal/config"
	"rollcall/internal/demo"
	"rollcall/internal/local"
	"rollcall/okta/oktasim"
)

func newDemo() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Walk through what rollcall does, on embedded parts, and check each step",
		Long: `Walk through what rollcall does, on embedded parts: a table, a queue, a simulated Okta org. Nothing leaves this machine
and nothing is left on it. Each step is checked against what the org holds afterwards; exit code 1 if one fails.`,
		Example: `  rollcall demo`,
		Args:    usageArgs(cobra.NoArgs),
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDemo(cmd) },
	}
}

// runDemo opens a house in a folder of its own, walks, and takes the folder away again.
func runDemo(cmd *cobra.Command) (err error) {
	dir, err := os.MkdirTemp("", "rollcall-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	org := oktasim.DefaultConfig()
	org.RateLimit, org.AdminRateLimit, org.Cooldown = 0, 0, 0
	org.ImportTime, org.PersonTime = 100*time.Millisecond, 0
	log := logrus.New()
	log.SetOutput(io.Discard)
	settings := config.Default()
	settings.Gather = config.Gather{Quiet: 400 * time.Millisecond, Max: time.Minute} // all are put in one burst
	timing := local.Timing(settings.Gather, org)
	timing.Poll = 100 * time.Millisecond
	house, err := local.Open(cmd.Context(), local.Options{
		Dir: dir, Config: settings, Org: org, Listen: "127.0.0.1:0", Timing: timing, Log: logrus.NewEntry(log),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, house.Close()) }()
	out := cmd.OutOrStdout()
	fmt.Fprintf(out, "A table, a queue and a simulated Okta org in one process; its rate limit and cooldown are off here.\n\n")
	ctx, stop := context.WithCancel(cmd.Context())
	ended := make(chan error, 1)
	go func() { ended <- house.Run(ctx) }()
	walk := demo.Walk{House: house, Out: out, Progress: cmd.ErrOrStderr()}
	failed := walk.Run(ctx)
	stop()
	return errors.Join(failed, <-ended)
}
