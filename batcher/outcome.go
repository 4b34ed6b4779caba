package batcher

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"time"

	"rollcall/intent"
	"rollcall/okta"
)

const (
	// logID is the entry of the control table that tells how far the System Log was read.
	logID = "systemlog"
	// logOverlap is how far a reading goes back behind the one before, and for how long after the last session that was
	// completed the log is read: entries come to it with a delay that Okta does not state.
	logOverlap = 10 * time.Minute
	// rereadEvery is the least time between two readings for which no session was completed.
	rereadEvery = 2 * time.Minute
	// deniedFor is how long the log is left alone once Okta has refused to show it: a scope may be granted later.
	deniedFor = time.Hour
	// skewSlack makes up for Okta's clock being known to the second only.
	skewSlack = 2 * time.Second
	// maxSeen bounds the entries remembered, so that none is taken twice: as many as one session may come to, 140 KB of
	// the 400 that an entry of the control table may have.
	maxSeen = maxPeople
)

// logMark is how far the System Log was read. Its times are by Okta's clock.
type logMark struct {
	// From is when the first session was triggered: what is older is not of concern.
	From  time.Time `json:"from,omitzero"`
	Until time.Time `json:"until"`
	// Completed is when a session was last found to be completed.
	Completed time.Time `json:"completed,omitzero"`
	// Seen are the entries of the overlap that were taken already, by the hashes of their IDs.
	Seen []string `json:"seen,omitempty"`
}

// readFailures asks the System Log whom the imports did not apply, since a session in COMPLETED says nothing of single
// people, and makes them rejects with Okta's words. Without the right to read the log it does nothing; an outage of the
// log is logged and leaves it to the next reading.
func (r *run) readFailures(ctx context.Context, w Watch) error {
	r.logNext.Store(0)
	if r.logIsDenied() {
		return nil
	}
	mark, entry, err := r.logMark(ctx)
	if err != nil {
		return err
	}
	if mark.Completed = r.oktaNow(); mark.Until.IsZero() {
		skew, _ := r.Okta.Skew()
		mark.From = w.Triggered.Add(skew - time.Minute)
		mark.Until = mark.From
	}
	return r.readLog(ctx, mark, entry)
}

// rereadLog reads on for a while after the last session that was completed, also where no other follows.
func (r *run) rereadLog(ctx context.Context) error {
	if time.Now().UnixNano() < r.logNext.Load() || r.logIsDenied() {
		return nil
	}
	mark, entry, err := r.logMark(ctx)
	if err != nil {
		return err
	}
	switch {
	case mark.Completed.IsZero(), !mark.Until.Before(mark.Completed.Add(logOverlap)):
		r.logNext.Store(math.MaxInt64) // till this process finds another session completed
		return nil
	case r.oktaNow().Sub(mark.Until) < rereadEvery:
		r.logNext.Store(time.Now().Add(rereadEvery - r.oktaNow().Sub(mark.Until)).UnixNano())
		return nil
	}
	return r.readLog(ctx, mark, entry)
}

// readLog reads from the mark on, with an overlap, and sets the mark.
func (r *run) readLog(ctx context.Context, mark logMark, entry Entry) error {
	until := r.oktaNow().Add(skewSlack)
	since := mark.Until.Add(-logOverlap)
	if since.Before(mark.From) {
		since = mark.From
	}
	before := make(map[string]bool, len(mark.Seen))
	for _, name := range mark.Seen {
		before[name] = true
	}
	var failures []okta.LogEntry
	var seen []string
	for e, err := range r.Okta.On(okta.Terms{Patience: -1}).ImportFailures(ctx, since, until) {
		if err != nil {
			r.logFailed(err)
			return r.putLogMark(ctx, mark, entry)
		}
		name := seenName(e)
		seen = append(seen, name)
		if !before[name] && !before[e.UUID] { // older releases remembered the IDs themselves
			failures = append(failures, e)
		}
	}
	rejects, err := r.failuresOf(ctx, failures)
	if err != nil {
		return err
	}
	if len(rejects) > 0 {
		if err := r.Control.putRejects(ctx, rejects); err != nil {
			return err
		}
		r.report.ImportFailures += len(rejects)
	}
	mark.Until, mark.Seen = until, seen[max(0, len(seen)-maxSeen):]
	return r.putLogMark(ctx, mark, entry)
}

