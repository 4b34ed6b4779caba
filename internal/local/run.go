package local

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"rollcall/internal/embedded"
)

// Run serves, delivers and flushes until ctx is over. The flush in hand is then finished, which may take its minutes; a
// caller without that patience lets the process die, which loses nothing either.
func (h *House) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var parts sync.WaitGroup
	var mu sync.Mutex
	var problems []error
	failed := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		problems = append(problems, err)
	}
	part := func(name string, run func() error) {
		parts.Go(func() {
			if err := run(); err != nil {
				failed(fmt.Errorf("%s: %w", name, err))
				cancel(err)
			}
		})
	}
	server := &http.Server{Handler: h.routes(), ReadHeaderTimeout: 10 * time.Second}
	part("serve", func() error {
		if err := server.Serve(h.listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	part("dispatch", func() error {
		return h.Table.Dispatch(ctx, embedded.Mapping{
			// So that people put one by one are not handled one by one; short enough that a burst goes on as one. On AWS it
			// is a second.
			Window: h.options.Timing.Quiet / 5,
			Retrying: func(err error, records int, wait time.Duration) {
				h.options.Log.WithError(err).WithField("records", records).WithField("wait", wait).Warn("records come again")
			},
		}, h.handler.Handle)
	})
	flushed := make(chan struct{})
	part("flush", func() error {
		defer close(flushed)
		_ = h.Flusher.PollUntil(context.WithoutCancel(ctx), ctx) // it has logged its errors, and the people are still queued
		return nil
	})
	<-ctx.Done()
	<-flushed // it still needs the server
	grace, done := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer done()
	if err := server.Shutdown(grace); err != nil {
		failed(server.Close())
	}
	parts.Wait()
	return errors.Join(problems...)
}
