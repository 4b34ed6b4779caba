package emf

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/okta"
	streamhandler "rollcall/stream-handler"
)

var at = time.Unix(1_760_000_000, 0)

// line is a line as CloudWatch reads it.
type line struct {
	AWS struct {
		Timestamp         int64
		CloudWatchMetrics []struct {
			Namespace  string
			Dimensions [][]string
			Metrics    []struct{ Name, Unit string }
		}
	} `json:"_aws"`
	members map[string]any
}

// read reads lines and checks what holds for each: every dimension and metric that is announced is a member.
func read(t *testing.T, out *bytes.Buffer) (lines []line) {
	t.Helper()
	for text := range strings.Lines(out.String()) {
		var l line
		if err := json.Unmarshal([]byte(text), &l); err != nil {
			t.Fatalf("line is not JSON: %v\n%s", err, text)
		}
		if err := json.Unmarshal([]byte(text), &l.members); err != nil {
			t.Fatal(err)
		}
		if l.AWS.Timestamp == 0 || len(l.AWS.CloudWatchMetrics) != 1 || l.AWS.CloudWatchMetrics[0].Namespace != "Rollcall" {
			t.Fatalf("line is not in the embedded metric format: %s", text)
		}
		if l.AWS.CloudWatchMetrics[0].Dimensions[0][0] != "IdentitySource" {
			t.Errorf("the line is not by identity source: %s", text)
		}
		for _, dimension := range l.AWS.CloudWatchMetrics[0].Dimensions[0] {
			if value, ok := l.members[dimension].(string); !ok || value == "" {
				t.Errorf("dimension %s has no value: %s", dimension, text)
			}
		}
		for _, m := range l.AWS.CloudWatchMetrics[0].Metrics {
			if _, ok := l.members[m.Name]; !ok || m.Unit != "Count" && m.Unit != "Seconds" {
				t.Errorf("metric %s has no value, or no unit: %s", m.Name, text)
			}
		}
		lines = append(lines, l)
	}
	out.Reset()
	return lines
}

