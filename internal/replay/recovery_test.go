package replay_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"rollcall/batcher"
	"rollcall/internal/config"
	"rollcall/internal/replay"
	"rollcall/internal/sync"
	"rollcall/okta/oktasim"
)

func TestAReplayedRemoveDoesNotTakeOutWhoIsBack(t *testing.T) {
	h := newHouse(t, batcher.GuardLimits{Min: 100})
	h.put(item("jane", "first", true))
	h.deliver()
	h.drain()
	h.remove("jane")
	old := h.records() // lost on their way
	h.put(item("jane", "second", true))
	h.deliver()
	h.drain()
	for range 2 {
		report, err := replay.File(t.Context(), "old", bytes.NewReader(bytes.Join(old, []byte("\n"))), h.options())
		if err != nil || report.Deactivations != 1 {
			t.Fatalf("%+v, %v", report, err)
		}
		h.drain()
		if user, _ := h.org.User("jane"); user.Status != oktasim.Active || user.Profile["title"] != "second" {
			t.Errorf("jane is %s, %v", user.Status, user.Profile)
		}
	}
	// Of one who is not back, the same record is what takes them out.
	h.remove("jane")
	h.records()
	if _, err := replay.File(t.Context(), "old", bytes.NewReader(bytes.Join(old, []byte("\n"))), h.options()); err != nil {
		t.Fatal(err)
	}
	h.drain()
	if got := h.status("jane"); got != oktasim.Deprovisioned {
		t.Errorf("jane is %s", got)
	}
}

// Of somebody whose item is missing, only a record that they left takes them out: that they were inactive once is none.
func TestReplayTakesOutNobodyMissingUnlessARecordSaidThatTheyLeft(t *testing.T) {
	line := func(format string, args ...any) string {
		return strings.ReplaceAll(fmt.Sprintf(format, args...), "\n", "")
	}
	active, inactive := string(item("jane", "", true)), string(item("jane", "", false))
	const meta, keys = `"Metadata":{"WriteTimestampMicros":"1690000000000000"}`, `"Keys":{"id":{"S":"jane"}}`
	stays := map[string]string{
		"full export":               line(`{"Item":%s}`, active),
		"full export, inactive":     line(`{"Item":%s}`, inactive),
		"incremental put, inactive": line(`{%s,%s,"NewImage":%s}`, meta, keys, inactive),
		"incremental change":        line(`{%s,%s,"OldImage":%s,"NewImage":%s}`, meta, keys, active, inactive),
		"INSERT, inactive":          line(`{"eventName":"INSERT","dynamodb":{%s,"NewImage":%s,"SequenceNumber":"1"}}`, keys, inactive),
		"MODIFY to inactive":        line(`{"eventName":"MODIFY","dynamodb":{%s,"OldImage":%s,"NewImage":%s,"SequenceNumber":"1"}}`, keys, active, inactive),
	}
	leaves := map[string]string{
		"incremental delete": line(`{%s,%s,"OldImage":%s}`, meta, keys, inactive),
		"REMOVE":             line(`{"eventName":"REMOVE","dynamodb":{%s,"OldImage":%s,"SequenceNumber":"1"}}`, keys, active),
	}
	replayed := func(t *testing.T, h *house, text string) string {
		report, err := replay.File(t.Context(), "x", strings.NewReader(text), h.options())
		if err != nil || report.Records != 1 || len(report.Problems) > 0 {
			t.Fatalf("%+v, %v", report, err)
		}
		h.drain()
		return h.status("jane")
	}
	joined := func(t *testing.T) *house {
		h := newHouse(t, batcher.GuardLimits{Min: 100})
		h.put(item("jane", "", true))
		h.deliver()
		h.drain()
		return h
	}
	for name, text := range stays {
		t.Run(name, func(t *testing.T) {
			h := joined(t)
			h.remove("jane")
			h.records() // the table is spoiled: it has no records of this
			if got := replayed(t, h, text); got != oktasim.Active {
				t.Errorf("jane is %s, and nothing said that she left", got)
			}
			// Where the item is there and inactive, the table says so itself.
			h.put(item("jane", "", false))
			h.records()
			if got := replayed(t, h, text); got != oktasim.Deprovisioned {
				t.Errorf("jane is %s, and her item is inactive", got)
			}
		})
	}
	for name, text := range leaves {
		t.Run(name, func(t *testing.T) {
			h := joined(t)
			h.remove("jane")
			h.records()
			if got := replayed(t, h, text); got != oktasim.Deprovisioned {
				t.Errorf("jane is %s", got)
			}
		})
	}
}

