package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/enqueue"
	"rollcall/mapping"
)

// pages is a table, all of it in the first segment. The key after the n-th page is n+1.
type pages [][][]byte

func (p pages) ScanPage(_ context.Context, segment, _ int, after intent.Key) (items [][]byte, last intent.Key, err error) {
	n := 0
	if after != "" {
		if n, err = strconv.Atoi(string(after)); err != nil {
			return nil, "", err
		}
	}
	if segment > 0 || n >= len(p) {
		return nil, "", nil
	}
	return p[n], intent.Key(strconv.Itoa(n + 1)), nil
}

// queue keeps what it is sent, and after some bodies takes no more.
type queue struct {
	bodies []string
	calls  int
	most   int
}

var errFull = errors.New("queue takes no more")

func (q *queue) Send(_ context.Context, bodies []string, delay time.Duration) (failed []int, err error) {
	q.calls++
	if delay != 0 {
		return nil, errors.New("delayed")
	}
	for i, body := range bodies {
		if q.most > 0 && len(q.bodies) >= q.most {
			failed, err = append(failed, i), errFull
			continue
		}
		q.bodies = append(q.bodies, body)
	}
	return failed, err
}

func (q *queue) messages(t *testing.T) (intents []intent.Intent, rejects []intent.Reject) {
	t.Helper()
	for _, body := range q.bodies {
		m, err := intent.Decode(body)
		if err != nil || m.Trace == "" {
			t.Fatalf("message without a trace, or unreadable: %v", err)
		}
		intents, rejects = append(intents, m.Intents...), append(rejects, m.Rejects...)
	}
	return intents, rejects
}

func compiled(t *testing.T) *mapping.Mapping {
	t.Helper()
	cfg := config.Default()
	cfg.Mapping.Match = `kind == "person"`
	m, err := cfg.CompileMapping()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func person(id, active string) []byte {
	return fmt.Appendf(nil, `{"id":{"S":%q},"kind":{"S":"person"},"email":{"S":"x@example.com"},"active":%s}`, id, active)
}

func TestSyncEnqueuesWhoMatches(t *testing.T) {
	long := strings.Repeat("e", 600) // longer than an externalId may be
	table := pages{
		{person("ann", `{"BOOL":true}`), person("bob", `{"BOOL":false}`), []byte(`{"id":{"S":"invoice"},"kind":{"S":"invoice"}}`)},
		{},
		{person("cid", `{"S":"perhaps"}`), []byte(`{"kind":{"S":"person"}}`), person(long, `{"BOOL":true}`)},
	}
	for _, c := range []struct {
		activeOnly bool
		want       string
		report     Report
	}{
		{false, "ann bob cid", Report{Items: 6, Enqueued: 3, Others: 1, Rejects: 2, Messages: 1}},
		{true, "ann cid", Report{Items: 6, Enqueued: 2, Inactive: 1, Others: 1, Rejects: 2, Messages: 1}},
	} {
		var q queue
		report, err := Sync(t.Context(), table, compiled(t), &q, Options{Partition: "id", ActiveOnly: c.activeOnly})
		if err != nil || report != c.report {
			t.Errorf("report %+v, %v; want %+v", report, err, c.report)
		}
		intents, rejects := q.messages(t)
		var ids []string
		for _, in := range intents {
			ids = append(ids, in.ExternalID)
			if want := intent.Key(`{"id":{"S":"` + in.ExternalID + `"}}`); in.Kind != intent.Upsert || !slices.Equal(in.Keys, []intent.Key{want}) ||
				!in.Changed.IsZero() || in.Approved {
				t.Errorf("intent %+v", in)
			}
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("enqueued %q, want %q", got, c.want)
		}
		if len(rejects) != 2 || rejects[1].Key != intent.Key(`{"id":{"S":"`+long+`"}}`) || rejects[0].Reason == "" || rejects[0].Record != "sync" {
			t.Errorf("rejects %+v", rejects)
		}
	}
}

func TestSyncSendsFullMessages(t *testing.T) {
	const most = 4500
	var table pages
	for n := 0; n < most; n += 90 {
		var page [][]byte
		for i := range 90 {
			page = append(page, person(fmt.Sprintf("p%d", n+i), `{"BOOL":true}`))
		}
		table = append(table, page)
	}
	var q queue
	told := 0
	report, err := Sync(t.Context(), table, compiled(t), &q, Options{Partition: "id", Progress: func(items int) { told += items }})
	if err != nil || report.Enqueued != most || report.Messages != len(q.bodies) {
		t.Fatalf("%+v, %v", report, err)
	}
	if len(q.bodies) != 23 || q.calls != 3 {
		t.Errorf("%d messages in %d calls, want 23 in 3", len(q.bodies), q.calls)
	}
	if told != most {
		t.Errorf("progress of %d items", told)
	}
}

func TestSyncReportsWhatWasSentBeforeAFailure(t *testing.T) {
	var table pages
	for n := range 30 {
		var page [][]byte
		for i := range 100 {
			page = append(page, person(fmt.Sprintf("p%d-%d", n, i), `{"BOOL":true}`))
		}
		table = append(table, page)
	}
	q := queue{most: 12}
	report, err := Sync(t.Context(), table, compiled(t), &q, Options{Partition: "id"})
	if !errors.Is(err, errFull) || !strings.Contains(err.Error(), "send 3 of 5 messages") || report.Messages != 12 || report.Enqueued != enqueue.SendAt {
		t.Errorf("report %+v, %v", report, err)
	}
}

func TestSyncTakesKeysOfTwoAttributes(t *testing.T) {
	var q queue
	item := []byte(`{"id":{"S":"ann"},"area \"x\"":{"N":"7.0"},"kind":{"S":"person"},"active":{"BOOL":true}}`)
	if _, err := Sync(t.Context(), pages{{item}}, compiled(t), &q, Options{Partition: "id", Sort: `area "x"`}); err != nil {
		t.Fatal(err)
	}
	intents, _ := q.messages(t)
	if want := intent.Key(`{"area \"x\"":{"N":"7"},"id":{"S":"ann"}}`); len(intents) != 1 || intents[0].Keys[0] != want {
		t.Errorf("intents %+v", intents)
	}
}
