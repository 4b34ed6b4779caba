package scan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"rollcall/intent"
	"rollcall/internal/scan"
)

// table is one of so many items, of which every n-th is in the n-th segment, three a page.
type table struct {
	items int
	// fail is the segment that cannot be read.
	fail int

	mu    sync.Mutex
	pages int
}

var errAway = errors.New("table is away")

func (t *table) ScanPage(_ context.Context, segment, segments int, after intent.Key) (items [][]byte, last intent.Key, err error) {
	t.mu.Lock()
	t.pages++
	t.mu.Unlock()
	if segment == t.fail {
		return nil, "", errAway
	}
	n := segment
	if after != "" {
		if n, err = strconv.Atoi(string(after)); err != nil {
			return nil, "", err
		}
	}
	for ; n < t.items; n += segments {
		if len(items) == 3 {
			return items, intent.Key(strconv.Itoa(n)), nil
		}
		items = append(items, fmt.Append(nil, n))
	}
	return items, "", nil
}

func read(t *testing.T, from *table, segments int, start scan.Start) []string {
	t.Helper()
	var got []string
	err := scan.Table(t.Context(), from, segments, start, func(p scan.Page) error {
		for _, item := range p.Items {
			got = append(got, string(item))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	return got
}

func TestEveryItemComesOnce(t *testing.T) {
	var want []string
	for n := range 100 {
		want = append(want, strconv.Itoa(n))
	}
	slices.Sort(want)
	for _, segments := range []int{1, 2, 7, 200} {
		if got := read(t, &table{items: 100, fail: -1}, segments, nil); !slices.Equal(got, want) {
			t.Errorf("%d segments: got %v", segments, got)
		}
	}
}

func TestSegmentsAreGoneOnWith(t *testing.T) {
	got := read(t, &table{items: 20, fail: -1}, 2, func(segment int) (intent.Key, bool) {
		return "14", segment == 1
	})
	if want := []string{"14", "16", "18"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTheFirstErrorEndsIt(t *testing.T) {
	take := func(scan.Page) error { return nil }
	if err := scan.Table(t.Context(), &table{items: 100, fail: 2}, 4, nil, take); !errors.Is(err, errAway) {
		t.Errorf("of the table: %v", err)
	}
	stop, pages := errors.New("enough"), 0
	from := &table{items: 10_000, fail: -1}
	err := scan.Table(t.Context(), from, 4, nil, func(scan.Page) error { pages++; return stop })
	if !errors.Is(err, stop) || pages != 1 || from.pages > 8 {
		t.Errorf("of take: %v after %d pages, %d read", err, pages, from.pages)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := scan.Table(ctx, &table{items: 10, fail: -1}, 1, nil, take); !errors.Is(err, context.Canceled) {
		t.Errorf("of the context: %v", err)
	}
}
