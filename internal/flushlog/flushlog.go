// Package flushlog writes the log line of a flush, the same wherever a flusher runs.
package flushlog

import (
	"fmt"

	"github.com/sirupsen/logrus"

	"rollcall/batcher"
)

// Log writes one line of what a flush did: a warning where the guard held people, at info where it did anything else,
// at debug where it had nothing to do. Counts of nothing are left out. A flush that failed says why in a line of its own.
func Log(log *logrus.Entry, r batcher.Report) {
	level := levelOf(r)
	if !log.Logger.IsLevelEnabled(level) {
		return
	}
	fields := logrus.Fields{"outcome": r.Outcome, "seconds": r.Seconds}
	for name, n := range map[string]int{
		"messages": r.Messages, "intents": r.Intents, "people": r.People, "upserted": r.Upserted, "deactivated": r.Deactivated,
		"nothings": r.Nothings, "rejected": r.Rejected, "recordRejects": r.RecordRejects, "importFailures": r.ImportFailures,
		"held": r.Held, "returned": r.Returned, "shadowed": r.Shadowed, "loads": r.Loads, "watched": r.Watched,
	} {
		if n != 0 {
			fields[name] = n
		}
	}
	if r.Session != "" {
		fields["session"] = r.Session
	}
	if len(r.Trace) > 0 {
		fields["traces"] = r.Trace
	}
	if r.HoldReason != "" {
		fields["holdReason"] = r.HoldReason
	}
	if r.ChangeToTrigger.Count > 0 {
		fields["changeToTrigger"] = r.ChangeToTrigger.Slowest
	}
	if len(r.Ended) > 0 {
		fields["ended"] = endedOf(r.Ended)
	}
	if r.WatchAge > 0 {
		fields["watchAge"] = r.WatchAge
	}
	log.WithFields(fields).Log(level, "flush")
}

func levelOf(r batcher.Report) logrus.Level {
	switch {
	case r.HoldReason != "":
		return logrus.WarnLevel
	case r.Outcome == batcher.Idle, r.Outcome == batcher.Waiting, r.Outcome == batcher.Paused, r.Outcome == batcher.Leased:
		return logrus.DebugLevel
	}
	return logrus.InfoLevel
}

// ended is a session that a flush found ended, for people as for programs.
type ended struct{ batcher.SessionOutcome }

func (e ended) String() string {
	return fmt.Sprintf("%s %s people=%d median=%.1fs slowest=%.1fs", e.Session, e.Status, e.People, e.Median, e.Slowest)
}

func endedOf(outcomes []batcher.SessionOutcome) []ended {
	all := make([]ended, len(outcomes))
	for i, o := range outcomes {
		all[i] = ended{o}
	}
	return all
}
