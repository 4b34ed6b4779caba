package replay

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/middleware"
	smithy "github.com/aws/smithy-go/middleware"
)

// Moment is a time that may be relative to now, by the clock of the service whose times it is compared with. Nil is none.
type Moment func(now time.Time) time.Time

// At is a time.
func At(t time.Time) Moment { return func(time.Time) time.Time { return t } }

// Ago is so long before now.
func Ago(d time.Duration) Moment { return func(now time.Time) time.Time { return now.Add(-d) } }

// serviceTime is when a service answered, by its own clock, to the second; by this machine's where it does not say.
func serviceTime(metadata smithy.Metadata) time.Time {
	if t, ok := middleware.GetServerTime(metadata); ok && !t.IsZero() {
		return t
	}
	return time.Now()
}

// fix makes a moment a time, and keeps to it: of a run that is gone on with it is the time of then. It is the zero time
// for no moment.
func (r *run) fix(name string, m Moment, now time.Time) (t time.Time, err error) {
	if text := r.Checkpoint.At(name); text != "" {
		if t, err = time.Parse(time.RFC3339Nano, text); err != nil {
			return time.Time{}, fmt.Errorf("read position: %w", err)
		}
	} else if m != nil {
		t = m(now)
	}
	r.sender.Mark(name, t.Format(time.RFC3339Nano))
	return t, nil
}