// full makes a house whose table and org have the same people.
func full(t *testing.T, people int) *house {
	h := newHouse(t, batcher.GuardLimits{Min: 20, Percent: 5, People: int64(people)})
	var all [][]byte
	for n := range people {
		all = append(all, item(fmt.Sprintf("p%d", n), "", true))
	}
	h.put(all...)
	h.deliver()
	h.drain()
	if got := h.active(); got != people {
		t.Fatalf("%d people are active, want %d", got, people)
	}
	return h
}

// spoiled are tables that must not take anybody out, of a house of 300 people.
var spoiled = map[string]func(*house){
	"empty": func(h *house) {
		for n := range 300 {
			h.remove(fmt.Sprintf("p%d", n))
		}
	},
	"half restored": func(h *house) {
		for n := range 150 {
			h.remove(fmt.Sprintf("p%d", n))
		}
	},
	"wrong": func(h *house) {
		for n := range 300 {
			h.remove(fmt.Sprintf("p%d", n))
			h.put(fmt.Appendf(nil, `{"id":{"S":"order%d"},"active":{"S":"shipped"},"email":{"S":"x@example.com"}}`, n))
		}
	},
}

func TestSyncOfASpoiledTableDeactivatesNobody(t *testing.T) {
	for name, spoil := range spoiled {
		t.Run(name, func(t *testing.T) {
			h := full(t, 300)
			spoil(h)
			h.records() // the table is another one: it has no records of this
			h.sync()
			h.drain()
			if got := h.active(); got != 300 {
				t.Errorf("%d people are active after a sync, want 300", got)
			}
			// Nor with --deactivate-missing, unless somebody approves them.
			s, err := sync.Look(t.Context(), h.table, h.client, h.mapping, sync.Options{Partition: "id", Attributes: slices.Sorted(maps.Keys(config.Default().Mapping.Profile))}, nil)
			h.must(err)
			if want := 300 - s.Unchanged; s.Missing != want || s.Missing < 150 {
				t.Errorf("%d are missing, want %d", s.Missing, want)
			}
			_, err = s.Enqueue(t.Context(), h.queue, false)
			h.must(err)
			h.drain()
			held, err := h.control.Held(t.Context())
			h.must(err)
			if got := h.active(); got != 300 || len(held) != 0 {
				t.Errorf("%d people are active, %d held", got, len(held))
			}
		})
	}
}

func TestSyncDeactivatesWhomAnOperatorApproved(t *testing.T) {
	h := full(t, 300)
	spoiled["half restored"](h)
	h.records()
	s, err := sync.Look(t.Context(), h.table, h.client, h.mapping, sync.Options{Partition: "id", Attributes: slices.Sorted(maps.Keys(config.Default().Mapping.Profile))}, nil)
	h.must(err)
	_, err = s.Enqueue(t.Context(), h.queue, true)
	h.must(err)
	h.drain()
	held, err := h.control.Held(t.Context())
	h.must(err)
	if got := h.active(); got != 150 || len(held) != 0 {
		t.Errorf("%d people are active and %d held, want 150 and none", got, len(held))
	}
}

func TestSyncDeactivatesLeaversOfWhomNoRecordTold(t *testing.T) {
	h := full(t, 300)
	for n := range 60 {
		h.put(item(fmt.Sprintf("p%d", n), "", false))
	}
	h.records()
	h.sync()
	h.drain()
	if held, err := h.control.Held(t.Context()); err != nil || len(held) != 60 || h.active() != 300 {
		t.Errorf("unapproved: %d are active and %d held, want 300 and 60; %v", h.active(), len(held), err)
	}
	s, err := sync.Look(t.Context(), h.table, h.client, h.mapping, sync.Options{Partition: "id", Attributes: slices.Sorted(maps.Keys(config.Default().Mapping.Profile))}, nil)
	h.must(err)
	_, err = s.Enqueue(t.Context(), h.queue, true)
	h.must(err)
	h.drain()
	if s.Leavers != 60 || h.active() != 240 {
		t.Errorf("approved: of %d leavers, %d are active, want 60 and 240", s.Leavers, h.active())
	}
}