// seenName is a short name of an entry.
func seenName(e okta.LogEntry) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(e.UUID))
	return base64.RawStdEncoding.EncodeToString(sum.Sum(nil))
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

func (r *run) putLogMark(ctx context.Context, mark logMark, entry Entry) (err error) {
	if entry.Value, err = json.Marshal(mark); err != nil {
		return fmt.Errorf("write log mark: %w", err)
	}
	if err := r.Control.store.Put(ctx, []Entry{entry}); err != nil {
		return fmt.Errorf("write log mark: %w", err)
	}
	return nil
}

// logFailed takes a failure to read the System Log: it must not keep anybody from being told to Okta.
func (r *run) logFailed(err error) {
	if okta.Classify(err) == okta.Misconfigured {
		r.logDenied.Store(time.Now().Add(deniedFor).UnixNano())
		r.Log.WithError(err).Info("system log not read: failures of single people are not seen; grant okta.logs.read")
		return
	}
	r.Log.WithError(err).Warn("system log not read now")
}

func (f *Flusher) logIsDenied() bool { return time.Now().UnixNano() < f.logDenied.Load() }

// failuresOf makes rejects of log entries: of the person where the entry names one, else of the entry. Who is being loaded
// again, since the entry was made, is not rejected for it.
func (r *run) failuresOf(ctx context.Context, failures []okta.LogEntry) ([]intent.Reject, error) {
	if len(failures) == 0 {
		return nil, nil
	}
	watches, err := r.Control.Watches(ctx)
	if err != nil {
		return nil, err
	}
	skew, _ := r.Okta.Skew()
	var rejects []intent.Reject
	for _, e := range failures {
		reject := intent.Reject{Reason: "Okta did not apply the import: " + cmp.Or(e.Reason, e.Message), At: e.Published}
		own, again := travels(watches, e, skew)
		switch {
		case again:
			continue
		case own != nil:
			reject = rejectOf(*own, reject.Reason, reject.At)
		default:
			if reject.ExternalID, reject.Kind, err = r.whoFailed(ctx, e); err != nil {
				return nil, err
			}
		}
		if reject.ExternalID == "" {
			reject.Record = "okta log " + e.UUID
		}
		rejects = append(rejects, reject)
	}
	return rejects, nil
}

// travels looks for the person of an entry in the watched sessions: own is the intent of the session that the entry is
// about, again says that the person is in another one that was triggered since.
func travels(watches []Watch, e okta.LogEntry, skew time.Duration) (own *intent.Intent, again bool) {
	id := e.ExternalID()
	for i := range watches {
		w := &watches[i]
		n := slices.IndexFunc(w.Intents, func(in intent.Intent) bool { return in.ExternalID == id })
		switch {
		case n < 0:
		case e.SessionID() == "" || e.SessionID() == w.Session:
			own = &w.Intents[n]
		case w.Triggered.Add(skew).After(e.Published):
			again = true
		}
	}
	return own, again
}

// whoFailed returns the person of an entry whose session is not watched any more, or never was: nobody where the entry
// names them only by what may be something else than the externalId, and the table knows nobody of that name. A
// deactivation is known by its entry for the guard.
func (r *run) whoFailed(ctx context.Context, e okta.LogEntry) (externalID string, kind intent.Kind, err error) {
	id := e.ExternalID()
	if id == "" {
		return "", intent.Upsert, nil
	}
	for _, of := range []string{kindDeactivated, kindApproved} {
		entry, err := r.Control.store.Get(ctx, of, id)
		if err != nil {
			return "", intent.Upsert, fmt.Errorf("read %s entry: %w", of, err)
		}
		var d Deactivated
		if entry.Version != 0 && json.Unmarshal(entry.Value, &d) == nil && d.Session == e.SessionID() {
			return id, intent.Deactivate, nil
		}
	}
	if e.Debug["externalId"] == id {
		return id, intent.Upsert, nil
	}
	keys, err := r.Table.Find(ctx, id)
	if err != nil {
		return "", intent.Upsert, fmt.Errorf("find items by externalId: %w", err)
	}
	found, _, err := r.Table.Get(ctx, keys)
	if err != nil {
		return "", intent.Upsert, fmt.Errorf("read items: %w", err)
	}
	if len(found) == 0 {
		return "", intent.Upsert, nil
	}
	return id, intent.Upsert, nil
}