func TestHandled(t *testing.T) {
	var out bytes.Buffer
	New(&out, "arn:aws:dynamodb:eu-west-1:123456789012:table/people", "0oa1").Handled(streamhandler.Report{
		Records: 9, Upserts: 4, Deactivations: 3, Ignored: 2, Rejects: 1, TTLDeletes: 1, Messages: 2, Failed: 1, UrgentMessages: 1, UrgentFailed: 1,
	})
	lines := read(t, &out)
	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	for name, want := range map[string]any{
		"IdentitySource": "0oa1", "Table": "people", "Records": 9.0, "IntentsUpsert": 4.0, "IntentsDeactivate": 3.0, "Ignored": 2.0, "Rejects": 1.0,
		"TTLDeletes": 1.0, "Messages": 3.0, "MessagesFailed": 2.0,
	} {
		if got := lines[0].members[name]; got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
}

func TestFlushed(t *testing.T) {
	var out bytes.Buffer
	w := New(&out, "people", "0oa1")
	w.Called(okta.Call{Class: okta.OK, Remaining: 7})
	w.Called(okta.Call{Class: okta.OK, Remaining: 5})
	w.Called(okta.Call{Class: okta.Throttled, Remaining: -1})
	w.Flushed(batcher.Report{
		Outcome: batcher.Triggered, Messages: 3, Oldest: 12.5, Upserted: 10, Deactivated: 2, Nothings: 1, Rejected: 1, RecordRejects: 2,
		Held: 4, Returned: 5, Loads: 2, WatchAge: 4000, RejectsOpen: 6, HeldOpen: 4,
		ChangeToTrigger: batcher.Seconds{Median: 2, Slowest: 9, Count: 10},
		Ended: []batcher.SessionOutcome{
			{Status: "COMPLETED", Median: 3, Slowest: 8}, {Status: "ERROR", Median: 1, Slowest: 1}, {Status: "COMPLETED"},
		},
	})
	lines := read(t, &out)
	if len(lines) != 3 {
		t.Fatalf("%d lines, want one of the flush and one for each class of calls", len(lines))
	}
	for name, want := range map[string]float64{
		"Messages": 3, "QueueAge": 12.5, "Upserted": 10, "Deactivated": 2, "Nothings": 1, "Rejects": 3, "Held": 4, "Returned": 5,
		"Loads": 2, "WatchAge": 4000, "RateLimitRemaining": 5, "LeaseWaits": 0, "FlushesFailed": 0, "RejectsOpen": 6, "HeldOpen": 4,
	} {
		if got := lines[0].members[name]; got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	for name, want := range map[string][]any{"ChangeToTrigger": {2.0, 9.0}, "ChangeToCompleted": {3.0, 8.0}} {
		if got, ok := lines[0].members[name].([]any); !ok || !slices.Equal(got, want) {
			t.Errorf("%s = %v, want %v", name, lines[0].members[name], want)
		}
	}
	if lines[1].members["Class"] != "ok" || lines[1].members["OktaCalls"] != 2.0 ||
		lines[2].members["Class"] != "throttled" || lines[2].members["OktaCalls"] != 1.0 {
		t.Errorf("calls: %v, %v", lines[1].members, lines[2].members)
	}
}

func TestFlushesThatSayNothing(t *testing.T) {
	var out bytes.Buffer
	w := New(&out, "people", "0oa1")
	w.Flushed(batcher.Report{Outcome: batcher.Waiting, RejectsOpen: -1, HeldOpen: -1})
	w.Flushed(batcher.Report{Outcome: batcher.Paused, RejectsOpen: -1, HeldOpen: -1})
	if out.Len() > 0 {
		t.Errorf("a flush that had no cause to do anything wrote %s", out.String())
	}
	w.Flushed(batcher.Report{Outcome: batcher.Leased, LeaseWaits: 1, RejectsOpen: -1, HeldOpen: -1})
	if lines := read(t, &out); len(lines) != 1 || lines[0].members["LeaseWaits"] != 1.0 {
		t.Errorf("lease: %v", lines)
	}
	w.Called(okta.Call{Class: okta.Unavailable, Remaining: -1})
	w.Flushed(batcher.Report{Outcome: batcher.Failed, RejectsOpen: -1, HeldOpen: -1})
	if lines := read(t, &out); len(lines) != 2 || lines[0].members["FlushesFailed"] != 1.0 || lines[0].members["RejectsOpen"] != nil {
		t.Errorf("failure: %v", lines)
	}
	w.Flushed(batcher.Report{Outcome: batcher.Idle, RejectsOpen: -1, HeldOpen: -1})
	if lines := read(t, &out); len(lines) != 1 || lines[0].members["OktaCalls"] != nil {
		t.Errorf("calls are told twice: %v", lines)
	}
}

func TestOpen(t *testing.T) {
	var out bytes.Buffer
	New(&out, "people", "0oa1").Open(3, 0)
	if lines := read(t, &out); len(lines) != 1 || lines[0].members["RejectsOpen"] != 3.0 || lines[0].members["HeldOpen"] != 0.0 {
		t.Errorf("open: %v", lines)
	}
}

func TestSynced(t *testing.T) {
	var out bytes.Buffer
	w := New(&out, "people", "0oa1")
	w.Synced(nil)
	w.Synced(errors.New("scan table: throttled"))
	lines := read(t, &out)
	if len(lines) != 2 || lines[0].members["SyncsFailed"] != 0.0 || lines[1].members["SyncsFailed"] != 1.0 {
		t.Errorf("syncs: %v", lines)
	}
}

func TestManyValuesAreCut(t *testing.T) {
	values := make([]float64, 150)
	w := New(nil, "people", "0oa1")
	written := w.appendLine(nil, at, [2]string{}, []metric{{"Age", seconds, values}})
	var members map[string]any
	if err := json.Unmarshal(written, &members); err != nil || len(members["Age"].([]any)) != maxValues {
		t.Errorf("%v: %d values", err, len(members["Age"].([]any)))
	}
	if line := w.appendLine(nil, at, [2]string{}, []metric{{"Age", seconds, nil}}); len(line) > 0 {
		t.Errorf("a line without values: %s", line)
	}
}
