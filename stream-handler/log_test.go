package streamhandler_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sirupsen/logrus"

	streamhandler "rollcall/stream-handler"
)

// logLine is what a line says about a batch.
type logLine struct {
	Level, Msg, Record                                        string
	Records, Upserts, Deactivations, Ignored, Rejects, Failed int
	Sent                                                      []sent
}

// sent is what it says about a message.
type sent struct {
	Trace, First, Last string
	Records            int
}

// logged handles records and returns the log.
func logged(t *testing.T, level logrus.Level, queue *fakeQueue, records ...string) (lines []logLine, text string) {
	t.Helper()
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	log.SetLevel(level)
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

// TestLogLeadsFromRecordsToMessages has a batch of three messages, which one line tells of with the records in each.
func TestLogLeadsFromRecordsToMessages(t *testing.T) {
	queue := &fakeQueue{}
	lines, text := logged(t, logrus.InfoLevel, queue, inserts(450)...)
	messages := queue.messages(t)
	if len(messages) != 3 {
		t.Fatalf("%d messages", len(messages))
	}
	want := []logLine{{Level: "info", Msg: "batch", Records: 450, Upserts: 450, Sent: []sent{
		{Trace: messages[0].Trace, First: "1", Last: "200", Records: 200},
		{Trace: messages[1].Trace, First: "201", Last: "400", Records: 200},
		{Trace: messages[2].Trace, First: "401", Last: "450", Records: 50},
	}}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s\n%s", diff, text)
	}
}

func TestLogNamesWhatWasNotHandled(t *testing.T) {
	secret := strings.ReplaceAll(inserts(1)[0], `{"S":"p1"}`, `{"S":7,"secret":1}`)
	queue := &fakeQueue{}
	lines, text := logged(t, logrus.InfoLevel, queue, secret, secret, inserts(1)[0])
	want := []logLine{{
		Level: "warning", Msg: "some records were not handled", Record: "e1", Records: 3, Upserts: 1, Rejects: 2,
		Sent: []sent{{Trace: queue.messages(t)[0].Trace, First: "1", Last: "1", Records: 3}},
	}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("lines (-want +got):\n%s\n%s", diff, text)
	}
	if strings.Contains(text, "secret") {
		t.Errorf("a value of an item is in the log: %s", text)
	}
}

func TestLogLeavesOutMessagesThatWereNotSent(t *testing.T) {
	lines, text := logged(t, logrus.InfoLevel, &fakeQueue{refuse: []int{1}}, inserts(450)...)
	if len(lines) != 1 || lines[0].Level != "warning" || lines[0].Failed != 1 ||
		len(lines[0].Sent) != 2 || lines[0].Sent[0].First != "1" || lines[0].Sent[1].First != "401" {
		t.Errorf("logged %s", text)
	}
}

// TestLogOfIgnoredRecordsIsForDebugging has a batch that is nothing to Okta.
func TestLogOfIgnoredRecordsIsForDebugging(t *testing.T) {
	for level, want := range map[logrus.Level]int{logrus.InfoLevel: 0, logrus.DebugLevel: 1} {
		lines, text := logged(t, level, &fakeQueue{}, `{"eventID":"x","eventName":"REMOVE","dynamodb":{"SequenceNumber":"1","StreamViewType":"NEW_AND_OLD_IMAGES",`+
			`"Keys":{"id":{"S":"x"}},"OldImage":{"kind":{"S":"machine"}}}}`)
		if len(lines) != want || want == 1 && lines[0].Ignored != 1 {
			t.Errorf("logged at %v: %s", level, text)
		}
	}
}

// TestLogAsTextIsReadable has a line for people: what is in a message is no list of bytes.
func TestLogAsTextIsReadable(t *testing.T) {
	var out bytes.Buffer
	log := logrus.New()
	log.SetOutput(&out)
	queue := &fakeQueue{}
	h := &streamhandler.Handler{Mapping: people(t), Queue: queue, Log: log}
	if _, err := h.Handle(t.Context(), payload(inserts(2)...)); err != nil {
		t.Fatal(err)
	}
	if want := `sent="[` + queue.messages(t)[0].Trace + ` records=2 first=1 last=2]"`; !strings.Contains(out.String(), want) {
		t.Errorf("logged %swant %s", out.String(), want)
	}
}
