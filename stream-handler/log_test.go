package streamhandler_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"

	streamhandler "rollcall/stream-handler"
)

// logLine is what a line says about a message or a batch.
type logLine struct {
	Level, Msg, Trace, FirstRecord, LastRecord, Record string
	Records, Rejects, Failed                           int
}

// logged handles records and returns the log and the messages' traces.
func logged(t *testing.T, queue *fakeQueue, records ...string) (lines []logLine, text string) {
	t.Helper()
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	log.SetFormatter(&logrus.JSONFormatter{})
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue, Log: log}
	if _, err := h.Handle(t.Context(), payload(records...)); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		var l logLine
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatalf("line is not JSON: %s", line)
		}
		lines = append(lines, l)
	}
	return lines, out.String()
}

// TestLogLeadsFromRecordsToMessages follows the trace of each message back to the records in it.
func TestLogLeadsFromRecordsToMessages(t *testing.T) {
	queue := &fakeQueue{}
	lines, _ := logged(t, queue, inserts(450)...)
	messages := queue.messages(t)
	if len(lines) != 3 || len(messages) != 3 {
		t.Fatalf("%d lines about %d messages", len(lines), len(messages))
	}
	for i, want := range []logLine{
		{FirstRecord: "1", LastRecord: "200", Records: 200},
		{FirstRecord: "201", LastRecord: "400", Records: 200},
		{FirstRecord: "401", LastRecord: "450", Records: 50},
	} {
		want.Level, want.Msg, want.Trace = "info", "message sent", messages[i].Trace
		if lines[i] != want {
			t.Errorf("line %d is %+v, want %+v", i, lines[i], want)
		}
	}
}

func TestLogNamesWhatWasNotHandled(t *testing.T) {
	secret := strings.ReplaceAll(inserts(1)[0], `{"S":"p1"}`, `{"S":7,"secret":1}`)
	lines, text := logged(t, &fakeQueue{}, secret, secret, inserts(1)[0])
	if len(lines) != 2 || lines[1] != (logLine{Level: "warning", Msg: "some records were not handled", Record: "e1", Records: 3, Rejects: 2}) {
		t.Errorf("logged %s", text)
	}
	if strings.Contains(text, "secret") {
		t.Errorf("a value of an item is in the log: %s", text)
	}
}

func TestLogLeavesOutMessagesThatWereNotSent(t *testing.T) {
	lines, text := logged(t, &fakeQueue{refuse: []int{1}}, inserts(450)...)
	if len(lines) != 3 || lines[0].FirstRecord != "1" || lines[1].FirstRecord != "401" || lines[2].Failed != 1 || lines[2].Level != "warning" {
		t.Errorf("logged %s", text)
	}
}

// TestLogOfIgnoredRecordsIsEmpty has a batch that is nothing to Okta.
func TestLogOfIgnoredRecordsIsEmpty(t *testing.T) {
	if lines, text := logged(t, &fakeQueue{}, `{"eventID":"x","eventName":"REMOVE","dynamodb":{"SequenceNumber":"1","StreamViewType":"NEW_AND_OLD_IMAGES",`+
		`"Keys":{"id":{"S":"x"}},"OldImage":{"kind":{"S":"machine"}}}}`); len(lines) > 0 {
		t.Errorf("logged %s", text)
	}
}
