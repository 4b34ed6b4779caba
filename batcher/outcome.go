package batcher

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rollcall/intent"
	"rollcall/okta"
)

const (
	// logID is the entry of the control table that tells how far the System Log was read.
	logID = "systemlog"
	// logOverlap is how far a reading goes back behind the one before: entries come to the log with a delay that Okta
	// does not state.
	logOverlap = 10 * time.Minute
	// skewSlack makes up for Okta's clock being known to the second only.
	skewSlack = 2 * time.Second
	// maxSeen bounds the entries remembered, so that none is taken twice.
	maxSeen = 1000
)

// logMark is how far the System Log was read.
type logMark struct {
	Until time.Time `json:"until"`
	// Seen are the entries of the overlap that were taken already.
	Seen []string `json:"seen,omitempty"`
}

// readFailures asks the System Log whom the imports did not apply, since a session in COMPLETED says nothing of single
// people, and makes them rejects with Okta's words. Without the right to read the log it does nothing; an outage of the
// log is logged and leaves it to the next reading.
func (r *run) readFailures(ctx context.Context, w Watch) error {
	if r.logDenied.Load() {
		return nil
	}
	mark, entry, err := r.logMark(ctx)
	if err != nil {
		return err
	}
	until := r.oktaNow().Add(skewSlack)
	since := mark.Until.Add(-logOverlap)
	if skew, _ := r.Okta.Skew(); mark.Until.IsZero() {
		since = w.Triggered.Add(skew - time.Minute)
	}
	next := logMark{Until: until}
	var rejects []intent.Reject
	for e, err := range r.Okta.ImportFailures(ctx, since, until) {
		if err != nil {
			r.logFailed(err)
			return nil
		}
		next.Seen = append(next.Seen, e.UUID)
		if !slices.Contains(mark.Seen, e.UUID) {
			rejects = append(rejects, failureOf(e, w))
		}
	}
	if len(rejects) > 0 {
		if err := r.Control.putRejects(ctx, rejects); err != nil {
			return err
		}
		r.report.ImportFailures += len(rejects)
	}
	next.Seen = next.Seen[max(0, len(next.Seen)-maxSeen):]
	if entry.Value, err = json.Marshal(next); err != nil {
		return fmt.Errorf("write log mark: %w", err)
	}
	if err := r.Control.store.Put(ctx, []Entry{entry}); err != nil {
		return fmt.Errorf("write log mark: %w", err)
	}
	return nil
}

func (r *run) logMark(ctx context.Context) (logMark, Entry, error) {
	var mark logMark
	entry, err := r.Control.store.Get(ctx, kindControl, logID)
	if err == nil && entry.Version != 0 {
		err = json.Unmarshal(entry.Value, &mark)
	}
	if err != nil {
		return mark, entry, fmt.Errorf("read log mark: %w", err)
	}
	entry.Kind, entry.ID = kindControl, logID
	return mark, entry, nil
}

// logFailed takes a failure to read the System Log: it must not keep anybody from being told to Okta.
func (r *run) logFailed(err error) {
	if okta.Classify(err) == okta.Misconfigured {
		r.logDenied.Store(true)
		r.Log.WithError(err).Info("system log not read: failures of single people are not seen; grant okta.logs.read")
		return
	}
	r.Log.WithError(err).Warn("system log not read now")
}

// failureOf makes a reject of a log entry: of the person, if the entry names one of the session's, else of the entry.
func failureOf(e okta.LogEntry, w Watch) intent.Reject {
	reject := intent.Reject{Record: "okta log " + e.UUID, Reason: "Okta did not apply the import: " + e.Reason, At: e.Published}
	if e.Reason == "" {
		reject.Reason = "Okta did not apply the import: " + e.Message
	}
	id := e.ExternalID()
	i := slices.IndexFunc(w.Intents, func(in intent.Intent) bool { return in.ExternalID == id })
	if i >= 0 {
		reject.ExternalID, reject.Kind, reject.Key = id, w.Intents[i].Kind, firstKey(w.Intents[i])
	}
	return reject
}
