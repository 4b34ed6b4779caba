// Package demo walks a new user through what rollcall does, and checks each step against the simulated org: people are
// written through the items API as anybody would, and what Okta holds afterwards must be what the step says.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"rollcall/batcher"
	"rollcall/internal/local"
	"rollcall/internal/progress"
	"rollcall/internal/sample"
	"rollcall/okta/oktasim"
)

// stepTime is how long a step may take until the house has come to rest.
const stepTime = 15 * time.Second

// Walk is one walk through a house that runs.
type Walk struct {
	House *local.House
	// Out gets the lines of the walk, Progress the bars.
	Out, Progress io.Writer

	items    client
	people   []map[string]any
	sessions int // seen before the step
}

// scene is one step: what is done, and what must come of it.
type scene struct {
	told string
	do   func(*Walk, context.Context) error
	want expectation
}

// expectation is what a step must leave behind.
type expectation struct {
	// outcomes are the people of the step's imports by outcome; none means that no import may have been made.
	outcomes map[oktasim.Outcome]int
	// held are the people whom the guard holds afterwards.
	held int
	// calm means that Okta must not have been called at all.
	calm bool
	// also checks what is particular to the step.
	also func(*Walk) error
}

// leavers is how many people leave at once: more than the guard's 20.
const leavers = 30

var scenes = []scene{
	{
		told: "100 people are put into the table",
		do:   (*Walk).putAll,
		want: expectation{outcomes: map[oktasim.Outcome]int{oktasim.Created: sample.Count}, also: (*Walk).oneImport},
	},
	{
		told: "the title of one of them changes",
		do:   func(w *Walk, ctx context.Context) error { return w.change(ctx, 0, "title", "Principal Engineer") },
		want: expectation{
			outcomes: map[oktasim.Outcome]int{oktasim.Updated: 1},
			also:     func(w *Walk) error { return w.holds(0, "title", "Principal Engineer") },
		},
	},
	{
		told: "the phone of another is removed",
		do:   func(w *Walk, ctx context.Context) error { return w.change(ctx, 1, "phone", nil) },
		want: expectation{
			outcomes: map[oktasim.Outcome]int{oktasim.Updated: 1},
			also:     func(w *Walk) error { return w.holds(1, "primaryPhone", "") },
		},
	},
	{
		told: "one is set to active: false",
		do:   func(w *Walk, ctx context.Context) error { return w.change(ctx, 2, "active", false) },
		want: expectation{
			outcomes: map[oktasim.Outcome]int{oktasim.Deactivated: 1},
			also:     func(w *Walk) error { return w.is(2, oktasim.Deprovisioned) },
		},
	},
	{
		told: "an item is deleted",
		do:   func(w *Walk, ctx context.Context) error { return w.remove(ctx, 3, 4) },
		want: expectation{
			outcomes: map[oktasim.Outcome]int{oktasim.Deactivated: 1},
			also:     func(w *Walk) error { return w.is(3, oktasim.Deprovisioned) },
		},
	},
	{
		told: "the deleted item is put again",
		do:   func(w *Walk, ctx context.Context) error { return w.put(ctx, w.people[3]) },
		want: expectation{
			outcomes: map[oktasim.Outcome]int{oktasim.Updated: 1},
			also:     func(w *Walk) error { return w.is(3, oktasim.Active) },
		},
	},
	{
		told: "an attribute changes that is not mapped",
		do: func(w *Walk, ctx context.Context) error {
			return w.change(ctx, 5, "last_login", "2026-11-23T08:00:00Z")
		},
		want: expectation{calm: true},
	},
	{
		told: "30 people are deleted at once",
		do:   func(w *Walk, ctx context.Context) error { return w.remove(ctx, 10, 10+leavers) },
		want: expectation{held: leavers, also: func(w *Walk) error { return w.is(10, oktasim.Active) }},
	},
	{
		told: "an operator releases them",
		do:   (*Walk).release,
		want: expectation{
			outcomes: map[oktasim.Outcome]int{oktasim.Deactivated: leavers},
			also:     func(w *Walk) error { return w.is(10, oktasim.Deprovisioned) },
		},
	},
}

// Run walks through all scenes and ends with what Okta holds. Every expectation that fails is told and returned; the
// walk goes on as far as it can.
func (w *Walk) Run(ctx context.Context) error {
	w.items = client{base: w.House.URL}
	w.people = sample.People()
	var failures []error
	for _, s := range scenes {
		if err := w.play(ctx, s); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			failures = append(failures, fmt.Errorf("%s: %w", s.told, err))
		}
	}
	w.ending()
	return errors.Join(failures...)
}

func (w *Walk) play(ctx context.Context, s scene) error {
	began := time.Now()
	w.sessions = len(w.House.Org.Sessions())
	calls := w.calls()
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	err := s.do(w, ctx)
	if err == nil {
		err = w.rest(ctx)
	}
	if err == nil {
		err = w.check(ctx, s.want, w.calls()-calls)
	}
	mark := "ok  "
	if err != nil {
		mark = "FAIL"
	}
	fmt.Fprintf(w.Out, "%s %-40s → %-34s %2d calls  %4.1f s\n", mark, s.told, w.became(ctx), w.calls()-calls, time.Since(began).Seconds())
	if err != nil {
		fmt.Fprintf(w.Out, "     %v\n", err)
	}
	return err
}

// rest waits until the house has nothing to do: no records to deliver, no messages, no session watched.
func (w *Walk) rest(ctx context.Context) error {
	for {
		pending, err := w.House.Table.Pending(ctx)
		if err != nil {
			return err
		}
		visible, hidden, _, err := w.House.Queue.Depth(ctx)
		if err != nil {
			return err
		}
		watches, err := w.House.Control.Watches(ctx)
		if err != nil {
			return err
		}
		if pending == 0 && visible+hidden == 0 && len(watches) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not at rest after %v: %d records, %d messages, %d sessions watched", stepTime, pending, visible+hidden, len(watches))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (w *Walk) put(ctx context.Context, people ...map[string]any) error {
	for _, p := range people {
		if err := w.items.put(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

func (w *Walk) putAll(ctx context.Context) error {
	bar := progress.Start(w.Progress, "people put", len(w.people))
	defer bar.Stop()
	for _, p := range w.people {
		if err := w.put(ctx, p); err != nil {
			return err
		}
		bar.Add(1)
	}
	return nil
}

// change puts a person with one attribute changed, or removed where the value is nil.
func (w *Walk) change(ctx context.Context, i int, attribute string, value any) error {
	if value == nil {
		delete(w.people[i], attribute)
	} else {
		w.people[i][attribute] = value
	}
	return w.items.put(ctx, w.people[i])
}

func (w *Walk) remove(ctx context.Context, from, to int) error {
	for _, p := range w.people[from:to] {
		if err := w.items.delete(ctx, p["id"].(string)); err != nil {
			return err
		}
	}
	return nil
}

func (w *Walk) release(ctx context.Context) error {
	held, err := w.House.Control.Held(ctx)
	if err != nil {
		return err
	}
	operator := batcher.Operator{Control: w.House.Control, Queue: w.House.Queue, Who: "demo"}
	return operator.Release(ctx, slices.Clip(held))
}
