package status

import (
	"context"
	"fmt"
	"slices"
	"time"

	"rollcall/batcher"
)

// Depther tells a queue's depth.
type Depther interface {
	// Depth returns how many messages can be received now and how many cannot yet, and the age of the oldest, negative
	// where that is not known.
	Depth(ctx context.Context) (visible, hidden int64, oldest time.Duration, err error)
}

// Stream tells how far the stream-handler is behind the table.
type Stream interface {
	// Behind returns the age of the records that the stream-handler is about to get, negative where that is not known.
	Behind(ctx context.Context) (time.Duration, error)
}

// Source is where the status is read from.
type Source struct {
	Control *batcher.Control
	// Flusher is never run; it is asked what the guard goes by, and when a session is overdue.
	Flusher *batcher.Flusher
	// Queues are told of in this order.
	Queues []NamedQueue
	// Stream may be nil; StreamHandler is the name of the function that reads it.
	Stream        Stream
	StreamHandler string
}

// NamedQueue is a queue by the name that it is told of.
type NamedQueue struct {
	Name  string
	Queue Depther
	// Oldest, if set, is asked for the age of the oldest message where the queue does not know it.
	Oldest func(ctx context.Context) (time.Duration, error)
}

// Read reads the status. The control table must answer; any other part that does not is listed as unknown.
func (s Source) Read(ctx context.Context) (Status, error) {
	now := time.Now()
	status := Status{Watched: []Watched{}, Sessions: []batcher.SessionOutcome{}, Unhealthy: []Reason{}}
	state, err := s.Control.State(ctx)
	if err != nil {
		return Status{}, err
	}
	status.take(state, now)
	if err := s.lists(ctx, &status); err != nil {
		return Status{}, err
	}
	s.queues(ctx, &status)
	s.stream(ctx, &status)
	guard, err := s.Flusher.GuardState(ctx)
	if status.Deactivated, status.Limit = len(guard.Deactivated), guard.Limit; err != nil {
		status.Limit = -1
		status.unknown("guard", err)
	}
	status.judge(now, s.Flusher.Timing.Overdue)
	return status, nil
}

// take takes over the control item.
func (s *Status) take(state batcher.State, now time.Time) {
	switch {
	case state.Paused:
		s.Mode = Paused
	case state.ObserveOnly:
		s.Mode = Observe
	default:
		s.Mode = Running
	}
	s.ChangedBy, s.ChangedAt, s.Failures = state.ChangedBy, state.ChangedAt, state.Failures
	if state.Owner != "" && now.Before(state.Until) {
		s.LeasedUntil = state.Until
	}
	if now.Before(state.NextTry) {
		s.NextTry = state.NextTry
	}
}

// lists reads the lists of the control table.
func (s Source) lists(ctx context.Context, status *Status) error {
	watches, err := s.Control.Watches(ctx)
	if err != nil {
		return err
	}
	for _, w := range watches {
		status.Watched = append(status.Watched, Watched{Session: w.Session, Triggered: w.Triggered, People: len(w.Intents)})
	}
	slices.SortFunc(status.Watched, func(a, b Watched) int { return a.Triggered.Compare(b.Triggered) })
	outcomes, err := s.Control.Outcomes(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(outcomes, func(a, b batcher.SessionOutcome) int { return b.Ended.Compare(a.Ended) })
	status.Sessions = append(status.Sessions, outcomes[:min(len(outcomes), sessionsShown)]...)
	held, err := s.Control.Held(ctx)
	if err != nil {
		return err
	}
	rejects, err := s.Control.Rejects(ctx)
	if err != nil {
		return err
	}
	status.Held, status.Rejects = len(held), len(rejects)
	return nil
}

// queues reads the queues. How many messages wait must be known of each; their age need not be.
func (s Source) queues(ctx context.Context, status *Status) {
	for _, q := range s.Queues {
		depth, err := q.Read(ctx)
		if err != nil {
			status.unknown("queue "+q.Name, err)
		}
		if depth == nil {
			status.unhealthy(QueueUnread, "queue %s cannot be read", q.Name)
			continue
		}
		status.Queues = append(status.Queues, *depth)
	}
}

// Read reads a queue. Without an age of the oldest it returns what it knows with the error, else nil.
func (q NamedQueue) Read(ctx context.Context) (*Queue, error) {
	visible, hidden, oldest, err := q.Queue.Depth(ctx)
	if err != nil {
		return nil, err
	}
	if oldest < 0 && q.Oldest != nil {
		if oldest, err = q.Oldest(ctx); err != nil {
			oldest = -1
		}
	}
	return &Queue{Name: q.Name, Visible: visible, Hidden: hidden, Oldest: seconds(oldest)}, err
}

func (s Source) stream(ctx context.Context, status *Status) {
	if s.Stream == nil {
		return
	}
	status.StreamHandler = s.StreamHandler
	behind, err := s.Stream.Behind(ctx)
	if err != nil {
		status.unknown("stream", err)
		return
	}
	status.Behind = seconds(behind)
}

func (s *Status) unknown(part string, err error) {
	s.Unknown = append(s.Unknown, fmt.Sprintf("%s: %v", part, err))
}

// seconds returns nil for a duration that is not known.
func seconds(d time.Duration) *float64 {
	if d < 0 {
		return nil
	}
	n := d.Seconds()
	return &n
}
