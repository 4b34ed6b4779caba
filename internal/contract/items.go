package contract

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/intent"
	"rollcall/internal/items"
)

// Items checks an implementation of items.Table. Open makes a new, empty table whose key is id (S).
func Items(t *testing.T, open func(*testing.T) items.Table) {
	t.Helper()
	run(t, "put, get and delete", false, func(t *testing.T) {
		table := open(t)
		put := func(item string) {
			if err := table.PutItem(t.Context(), []byte(item)); err != nil {
				t.Fatalf("put: %v", err)
			}
		}
		wantItem := func(want string) {
			t.Helper()
			if got, err := table.GetItem(t.Context(), idKey("a")); err != nil || string(got) != want {
				t.Errorf("get = %s, %v; want %s", got, err, want)
			}
		}
		wantItem("")
		put(`{"id":{"S":"a"},"n":{"N":"1"},"s":{"S":"josé 😀"}}`)
		wantItem(`{"id":{"S":"a"},"n":{"N":"1"},"s":{"S":"josé 😀"}}`)
		put(`{"id":{"S":"a"},"l":{"L":[{"NULL":true},{"M":{"x":{"BOOL":false}}}]}}`)
		wantItem(`{"id":{"S":"a"},"l":{"L":[{"NULL":true},{"M":{"x":{"BOOL":false}}}]}}`)
		for _, want := range []bool{true, false} {
			if found, err := table.DeleteItem(t.Context(), idKey("a")); err != nil || found != want {
				t.Errorf("delete = %v, %v; want %v", found, err, want)
			}
		}
		wantItem("")
		if err := table.PutItem(t.Context(), []byte(`{"name":{"S":"no key"}}`)); err == nil {
			t.Error("put of an item without the key: no error")
		}
	})
	run(t, "scan by pages", false, func(t *testing.T) {
		table := open(t)
		want := map[string]bool{}
		for n := range 25 {
			item := fmt.Sprintf(`{"id":{"S":"p%d"},"n":{"N":"%d"}}`, n, n)
			want[item] = true
			if err := table.PutItem(t.Context(), []byte(item)); err != nil {
				t.Fatalf("put: %v", err)
			}
		}
		got := map[string]bool{}
		after, pages := intent.Key(""), 0
		for {
			all, last, err := table.ScanItems(t.Context(), after, 10)
			if err != nil {
				t.Fatalf("scan: %v", err)
			}
			if len(all) > 10 {
				t.Fatalf("a page of %d items, want at most 10", len(all))
			}
			for _, item := range all {
				if got[string(item)] {
					t.Errorf("%s came twice", item)
				}
				got[string(item)] = true
			}
			if pages++; last == "" || pages > 25 {
				break
			}
			after = last
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("scanned (-want +got):\n%s", diff)
		}
	})
}
