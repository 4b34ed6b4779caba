package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
	"rollcall/internal/aws"
	"rollcall/internal/config"
	"rollcall/internal/credential"
	"rollcall/internal/emf"
	"rollcall/internal/flushlog"
	"rollcall/internal/sync"
	"rollcall/okta"
)

// pollFor is how long an invocation takes intents: the next one comes a minute after it.
const pollFor = 50 * time.Second

// handler handles the invocations of one process with parts that were made once.
type handler struct {
	parts   *aws.Parts
	metrics *emf.Writer
	log     *logrus.Entry
	// checked is set once Okta's credentials were seen to be some.
	checked atomic.Bool
	// rejects and held are how many people wait for somebody, as the invocation's flushes told it; -1 if none did.
	rejects, held atomic.Int64
}

// newHandler makes the parts. Metrics go to out as lines of the embedded metric format.
func newHandler(sdk awssdk.Config, cfg config.Config, log *logrus.Entry, out io.Writer) (*handler, error) {
	h := &handler{metrics: emf.New(out, cfg.Table, cfg.Okta.IdentitySourceID), log: log}
	var err error
	h.parts, err = aws.New(sdk, cfg, aws.Options{
		Log: log, Called: h.metrics.Called, Scopes: credential.ToFlush,
		Observe: func(r batcher.Report) {
			flushlog.Log(log, r)
			h.metrics.Flushed(r)
			h.remember(r)
		},
	})
	return h, err
}

// Invoke implements lambda.Handler. The payload is an object, of which only command is looked at: EventBridge Scheduler
// puts other things into it.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var event struct {
		Command string `json:"command"`
	}
	if err := json.Unmarshal(payload, &event); err != nil {
		return nil, fmt.Errorf("read payload: %w", err)
	}
	switch event.Command {
	case "":
		if err := h.check(ctx); err != nil {
			return nil, fmt.Errorf("check credentials: %w", err)
		}
		h.rejects.Store(-1)
		h.held.Store(-1)
		if err := errors.Join(h.parts.Flusher.Poll(ctx, pollFor), h.tellOpen(ctx)); err != nil {
			return nil, fmt.Errorf("flush: %w", err)
		}
		return []byte("{}"), nil
	case "sync":
		return h.sync(ctx)
	}
	return nil, fmt.Errorf("read payload: there is no command %q: leave it out, or say sync", event.Command)
}

// check refuses to work with credentials that are none, also while there is nothing to tell Okta: a house without a key
// must not look healthy till the first leaver.
func (h *handler) check(ctx context.Context) error {
	if h.checked.Load() {
		return nil
	}
	if err := h.parts.Authority.Check(ctx); err != nil {
		return err
	}
	h.checked.Store(true)
	return nil
}

// remember keeps what a flush found of those who wait, and forgets what it may have changed after that, or without telling.
func (h *handler) remember(r batcher.Report) {
	if r.RejectsOpen >= 0 {
		h.rejects.Store(int64(r.RejectsOpen))
	}
	if r.HeldOpen >= 0 {
		h.held.Store(int64(r.HeldOpen))
	}
	unfinished := r.Outcome == batcher.Failed || r.Outcome == batcher.Interrupted || r.Outcome == batcher.Urgent
	if unfinished {
		h.held.Store(-1)
	}
	failed := slices.ContainsFunc(r.Ended, func(s batcher.SessionOutcome) bool { return s.Status != string(okta.StatusCompleted) })
	if unfinished || failed || r.Rejected+r.RecordRejects+r.ImportFailures > 0 {
		h.rejects.Store(-1)
	}
}

// tellOpen writes the metrics of the people who wait for somebody where no flush had a reason to look: the alarms end when
// the lists are empty.
func (h *handler) tellOpen(ctx context.Context) error {
	rejects, held := int(h.rejects.Load()), int(h.held.Load())
	if ctx.Err() != nil || rejects >= 0 && held >= 0 {
		return nil // told to end, or told it all
	}
	if rejects < 0 {
		all, err := h.parts.Control.Rejects(ctx)
		if err != nil {
			return err
		}
		rejects = len(all)
	}
	if held < 0 {
		all, err := h.parts.Control.Held(ctx)
		if err != nil {
			return err
		}
		held = len(all)
	}
	h.metrics.Open(rejects, held)
	return nil
}

// sync enqueues the active people. Those who are not would count for the guard, day after day, for nothing new.
func (h *handler) sync(ctx context.Context) ([]byte, error) {
	cfg := h.parts.Config
	report, err := sync.Sync(ctx, h.parts.Table, h.parts.Mapping, h.parts.Intents, sync.Options{
		Partition: cfg.Key.Partition, Sort: cfg.Key.Sort, ActiveOnly: true,
	})
	h.metrics.Synced(err)
	h.log.WithFields(logrus.Fields{
		"items": report.Items, "enqueued": report.Enqueued, "inactive": report.Inactive, "others": report.Others,
		"rejects": report.Rejects, "messages": report.Messages,
	}).Info("sync")
	if err != nil {
		return nil, fmt.Errorf("sync: %w", err)
	}
	return json.Marshal(report)
}
