package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"rollcall/batcher"
	"rollcall/internal/credential"
	"rollcall/internal/progress"
)

// leaseRetry is how often flush looks whether the lease is free.
const leaseRetry = 200 * time.Millisecond

func newFlush() *cobra.Command {
	var (
		where  = targetFlags{scopes: credential.ToFlush}
		output outputFlags
		wait   time.Duration
		dryRun bool
	)
	cmd := &cobra.Command{
		Use:   "flush",
		Short: "Run one flush now, in this process",
		Long: `Run one flush now, in this process, exactly as the flusher function does: take the lease, receive, read the table, ask
the guard, load one session, start the import.

One run works at a time. While another has the lease this one waits for its turn, as long as --wait says. To tell once
more what failed is not its job, nor does it wait for the import: rollcall status does. Ctrl-C ends it cleanly: what it
received goes back.

With --dry-run it says what the next flush would do, and does nothing: no message is taken, nothing is written, and Okta is
asked for its sessions at most. Whom the messages name only a local house can tell; on AWS rollcall plan compares everybody.`,
		Example: `  rollcall flush
  rollcall flush --dry-run
  rollcall flush --wait 2m --output json`,
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			t, err := where.open(cmd)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, t.Close()) }()
			if dryRun {
				return foreseeFlush(cmd, output, t)
			}
			loads := loadBar{out: cmd.ErrOrStderr()}
			t.Flusher.Loaded = loads.show
			report, failed := flushOnce(cmd.Context(), t.Flusher, wait)
			loads.stop()
			if err := output.document(cmd, flushOf(report), reportTable(report)); err != nil {
				return errors.Join(err, failed)
			}
			if failed != nil {
				return failed
			}
			output.summary(cmd, "%s", ended(report))
			return nil
		},
	}
	where.register(cmd)
	cmd.Flags().DurationVar(&wait, "wait", time.Minute, "how long to wait while another run has the lease")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what the next flush would do, and do nothing")
	output.register(cmd)
	return cmd
}

// loadBar shows how many loads were sent, once there is one. Its methods may be called from several goroutines.
type loadBar struct {
	out io.Writer

	mu  sync.Mutex
	bar *progress.Bar
}

func (l *loadBar) show(done, of int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bar == nil {
		l.bar = progress.Start(l.out, "loads", of)
	}
	l.bar.Set(done, of)
}

func (l *loadBar) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bar != nil {
		l.bar.Stop()
	}
}

// flushOnce flushes once the lease is free.
func flushOnce(ctx context.Context, f *batcher.Flusher, wait time.Duration) (batcher.Report, error) {
	for end := time.Now().Add(wait); ; {
		report, err := f.Flush(ctx)
		if err != nil || report.Outcome != batcher.Leased || !time.Now().Add(leaseRetry).Before(end) {
			return report, err
		}
		select {
		case <-ctx.Done():
			return report, ctx.Err()
		case <-time.After(leaseRetry):
		}
	}
}

// flush is a report as JSON.
type flush struct {
	Outcome     batcher.Outcome          `json:"outcome"`
	Session     string                   `json:"session,omitempty"`
	Messages    int                      `json:"messages"`
	Intents     int                      `json:"intents"`
	People      int                      `json:"people"`
	Upserted    int                      `json:"upserted"`
	Deactivated int                      `json:"deactivated"`
	Nothings    int                      `json:"nothings"`
	Rejected    int                      `json:"rejected"`
	Held        int                      `json:"held"`
	Returned    int                      `json:"returned"`
	HoldReason  string                   `json:"holdReason,omitempty"`
	Loads       int                      `json:"loads"`
	Ended       []batcher.SessionOutcome `json:"ended,omitempty"`
	Seconds     float64                  `json:"seconds"`
}

func flushOf(r batcher.Report) flush {
	return flush{
		r.Outcome, r.Session, r.Messages, r.Intents, r.People, r.Upserted, r.Deactivated, r.Nothings,
		r.Rejected + r.RecordRejects, r.Held, r.Returned, r.HoldReason, r.Loads, r.Ended, r.Seconds,
	}
}

func reportTable(r batcher.Report) (t table) {
	if r.Messages > 0 {
		t.add("messages", fmt.Sprintf("%d, %d intents, oldest %s", r.Messages, r.Intents, age(&r.Oldest)))
		t.add("people", fmt.Sprintf("%d: %d upserted, %d deactivated, %d nothing to tell, %d rejected, %d held, %d given back",
			r.People, r.Upserted, r.Deactivated, r.Nothings, r.Rejected, r.Held, r.Returned))
	}
	if r.HoldReason != "" {
		t.add("held because", r.HoldReason)
	}
	if r.Session != "" {
		t.add("session", fmt.Sprintf("%s, %s", r.Session, counted(r.Loads, "load", "loads")))
	}
	for _, o := range r.Ended {
		t.add("ended", fmt.Sprintf("%s %s, %s", o.Session, o.Status, counted(o.People, "person", "people")))
	}
	return t
}

// outcomeMeans says what each way of ending means.
var outcomeMeans = map[batcher.Outcome]string{
	batcher.Idle:      "no message came and no session is watched",
	batcher.Paused:    "the flusher is paused: rollcall resume ends it",
	batcher.Waiting:   "an earlier run put off the next try: rollcall status says till when, rollcall resume ends the wait",
	batcher.Leased:    "another run has the lease",
	batcher.Busy:      "a session is in flight at Okta, or it opens none yet; everything was given back",
	batcher.Looked:    "ended sessions were settled, no message came",
	batcher.Observed:  "observe-only, nothing was sent and everything given back",
	batcher.Nothing:   "nobody had to be told to Okta",
	batcher.Triggered: "the import was started",
	batcher.Urgent:    "leavers were taken out while no session can be opened",
}

// ended says in a line how a flush ended.
func ended(r batcher.Report) string {
	return fmt.Sprintf("%s: %s (%.1f s)", r.Outcome, outcomeMeans[r.Outcome], r.Seconds)
}
