package main

import (
	"testing"

	"rollcall/batcher"
)

// TestWhoWaitsIsListedOnlyWhereNoFlushKnew has the flushes of a minute, and how many of the lists of rejects and of held
// people are read after them.
func TestWhoWaitsIsListedOnlyWhereNoFlushKnew(t *testing.T) {
	idle := batcher.Report{Outcome: batcher.Idle, RejectsOpen: -1, HeldOpen: -1}
	told := batcher.Report{Outcome: batcher.Triggered, RejectsOpen: 0, HeldOpen: 0}
	looked := func(status string, importFailures int) batcher.Report {
		return batcher.Report{
			Outcome: batcher.Looked, RejectsOpen: -1, HeldOpen: -1, ImportFailures: importFailures,
			Ended: []batcher.SessionOutcome{{Status: status}},
		}
	}
	for name, c := range map[string]struct {
		flushes []batcher.Report
		lists   int
	}{
		"none":                          {nil, 2},
		"nothing to do":                 {[]batcher.Report{idle, idle}, 2},
		"told":                          {[]batcher.Report{told}, 0},
		"told, and over":                {[]batcher.Report{told, looked("COMPLETED", 0), idle}, 0},
		"told, and people not applied":  {[]batcher.Report{told, looked("COMPLETED", 1)}, 1},
		"told, and a session that fell": {[]batcher.Report{told, looked("ERROR", 0)}, 1},
		"rejected after it was counted": {[]batcher.Report{{Outcome: batcher.Triggered, Rejected: 1}}, 1},
		"a bad record alone":            {[]batcher.Report{told, {Outcome: batcher.Idle, RecordRejects: 1, RejectsOpen: -1, HeldOpen: -1}}, 1},
		"guard not reached":             {[]batcher.Report{{Outcome: batcher.Busy, RejectsOpen: 0, HeldOpen: -1}}, 1},
		"told, then failed":             {[]batcher.Report{told, {Outcome: batcher.Failed, RejectsOpen: 0, HeldOpen: -1}}, 2},
		"told, then interrupted":        {[]batcher.Report{told, {Outcome: batcher.Interrupted, RejectsOpen: -1, HeldOpen: -1}}, 2},
		"told, then the urgent lane":    {[]batcher.Report{told, {Outcome: batcher.Urgent, RejectsOpen: -1, HeldOpen: -1}}, 2},
	} {
		h, aws, _ := newTestHandler(t)
		h.rejects.Store(-1)
		h.held.Store(-1)
		for _, r := range c.flushes {
			h.remember(r)
		}
		if err := h.tellOpen(t.Context()); err != nil || aws.calls["Query"] != c.lists {
			t.Errorf("%s: %v, %d lists read, want %d", name, err, aws.calls["Query"], c.lists)
		}
	}
}
