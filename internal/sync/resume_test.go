package sync

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"rollcall/intent"
	"rollcall/internal/checkpoint"
)

// segmented is a table of people p0… of which every n-th is in the n-th segment, a page of ten each.
type segmented struct {
	people int
	kind   string // of the items; person if empty
	mu     sync.Mutex
	// left is how many pages can still be read; negative is any number.
	left  int
	pages int
}

var errAway = errors.New("table is away")

func (s *segmented) ScanPage(_ context.Context, segment, segments int, after intent.Key) (items [][]byte, last intent.Key, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.left == 0 {
		return nil, "", errAway
	}
	s.left--
	s.pages++
	from := segment
	if after != "" {
		if from, err = strconv.Atoi(string(after)); err != nil {
			return nil, "", err
		}
	}
	for n := from; n < s.people; n += segments {
		if len(items) == 10 {
			return items, intent.Key(strconv.Itoa(n)), nil
		}
		item := person(fmt.Sprintf("p%d", n), `{"BOOL":true}`)
		if s.kind != "" {
			item = bytes.Replace(item, []byte("person"), []byte(s.kind), 1)
		}
		items = append(items, item)
	}
	return items, "", nil
}

// everyone fails unless the queue got each of n people; it returns how many came twice.
func everyone(t *testing.T, q *queue, n int) (twice int) {
	t.Helper()
	intents, _ := q.messages(t)
	seen := map[string]bool{}
	for _, in := range intents {
		if seen[in.ExternalID] {
			twice++
		}
		seen[in.ExternalID] = true
	}
	if len(seen) != n {
		t.Errorf("%d people were enqueued, want %d", len(seen), n)
	}
	return twice
}

func TestSyncReadsAllSegments(t *testing.T) {
	for _, segments := range []int{0, 1, 3, 7} {
		var q queue
		table := &segmented{people: 100, left: -1}
		report, err := Sync(t.Context(), table, compiled(t), &q, Options{Partition: "id", Segments: segments})
		if err != nil || report.Items != 100 {
			t.Errorf("%+v, %v", report, err)
		}
		if twice := everyone(t, &q, 100); twice != 0 {
			t.Errorf("%d segments: %d people came twice", segments, twice)
		}
	}
}

func TestSyncGoesOnWhereItWasInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sync.json")
	const most = 12_000
	var q queue
	table := &segmented{people: most, left: most / 10 * 2 / 3}
	run := func() (Report, error) {
		t.Helper()
		file, err := checkpoint.Open(path, "sync", false)
		if err != nil {
			t.Fatal(err)
		}
		return Sync(t.Context(), table, compiled(t), &q, Options{Partition: "id", Segments: 3, Checkpoint: file})
	}
	if _, err := run(); !errors.Is(err, errAway) {
		t.Fatalf("got %v", err)
	}
	sent, _ := q.messages(t)
	if len(sent) == 0 || len(sent) >= most {
		t.Fatalf("%d people were enqueued before the interruption", len(sent))
	}
	table.left, table.pages = -1, 0
	report, err := run()
	if err != nil || report.Items != most || report.Enqueued != most || report.Interruptions != 1 {
		t.Fatalf("%+v, %v; want the counts of both parts", report, err)
	}
	// What was read but not yet sent, and the page in hand of each segment, are read again.
	if twice := everyone(t, &q, most); twice > 30 {
		t.Errorf("%d people came twice", twice)
	}
	if want := (most-len(sent))/10 + 3; table.pages > want {
		t.Errorf("%d pages were read again, want at most %d", table.pages, want)
	}
	table.pages = 0
	if report, err := run(); err != nil || table.pages != most/10 || report.Interruptions != 0 {
		t.Errorf("after a sync that was done the next one read %d pages of %d, %v", table.pages, most/10, err)
	}
}

// Of a table in which hardly anything is a person nothing fills a message for long, and yet not all of it is read again.
func TestSyncRemembersHowFarItReadWhereNothingIsEnqueued(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sync.json")
	const most = 30_000
	table := &segmented{people: most, left: most / 10 * 2 / 3, kind: "invoice"}
	run := func() (Report, error) {
		file, err := checkpoint.Open(path, "sync", false)
		if err != nil {
			t.Fatal(err)
		}
		return Sync(t.Context(), table, compiled(t), &queue{}, Options{Partition: "id", Segments: 3, Checkpoint: file})
	}
	if _, err := run(); !errors.Is(err, errAway) {
		t.Fatalf("got %v", err)
	}
	table.left, table.pages = -1, 0
	if report, err := run(); err != nil || report.Items != most || report.Others != most || table.pages > most/10*2/3+3 {
		t.Errorf("%+v, %v; %d pages of %d were read again", report, err, table.pages, most/10)
	}
}

func TestSyncWithoutAQueueOnlyCounts(t *testing.T) {
	report, err := Sync(t.Context(), &segmented{people: 30, left: -1}, compiled(t), nil, Options{Partition: "id"})
	if err != nil || report.Enqueued != 30 || report.Messages != 0 {
		t.Errorf("%+v, %v", report, err)
	}
}

func TestSyncEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var q queue
	_, err := Sync(ctx, &segmented{people: 30, left: -1}, compiled(t), &q, Options{Partition: "id"})
	if intents, _ := q.messages(t); !errors.Is(err, context.Canceled) || len(intents) > 0 {
		t.Errorf("%d intents, %v", len(intents), err)
	}
}
