package streamhandler_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	streamhandler "rollcall/stream-handler"

	"rollcall/intent"
)

// inserts are n INSERT records, numbered from 1.
func inserts(n int) (records []string) {
	for i := 1; i <= n; i++ {
		records = append(records, fmt.Sprintf(`{"eventID":"e%[1]d","eventName":"INSERT","dynamodb":{"SequenceNumber":"%[1]d",`+
			`"Keys":{"id":{"S":"p%[1]d"}},"NewImage":{"person_id":{"S":"p%[1]d"}},"StreamViewType":"NEW_AND_OLD_IMAGES"}}`, i))
	}
	return records
}

func removal(i int) string {
	return fmt.Sprintf(`{"eventID":"e%[1]d","eventName":"REMOVE","dynamodb":{"SequenceNumber":"%[1]d",`+
		`"Keys":{"id":{"S":"p%[1]d"}},"OldImage":{"person_id":{"S":"p%[1]d"}}}}`, i)
}

func TestHandleFillsMessages(t *testing.T) {
	queue := &fakeQueue{}
	var report streamhandler.Report
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue, Observe: func(r streamhandler.Report) { report = r }}
	if _, err := h.Handle(t.Context(), payload(inserts(1000)...)); err != nil {
		t.Fatal(err)
	}
	traces := map[string]bool{}
	for _, m := range queue.messages(t) {
		traces[m.Trace] = true
		if len(m.Intents) != intent.MaxIntents {
			t.Errorf("a message has %d intents", len(m.Intents))
		}
	}
	if want := (streamhandler.Report{Records: 1000, Upserts: 1000, Messages: 5}); report != want || len(traces) != 5 {
		t.Errorf("got %+v and %d traces, want %+v", report, len(traces), want)
	}
}

