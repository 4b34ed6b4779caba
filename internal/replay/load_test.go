package replay_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"rollcall/batcher"
	"rollcall/internal/embedded"
	"rollcall/internal/scan"
	"rollcall/okta/oktasim"
	streamhandler "rollcall/stream-handler"
)

// TestSyncWhileTheTableChanges syncs a table of 10,000 items while 2,000 changes a second are written: joiners, leavers,
// new titles, deleted and created again; where the machine is slower, as with the race detector, as fast as it can. Of the
// 10,000 themselves no record is delivered: only the sync tells of them.
func TestSyncWhileTheTableChanges(t *testing.T) {
	const people, perSecond, seconds, batch = 10_000, 2000, 4, 50
	h := newHouse(t, batcher.GuardLimits{Min: 1_000_000})
	all := make([][]byte, people)
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
	wrote := make(chan time.Duration, 1)
	go func() {
		began := time.Now()
		chance := rand.New(rand.NewPCG(1, 2))
		for n := range seconds * perSecond / batch {
			changes := make([][]byte, 0, batch)
			for range batch - 1 {
				id := fmt.Sprintf("p%d", chance.IntN(people+people/10))
				changes = append(changes, item(id, fmt.Sprint("title ", n), chance.IntN(10) > 0))
			}
			if err := h.table.PutMany(ctx, changes); err != nil {
				t.Error(err)
			}
			if _, err := h.table.DeleteItem(ctx, key(fmt.Sprintf("p%d", chance.IntN(people)))); err != nil {
				t.Error(err)
			}
			time.Sleep(time.Until(began.Add(time.Duration(n+1) * batch * time.Second / perSecond)))
		}
		wrote <- time.Since(began)
	}()
	time.Sleep(time.Second)
	report := h.sync()
	var took time.Duration
	select {
	case took = <-wrote:
		t.Error("the changes were over before the sync was")
	default:
		took = <-wrote
	}
	t.Logf("synced %d items; %d changes took %v", report.Items, seconds*perSecond, took)
	for pending := 1; pending > 0; time.Sleep(10 * time.Millisecond) {
		var err error
		pending, err = h.table.Pending(t.Context())
		h.must(err)
	}
	stop()
	parts.Wait()
	h.drain()
	h.equal()
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
