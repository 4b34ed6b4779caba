package contract

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/items"
)

// TableOptions describe the table that a case wants.
type TableOptions struct {
	Schema items.Schema
	// ExternalIDIndex names the attribute (S) that a secondary index is on; none if empty.
	ExternalIDIndex string
}

// SeededTable is a table under test with the means to fill it.
type SeededTable struct {
	batcher.Table
	Put    func(ctx context.Context, item []byte) error
	Delete func(ctx context.Context, key intent.Key) error
}

// Table checks an implementation of batcher.Table. Open makes a new, empty table for each case.
func Table(t *testing.T, open func(*testing.T, TableOptions) SeededTable) {
	t.Helper()
	byID := TableOptions{Schema: items.Schema{Partition: items.Attribute{Name: "id", Type: "S"}}}
	byNumber := TableOptions{Schema: items.Schema{Partition: items.Attribute{Name: "id", Type: "N"}}}
	composite := TableOptions{Schema: items.Schema{
		Partition: items.Attribute{Name: "tenant", Type: "S"},
		Sort:      items.Attribute{Name: "badge", Type: "N"},
	}}
	indexed := composite
	indexed.ExternalIDIndex = "external.id" // a name that an expression cannot hold as it is
	for _, c := range []struct {
		name    string
		options TableOptions
		test    func(tableCase)
	}{
		{"every type of attribute comes back", byID, tableCase.types},
		{"keys of every text", byID, tableCase.texts},
		{"numbers as keys, however written", byNumber, tableCase.numbers},
		{"what is missing is in no answer", byID, tableCase.missing},
		{"keys may repeat", byID, tableCase.repeated},
		{"malformed keys fail alone", byID, tableCase.malformed},
		{"malformed composite keys fail alone", composite, tableCase.malformedComposite},
		{"a thousand keys", byID, tableCase.thousand},
		{"more than an answer holds", byID, tableCase.large},
		{"composite keys", composite, tableCase.composite},
		{"reads see the last write", byID, tableCase.consistent},
		{"find by partition key", byID, tableCase.findByKey},
		{"find by a number as partition key", byNumber, tableCase.findByNumber},
		{"find through the index", indexed, tableCase.findByIndex},
		{"a cancelled read is an error, not an absence", byID, tableCase.cancelled},
		{"count", byID, tableCase.count},
	} {
		run(t, c.name, false, func(t *testing.T) { c.test(tableCase{t, open(t, c.options), c.options}) })
	}
}

type tableCase struct {
	*testing.T
	table   SeededTable
	options TableOptions
}

func (c tableCase) put(all ...string) {
	c.Helper()
	for _, item := range all {
		if err := c.table.Put(c.Context(), []byte(item)); err != nil {
			c.Fatalf("put %.80s: %v", item, err)
		}
	}
}

// get reads keys and returns the items in their one form by key, and the bad keys.
func (c tableCase) get(keys ...intent.Key) (map[intent.Key]string, map[intent.Key]error) {
	c.Helper()
	found, bad, err := c.table.Get(c.Context(), keys)
	if err != nil {
		c.Fatalf("get %d keys: %v", len(keys), err)
	}
	got := map[intent.Key]string{}
	for key, item := range found {
		got[key] = c.oneForm(string(item))
	}
	return got, bad
}

func (c tableCase) oneForm(item string) string {
	c.Helper()
	parsed, err := items.Parse([]byte(item))
	if err != nil {
		c.Fatalf("%v: %.200s", err, item)
	}
	return string(parsed.JSON())
}

// wantItems checks that these keys, and no others of them, are answered with these items.
func (c tableCase) wantItems(keys []intent.Key, want map[intent.Key]string) {
	c.Helper()
	got, bad := c.get(keys...)
	for key, item := range want {
		want[key] = c.oneForm(item)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("items (-want +got):\n%.2000s", diff)
	}
	if len(bad) > 0 {
		c.Errorf("bad keys: %v", bad)
	}
}

// wantFound checks what Find returns, giving an index time to catch up.
func (c tableCase) wantFound(externalID string, want ...intent.Key) {
	c.Helper()
	var got []intent.Key
	for start := time.Now(); ; time.Sleep(100 * time.Millisecond) {
		var err error
		if got, err = c.table.Find(c.Context(), externalID); err != nil {
			c.Fatalf("find %.40q: %v", externalID, err)
		}
		if cmp.Equal(want, got) || time.Since(start) > patience {
			break
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("find %.40q (-want +got):\n%s", externalID, diff)
	}
}

// idKey is a key {"id":{"S":…}} of plain text.
func idKey(id string) intent.Key { return intent.Key(fmt.Sprintf(`{"id":{"S":"%s"}}`, id)) }
