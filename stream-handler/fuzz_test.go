package streamhandler_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	streamhandler "rollcall/stream-handler"
)

// FuzzDecodeRecord puts any record between two good ones. Whatever it is, unless it says that the whole stream is of no
// use, the good ones get through, and it becomes at most two usable intents and a reject.
func FuzzDecodeRecord(f *testing.F) {
	files, err := filepath.Glob("testdata/records/*.json")
	if err != nil || len(files) == 0 {
		f.Fatalf("no records: %v", err)
	}
	for _, file := range files {
		record, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(record)
	}
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(f), Queue: queue}
	good := inserts(2)
	f.Fuzz(func(t *testing.T, record []byte) {
		lenient := []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}
		valid := jsontext.Value(record).IsValid(lenient...)
		queue.bodies = nil
		response, err := h.Handle(t.Context(), payload(good[0], string(record), good[1]))
		if err != nil {
			if len(queue.bodies) > 0 {
				t.Fatalf("sent %q of a batch that fails", queue.bodies)
			}
			if valid && !errors.Is(err, streamhandler.ErrViewType) {
				t.Fatalf("one record fails its batch: %v", err)
			}
			return
		}
		if !valid {
			return // Not one record: it may close the array, or hold several.
		}
		messages := queue.messages(t)
		if len(messages) != 1 || len(response.BatchItemFailures) > 0 {
			t.Fatalf("%d messages, %v", len(messages), response)
		}
		m := messages[0]
		if n := len(m.Intents); n < 2 || n > 4 || m.Intents[0].ExternalID != "p1" || m.Intents[n-1].ExternalID != "p2" {
			t.Fatalf("the good records became %+v", m.Intents)
		}
		if len(m.Rejects) > 1 {
			t.Fatalf("%d rejects", len(m.Rejects))
		}
		for _, in := range m.Intents {
			if n := utf8.RuneCountInString(in.ExternalID); n < 1 || n > 512 || len(in.Keys) != 1 {
				t.Fatalf("not an intent: %+v", in)
			}
		}
	})
}
