package emf

import (
	"rollcall/batcher"
	"rollcall/okta"
)

// calls are those to Okta since the last line about them.
type calls struct {
	byClass [okta.Misconfigured + 1]int
	// remaining is the least that the rate limit was seen to leave, if told.
	remaining int
	told      bool
}

// Called counts a call to Okta, for the lines that Flushed writes next.
func (w *Writer) Called(c okta.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if int(c.Class) < len(w.calls.byClass) {
		w.calls.byClass[c.Class]++
	}
	if c.Remaining >= 0 && (!w.calls.told || c.Remaining < w.calls.remaining) {
		w.calls.remaining, w.calls.told = c.Remaining, true
	}
}

// Flushed writes what a flush did, and the calls to Okta since the last one: a line of OktaCalls for each class, and one
// with all else. Times of several changes are two values, the median and the longest. A flush that had no cause to do
// anything writes nothing but that the lease was another's.
func (w *Writer) Flushed(r batcher.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	metrics := w.limit()
	switch r.Outcome {
	case batcher.Waiting, batcher.Paused:
	case batcher.Idle, batcher.Leased:
		metrics = append(metrics, counted("LeaseWaits", r.LeaseWaits))
	default:
		metrics = append(metrics, flushed(r)...)
	}
	w.write([2]string{}, metrics...)
	for class, n := range w.calls.byClass {
		if n > 0 {
			w.write([2]string{"Class", okta.Class(class).String()}, counted("OktaCalls", n))
		}
	}
	w.calls = calls{}
}

func (w *Writer) limit() []metric {
	if !w.calls.told {
		return nil
	}
	return []metric{counted("RateLimitRemaining", w.calls.remaining)}
}

func flushed(r batcher.Report) []metric {
	failed := 0
	if r.Outcome == batcher.Failed {
		failed = 1
	}
	completed := metric{name: "ChangeToCompleted", unit: seconds}
	for _, ended := range r.Ended {
		if ended.Status == string(okta.StatusCompleted) && ended.Slowest > 0 {
			completed.values = append(completed.values, ended.Median, ended.Slowest)
		}
	}
	triggered := metric{name: "ChangeToTrigger", unit: seconds}
	if r.ChangeToTrigger.Count > 0 {
		triggered.values = []float64{r.ChangeToTrigger.Median, r.ChangeToTrigger.Slowest}
	}
	age := metric{name: "QueueAge", unit: seconds}
	if r.Messages > 0 {
		age.values = []float64{r.Oldest}
	}
	metrics := []metric{
		counted("Messages", r.Messages),
		counted("Upserted", r.Upserted),
		counted("Deactivated", r.Deactivated),
		counted("Nothings", r.Nothings),
		counted("Rejects", r.Rejected+r.RecordRejects),
		counted("Held", r.Held),
		counted("Returned", r.Returned),
		counted("Loads", r.Loads),
		counted("LeaseWaits", r.LeaseWaits),
		counted("FlushesFailed", failed),
		{"WatchAge", seconds, []float64{r.WatchAge}},
		age, triggered, completed,
	}
	if r.RejectsOpen >= 0 {
		metrics = append(metrics, counted("RejectsOpen", r.RejectsOpen))
	}
	if r.HeldOpen >= 0 {
		metrics = append(metrics, counted("HeldOpen", r.HeldOpen))
	}
	return metrics
}

// Open writes how many people wait for somebody, RejectsOpen and HeldOpen, where no flush told it.
func (w *Writer) Open(rejects, held int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.write([2]string{}, counted("RejectsOpen", rejects), counted("HeldOpen", held))
}

// Synced writes whether a sync failed, as SyncsFailed.
func (w *Writer) Synced(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	failed := 0
	if err != nil {
		failed = 1
	}
	w.write([2]string{}, counted("SyncsFailed", failed))
}
