package replay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/embedded"
	"rollcall/internal/scan"
	recovery "rollcall/internal/sync"
	"rollcall/okta/oktasim"
	streamhandler "rollcall/stream-handler"
)

// Of the test below: how many people there are, how many changes a second must be written, how many are tried, and how
// many at once.
const (
	loadPeople    = 10_000
	loadPerSecond = 2000
	loadTried     = 2200
	loadBatch     = 50
)

// writer changes people at random: joiners, leavers, new titles, deleted and created again.
type writer struct {
	*house
	chance *rand.Rand
	// wrote counts the changes; lost is the time for which nothing was written that was due, but for the second that may
	// be caught up, and behind is how much of that is to catch up.
	wrote, lost, behind atomic.Int64
}

// write writes a batch of changes.
func (w *writer) write(ctx context.Context) {
	title := fmt.Sprint("title ", w.wrote.Load())
	changes := make([][]byte, 0, loadBatch)
	for range loadBatch - 1 {
		id := fmt.Sprintf("p%d", w.chance.IntN(loadPeople+loadPeople/10))
		changes = append(changes, item(id, title, w.chance.IntN(10) > 0))
	}
	if err := w.table.PutMany(ctx, changes); err != nil {
		w.Error(err)
	}
	if _, err := w.table.DeleteItem(ctx, key(fmt.Sprintf("p%d", w.chance.IntN(loadPeople)))); err != nil {
		w.Error(err)
	}
	w.wrote.Add(loadBatch)
}

// until writes loadTried changes a second, or as many as it can, till over is over.
func (w *writer) until(ctx, over context.Context) {
	for next := time.Now(); over.Err() == nil; {
		w.write(ctx)
		next = next.Add(time.Second * loadBatch / loadTried)
		time.Sleep(time.Until(next))
		if late := time.Since(next) - time.Second; late > 0 {
			w.lost.Add(int64(late))
			next = next.Add(late)
		}
		w.behind.Store(int64(time.Since(next)))
	}
}

// TestSyncWhileTheTableChanges syncs a table of 10,000 items while 2,000 changes a second are written, and Okta ends equal
// to the table. Of the 10,000 themselves no record is delivered: only the sync tells of them. On a machine that cannot
// write so many beside the sync, as with the race detector, as many are written as it can, and the test says so.
func TestSyncWhileTheTableChanges(t *testing.T) {
	h := newHouse(t, batcher.GuardLimits{Min: 1_000_000})
	all := make([][]byte, loadPeople)
	for n := range all {
		all[n] = item(fmt.Sprintf("p%d", n), "first", true)
	}
	h.put(all...)
	h.records()

	ctx, stop := context.WithCancel(t.Context())
	var parts sync.WaitGroup
	parts.Go(func() {
		if err := h.table.Dispatch(ctx, embedded.Mapping{}, (&streamhandler.Handler{Mapping: h.mapping, Queue: h.queue}).Handle); err != nil {
			t.Error(err)
		}
	})
	parts.Go(func() {
		if err := h.flusher.PollUntil(context.WithoutCancel(ctx), ctx); err != nil {
			t.Error(err)
		}
	})
	w := &writer{house: h, chance: rand.New(rand.NewPCG(1, 2))}
	over, end := context.WithCancel(ctx)
	var writing sync.WaitGroup
	writing.Go(func() { w.until(ctx, over) })
	time.Sleep(500 * time.Millisecond) // it is under way

	began, wrote := time.Now(), w.wrote.Load()
	report, err := recovery.Sync(t.Context(), slowly{h.table}, h.mapping, h.queue, recovery.Options{Partition: "id"})
	h.must(err)
	took, late := time.Since(began), time.Duration(w.lost.Load()+w.behind.Load())
	wrote = w.wrote.Load() - wrote
	end()
	writing.Wait()
	rate := float64(wrote) / took.Seconds()
	t.Logf("synced %d items in %v, while %d changes were written: %.0f a second", report.Items, took.Round(time.Millisecond), wrote, rate)
	switch {
	case report.Items < loadPeople*9/10 || took < 2*time.Second || wrote < loadBatch*10:
		t.Error("too little was read or written for this to prove anything")
	case rate >= loadPerSecond:
	case late < 100*time.Millisecond:
		t.Errorf("want %d changes a second, and the machine could have written them", loadPerSecond)
	default:
		t.Logf("NOT at %d changes a second: this machine writes no more than %.0f beside the sync, and is %v late", loadPerSecond, rate, late.Round(time.Millisecond))
	}

	for pending := 1; pending > 0; time.Sleep(10 * time.Millisecond) {
		pending, err = h.table.Pending(t.Context())
		h.must(err)
	}
	stop()
	parts.Wait()
	h.drain()
	h.equal()
}

// slowly is a table that is read 500 items at a time, with a pause after each, as a read rate does it.
type slowly struct{ table *embedded.Table }

func (s slowly) ScanPage(ctx context.Context, segment, _ int, after intent.Key) (items [][]byte, last intent.Key, err error) {
	if segment > 0 {
		return nil, "", nil
	}
	time.Sleep(150 * time.Millisecond)
	return s.table.ScanItems(ctx, after, 500)
}

// equal fails where the org is not as the table is.
func (h *house) equal() {
	h.Helper()
	titles := map[string]string{} // of the active
	view := h.mapping.NewView()
	h.must(scan.Table(h.Context(), h.table, 1, nil, func(page scan.Page) error {
		for _, text := range page.Items {
			if err := view.Load(text); err != nil {
				return err
			}
			p, err := view.Person()
			if err != nil {
				return err
			}
			if p.Active {
				var profile struct{ Title string }
				if err := json.Unmarshal(p.Profile, &profile); err != nil {
					return err
				}
				titles[p.ExternalID] = profile.Title
			}
		}
		return nil
	}))
	wrong := 0
	for _, u := range h.org.Users() {
		title, active := titles[u.ExternalID]
		delete(titles, u.ExternalID)
		if active != (u.Status == oktasim.Active) || active && u.Profile["title"] != title {
			wrong++
		}
	}
	if wrong > 0 || len(titles) > 0 {
		h.Errorf("%d people are otherwise in the org than in the table, %d are not there", wrong, len(titles))
	}
}
