package main

import (
	"github.com/sirupsen/logrus"

	"rollcall/batcher"
)

// logFlush writes the one line of a flush: at info if it did anything, else at debug.
func logFlush(log *logrus.Entry, r batcher.Report) {
	level := logrus.InfoLevel
	switch r.Outcome {
	case batcher.Idle, batcher.Waiting, batcher.Paused, batcher.Leased:
		level = logrus.DebugLevel
	}
	if !log.Logger.IsLevelEnabled(level) {
		return
	}
	fields := logrus.Fields{"outcome": r.Outcome, "seconds": r.Seconds}
	for name, n := range map[string]int{
		"messages": r.Messages, "intents": r.Intents, "people": r.People, "upserted": r.Upserted, "deactivated": r.Deactivated,
		"nothings": r.Nothings, "rejected": r.Rejected, "recordRejects": r.RecordRejects, "held": r.Held,
		"returned": r.Returned, "shadowed": r.Shadowed, "loads": r.Loads, "watched": r.Watched,
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
		fields["ended"] = r.Ended
	}
	if r.WatchAge > 0 {
		fields["watchAge"] = r.WatchAge
	}
	log.WithFields(fields).Log(level, "flush")
}
