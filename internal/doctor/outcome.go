package doctor

import (
	"context"
	"iter"
	"time"

	"rollcall/okta"
)

// SystemLog is what is asked of Okta's System Log.
type SystemLog interface {
	ImportFailures(ctx context.Context, since, until time.Time) iter.Seq2[okta.LogEntry, error]
}

var _ SystemLog = (*okta.Client)(nil)

// unseen is what comes of a System Log that cannot be read.
const unseen = "; without it nobody learns whom an import did not apply"

// outcomes checks that the flusher can learn what became of each person of an import.
func (e *examination) outcomes(ctx context.Context) Finding {
	ahead, _ := e.Org.Skew()
	now := time.Now().Add(ahead)
	failures := 0
	for _, err := range e.Log.ImportFailures(ctx, now.Add(-24*time.Hour), now) {
		if err != nil {
			found := e.refused(err, okta.ScopeLogsRead)
			if found.Result == Unchecked {
				found.Detail += unseen
			}
			return found
		}
		failures++
	}
	return ok("it can be read; imports of the last 24 h did not apply %s", counted(failures, "person", "people"))
}