func TestHandleNamesTheRecordsOfFailedMessages(t *testing.T) {
	records := inserts(600)
	records[10] = `{"eventID":"bad","dynamodb":{"SequenceNumber":"11"}}`
	records[250] = `{"eventID":"bad","dynamodb":{"SequenceNumber":"251"}}`
	records[251] = `{"eventID":"x","eventName":"REMOVE","dynamodb":{"Keys":{"id":{"S":"x"}},"OldImage":{"kind":{"S":"machine"}}}}`
	queue := &fakeQueue{refuse: []int{1}}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	response, err := h.Handle(t.Context(), payload(records...))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, failure := range response.BatchItemFailures {
		got = append(got, failure.ItemIdentifier)
	}
	// The second message holds 200 intents from record 202 on, the record's reject and no machine.
	var want []string
	for i := 202; i <= 403; i++ {
		if i != 252 {
			want = append(want, fmt.Sprint(i))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHandleTakesASilentFailureForAll(t *testing.T) {
	h := &streamhandler.Handler{Mapping: people(t), Queue: &fakeQueue{silent: true}}
	response, err := h.Handle(t.Context(), payload(inserts(300)...))
	if err != nil || len(response.BatchItemFailures) != 300 {
		t.Errorf("got %d failures, %v", len(response.BatchItemFailures), err)
	}
}

func TestHandleFailsTheBatchForARecordWithoutNumber(t *testing.T) {
	nameless := strings.Replace(inserts(1)[0], `"SequenceNumber":"1",`, "", 1)
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	if response, err := h.Handle(t.Context(), payload(nameless)); err != nil || len(queue.bodies) != 1 {
		t.Errorf("got %v, %v and %d messages; its name is not needed", response, err, len(queue.bodies))
	}
	queue.silent = true
	if response, err := h.Handle(t.Context(), payload(nameless)); !errors.Is(err, errQueue) {
		t.Errorf("got %v, %v; want the queue's error", response, err)
	}
}

func TestHandleSendsDeactivationsToTheUrgentQueueToo(t *testing.T) {
	records := append(inserts(3), removal(4), removal(5))
	for _, refused := range []bool{false, true} {
		queue, urgent := &fakeQueue{}, &fakeQueue{silent: refused}
		var report streamhandler.Report
		h := &streamhandler.Handler{
			Mapping: people(t), Queue: queue, Urgent: urgent, Observe: func(r streamhandler.Report) { report = r },
		}
		response, err := h.Handle(t.Context(), payload(records...))
		if err != nil || len(response.BatchItemFailures) > 0 {
			t.Errorf("got %v, %v; want no failure whatever the urgent queue does", response, err)
		}
		want := streamhandler.Report{Records: 5, Upserts: 3, Deactivations: 2, Messages: 1, UrgentMessages: 1}
		if refused {
			want.UrgentFailed = 1
		}
		if report != want {
			t.Errorf("got %+v, want %+v", report, want)
		}
		if all, some := queue.messages(t), urgent.messages(t); len(all[0].Intents) != 5 || len(some[0].Intents) != 2 {
			t.Errorf("got %d intents and %d urgent ones, want 5 and 2", len(all[0].Intents), len(some[0].Intents))
		}
	}
}

func TestHandleRefusesAStreamWithoutWhatTheMappingNeeds(t *testing.T) {
	record, err := os.ReadFile("testdata/records/keyed-keys-only-insert.json")
	if err != nil {
		t.Fatal(err)
	}
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	_, err = h.Handle(t.Context(), payload(inserts(1)[0], string(record)))
	if err == nil || !strings.Contains(err.Error(), "KEYS_ONLY") || !strings.Contains(err.Error(), "NEW_AND_OLD_IMAGES") {
		t.Errorf("got %v, want an error that says what to change", err)
	}
	if len(queue.bodies) > 0 {
		t.Errorf("sent %q of a batch that fails", queue.bodies)
	}
}

func TestHandleRefusesWhatIsNoPayload(t *testing.T) {
	good := string(payload(inserts(2)...))
	for text, want := range map[string]string{
		"":                      "payload is not JSON from byte 0 on",
		"null":                  "payload is not a JSON object",
		`[]`:                    "payload is not a JSON object",
		`{}`:                    "payload has no array of Records",
		`{"Records":{}}`:        "payload has no array of Records",
		`{"Records":null}`:      "payload has no array of Records",
		good[:len(good)/2]:      "payload is not JSON from byte",
		good[:len(good)-1]:      "payload is not JSON from byte",
		good + "{}":             "payload is followed by something",
		`{"Records":[{]}`:       "payload is not JSON from byte 13 on",
		"<html>not this</html>": "payload is not JSON from byte 0 on",
	} {
		queue := &fakeQueue{}
		h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
		if _, err := h.Handle(t.Context(), []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: got %v, want %s", text, err, want)
		}
		if len(queue.bodies) > 0 {
			t.Errorf("%.40q: sent %q", text, queue.bodies)
		}
	}
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	if _, err := h.Handle(t.Context(), []byte(`{"more":[{}],"Records":[]}`)); err != nil || len(queue.bodies) > 0 {
		t.Errorf("no records: got %v and %q", err, queue.bodies)
	}
}

// A record that cannot be read is a reject, and the others of its batch are as if it were not there.
func TestHandleIsolatesBadRecords(t *testing.T) {
	files, err := filepath.Glob("testdata/records/[^k]*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	var records []string
	for _, file := range files {
		record, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		records = append(records, inserts(1)[0], string(record))
	}
	notUTF8 := strings.ReplaceAll(inserts(1)[0], "p1", "p\xff")
	halfPair := strings.ReplaceAll(inserts(1)[0], "p1", `p\ud800`)
	records = append(records, notUTF8, halfPair, strings.ReplaceAll(notUTF8, "e1", "e\xff"), inserts(1)[0])
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	if response, err := h.Handle(t.Context(), payload(records...)); err != nil || len(response.BatchItemFailures) > 0 {
		t.Fatalf("%v, %v", response, err)
	}
	good, rejects := 0, 0
	for _, m := range queue.messages(t) {
		for _, in := range m.Intents {
			if in.ExternalID == "p1" {
				good++
			}
		}
		rejects += len(m.Rejects)
	}
	if good != len(files)+1 || rejects < 20 {
		t.Errorf("got %d of %d good records and %d rejects", good, len(files)+1, rejects)
	}
}

func TestHandleTakesTheLargestItem(t *testing.T) {
	note := strings.Repeat(`x\"é`, 400<<10/5)
	record := strings.Replace(inserts(1)[0], `"NewImage":{`, `"NewImage":{"note":{"S":"`+note+`"},`, 1)
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	if _, err := h.Handle(t.Context(), payload(record)); err != nil || len(queue.bodies[0]) > 200 {
		t.Errorf("got %v and a message of %d bytes", err, len(queue.bodies[0]))
	}
}

func TestHandleRejectsWhatFitsNoMessage(t *testing.T) {
	record := strings.Replace(inserts(1)[0], `"Keys":{"id":{"S":"p1"}}`, `"Keys":{"id":{"S":"`+strings.Repeat("k", intent.MaxBytes)+`"}}`, 1)
	record = strings.Replace(record, "e1", strings.Repeat("e", intent.MaxBytes), 1)
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	if _, err := h.Handle(t.Context(), payload(record)); err != nil {
		t.Fatal(err)
	}
	if m := queue.messages(t); len(m) != 1 || len(m[0].Rejects) != 1 || m[0].Rejects[0].Reason == "" {
		t.Errorf("got %+v", m)
	}
}

// countingQueue counts intents, for many callers at once.
type countingQueue struct {
	mu sync.Mutex
	n  int
}

func (q *countingQueue) Send(_ context.Context, bodies []string, _ time.Duration) ([]int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, body := range bodies {
		q.n += strings.Count(body, `"do":"upsert"`)
	}
	return nil, nil
}

func TestHandleIsSafeForConcurrentUse(t *testing.T) {
	queue := &countingQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				if _, err := h.Handle(context.Background(), payload(inserts(50)...)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if queue.n != 8*5*50 {
		t.Errorf("%d intents, want %d", queue.n, 8*5*50)
	}
}
