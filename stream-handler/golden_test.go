package streamhandler_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	streamhandler "rollcall/stream-handler"

	"rollcall/intent"
	"rollcall/mapping"
)

var update = flag.Bool("update", false, "write what the golden records become to testdata/records.golden")

// TestGoldenRecords handles each record of testdata/records and compares what it becomes with its line of
// testdata/records.golden: the message, without what differs each time, or ignored, and whether it is a TTL's.
func TestGoldenRecords(t *testing.T) {
	const golden = "testdata/records.golden"
	files, err := filepath.Glob("testdata/records/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no records: %v", err)
	}
	var got bytes.Buffer
	for _, file := range files {
		record, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		m := people(t)
		if strings.HasPrefix(name, "keyed-") {
			m = tutorial(t)
		}
		fmt.Fprintf(&got, "%s: %s\n", name, becomes(t, m, string(record)))
	}
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// becomes handles one record and says what became of it.
func becomes(t *testing.T, m *mapping.Mapping, record string) string {
	t.Helper()
	queue := &fakeQueue{}
	var report streamhandler.Report
	h := &streamhandler.Handler{Mapping: m, Queue: queue, Observe: func(r streamhandler.Report) { report = r }}
	before := time.Now().Truncate(time.Millisecond)
	response, err := h.Handle(t.Context(), payload(record))
	if err != nil || len(response.BatchItemFailures) > 0 {
		t.Fatalf("%s\n%v %v", record, response, err)
	}
	var ttl string
	if report.TTLDeletes > 0 {
		ttl = "by TTL, "
	}
	messages := queue.messages(t)
	if len(messages) == 0 {
		return ttl + "ignored"
	}
	message := messages[0]
	for i := range message.Rejects {
		if at := message.Rejects[i].At; at.Before(before) || at.After(time.Now()) {
			t.Errorf("rejected at %v, not now", at)
		}
		message.Rejects[i].At = time.Time{}
	}
	message.Trace = ""
	body, err := intent.Append(nil, message)
	if err != nil || len(messages) != 1 {
		t.Fatalf("%d messages, %v", len(messages), err)
	}
	return ttl + string(body)
}
