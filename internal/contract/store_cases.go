package contract

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/batcher"
)

// A store may round an entry's end up to the second.
func (c storeCase) expiry() {
	end := time.Now().Add(2 * time.Second)
	c.put(
		batcher.Entry{Kind: "deactivated", ID: "soon", Value: []byte(`{}`), Expires: end},
		batcher.Entry{Kind: "deactivated", ID: "over", Value: []byte(`{}`), Expires: time.Now().Add(-2 * time.Second)},
		batcher.Entry{Kind: "deactivated", ID: "never", Value: []byte(`{}`)},
	)
	if got := c.get("deactivated", "never").Expires; !got.IsZero() {
		c.Errorf("one that never expires does so at %v", got)
	}
	if got := c.get("deactivated", "soon").Expires; got.Before(end.Truncate(time.Millisecond)) || got.Sub(end) >= time.Second {
		c.Errorf("expires at %v, want %v or within the second after", got, end)
	}
	if got := c.get("deactivated", "over"); got.Version != 0 || got.Value != nil {
		c.Errorf("an expired entry was returned: %+v", got)
	}
	if diff := cmp.Diff([]string{"never", "soon"}, c.ids("deactivated")); diff != "" {
		c.Errorf("list (-want +got):\n%s", diff)
	}
	time.Sleep(time.Until(end) + 1100*time.Millisecond)
	if got := c.get("deactivated", "soon"); got.Version != 0 {
		c.Errorf("an expired entry was returned: %+v", got)
	}
	// For Swap, too, an expired entry is not there.
	if err := c.store.Swap(c.Context(), batcher.Entry{Kind: "deactivated", ID: "soon", Value: []byte(`{}`), Version: 1}); !errors.Is(err, batcher.ErrConflict) {
		c.Errorf("swap over an expired entry's version: %v, want a conflict", err)
	}
	if err := c.store.Swap(c.Context(), batcher.Entry{Kind: "deactivated", ID: "soon", Value: []byte(`{"n":1}`)}); err != nil {
		c.Errorf("swap over an expired entry as if there were none: %v", err)
	}
	c.want(c.get("deactivated", "soon"), `{"n":1}`, 1)
	// A write without an end makes an entry that had one stay.
	c.put(batcher.Entry{Kind: "deactivated", ID: "end", Value: []byte(`{}`), Expires: time.Now().Add(time.Hour)})
	c.put(batcher.Entry{Kind: "deactivated", ID: "end", Value: []byte(`{}`)})
	if got := c.get("deactivated", "end").Expires; !got.IsZero() {
		c.Errorf("expires at %v, want never", got)
	}
}

func (c storeCase) large() {
	value := `{"x":"` + strings.Repeat("é", (batcher.MaxValueBytes-8)/2) + `"}`
	c.put(batcher.Entry{Kind: "watch", ID: "large", Value: []byte(value)})
	c.want(c.get("watch", "large"), value, 1)
	if err := c.store.Swap(c.Context(), batcher.Entry{Kind: "watch", ID: "large", Value: []byte(value), Version: 1}); err != nil {
		c.Errorf("swap of a large value: %v", err)
	}
	over := []byte(`{"x":"` + strings.Repeat("x", batcher.MaxValueBytes-7) + `"}`)
	if err := c.store.Put(c.Context(), []batcher.Entry{{Kind: "watch", ID: "over", Value: over}}); err == nil {
		c.Errorf("put of %d bytes was accepted, more than MaxValueBytes", len(over))
	}
	if err := c.store.Swap(c.Context(), batcher.Entry{Kind: "watch", ID: "over", Value: over}); err == nil || errors.Is(err, batcher.ErrConflict) {
		c.Errorf("swap of %d bytes, more than MaxValueBytes: %v", len(over), err)
	}
}

func (c storeCase) values() {
	for id, value := range map[string]string{
		"spaces": `{ "a" : 1.50 , "b":"x" }`, "unicode": `{"n":"שלום 日本 😀 \u00e9 \ud83d\ude00"}`, "escapes": `{"q":"\"\\\n\u0000"}`, "empty": `{}`,
		`odd id "'%_\/`: `{"id":true}`, "long " + strings.Repeat("i", 900): `{}`, strings.Repeat("é", 1000): `{}`, strings.Repeat("é", 999) + "è": `{}`,
	} {
		c.put(batcher.Entry{Kind: "odd kind/é", ID: id, Value: []byte(value)})
		c.want(c.get("odd kind/é", id), value, 1)
	}
}

func (c storeCase) remove() {
	entry := func(id string, version int64) batcher.Entry {
		return batcher.Entry{Kind: "held", ID: id, Value: []byte(`{}`), Version: version}
	}
	c.put(entry("a", 0), entry("b", 0), entry("c", 0))
	c.put(entry("a", 0))
	if err := c.store.Delete(c.Context(), []batcher.Entry{entry("a", 1), entry("b", 1), entry("c", 0), entry("none", 0), entry("none", 4)}); err != nil {
		c.Errorf("delete: %v", err)
	}
	if diff := cmp.Diff([]string{"a"}, c.ids("held")); diff != "" {
		c.Errorf("left (-want +got):\n%s", diff)
	}
	c.want(c.get("held", "a"), `{}`, 2)
	if err := c.store.Delete(c.Context(), nil); err != nil {
		c.Errorf("delete nothing: %v", err)
	}
	ctx, cancel := context.WithCancel(c.Context())
	cancel()
	if err := c.store.Delete(ctx, []batcher.Entry{entry("a", 2)}); err == nil {
		c.Errorf("delete under a cancelled context: no error")
	}
	if _, err := c.store.Get(ctx, "held", "a"); err == nil {
		c.Errorf("get under a cancelled context: no error, so an absent entry")
	}
}

func (c storeCase) nameless() {
	for _, e := range []batcher.Entry{{Kind: "held", Value: []byte(`{}`)}, {ID: "a", Value: []byte(`{}`)}} {
		if err := c.store.Put(c.Context(), []batcher.Entry{e}); err == nil {
			c.Errorf("put of %+v: no error", e)
		}
		if err := c.store.Swap(c.Context(), e); err == nil || errors.Is(err, batcher.ErrConflict) {
			c.Errorf("swap of %+v: %v", e, err)
		}
	}
}
