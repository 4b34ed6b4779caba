package enqueue_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rollcall/intent"
	"rollcall/internal/checkpoint"
	"rollcall/internal/enqueue"
)

// queue keeps what it is sent, or takes all but the first of each call.
type queue struct {
	bodies []string
	away   bool
}

var errAway = errors.New("queue is away")

func (q *queue) Send(_ context.Context, bodies []string, delay time.Duration) (failed []int, err error) {
	if delay != 0 {
		return nil, errors.New("delayed")
	}
	if !q.away {
		q.bodies = append(q.bodies, bodies...)
		return nil, nil
	}
	q.bodies = append(q.bodies, bodies[0])
	for i := range bodies[1:] {
		failed = append(failed, i+1)
	}
	return failed, errAway
}

func fill(t *testing.T, s *enqueue.Sender, n int) {
	t.Helper()
	for i := range n {
		if err := s.Intent(intent.Intent{ExternalID: fmt.Sprint("p", i)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestFullIsACallOfFullMessages(t *testing.T) {
	q := &queue{}
	s := enqueue.New("test", q, nil)
	fill(t, s, enqueue.SendAt-1)
	if s.Full() {
		t.Error("full too early")
	}
	fill(t, s, 1)
	if !s.Full() {
		t.Error("not full")
	}
	if n, err := s.Send(t.Context()); n != 10 || err != nil || len(q.bodies) != 10 || s.Full() {
		t.Errorf("sent %d messages, %v", n, err)
	}
	s.Read(20_000)
	if !s.Full() {
		t.Error("a position that was not saved for long is not due")
	}
	if n, err := s.Send(t.Context()); n != 0 || err != nil || s.Full() {
		t.Errorf("sent %d messages of nothing, %v", n, err)
	}
}

func TestWhatWasAcceptedIsCounted(t *testing.T) {
	q := &queue{away: true}
	s := enqueue.New("test", q, nil)
	fill(t, s, 600)
	if n, err := s.Send(t.Context()); n != 1 || !errors.Is(err, errAway) || err.Error() != "send 2 of 3 messages: queue is away" {
		t.Errorf("sent %d, %v", n, err)
	}
	none := enqueue.New("test", nil, nil)
	fill(t, none, 600)
	if n, err := none.Send(t.Context()); n != 0 || err != nil {
		t.Errorf("without a queue: sent %d, %v", n, err)
	}
}

func TestRejectsNameTheirMaker(t *testing.T) {
	q := &queue{}
	s := enqueue.New("sync", q, nil)
	for _, r := range []intent.Reject{
		{Key: `{"id":{"S":"a"}}`, Reason: "bad"}, {Record: "e1", Reason: "bad"}, {Record: "e2", Reason: strings.Repeat("x", intent.MaxBytes)},
	} {
		if err := s.Reject(r); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Send(t.Context()); err != nil {
		t.Fatal(err)
	}
	var rejects []intent.Reject
	for _, body := range q.bodies {
		m, err := intent.Decode(body)
		if err != nil || m.Trace == "" {
			t.Fatalf("a message without a trace, or unreadable: %v", err)
		}
		rejects = append(rejects, m.Rejects...)
	}
	if len(rejects) != 3 || rejects[0].Record != "sync" || rejects[1].Record != "e1" || !strings.HasPrefix(rejects[2].Reason, "cannot be told of: ") || rejects[2].At.IsZero() {
		t.Errorf("got %+v", rejects)
	}
}

func TestPositionsAreSavedWithWhatWasDone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.json")
	open := func() *checkpoint.File {
		file, err := checkpoint.Open(path, "test", false)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	s := enqueue.New("test", nil, open())
	s.Mark("place", "7")
	if open().At("place") != "" {
		t.Error("a mark is saved before what it stands for is sent")
	}
	if err := s.Save(map[string]int{"records": 3}); err != nil {
		t.Fatal(err)
	}
	var done map[string]int
	file := open()
	if err := file.Done(&done); err != nil || file.At("place") != "7" || done["records"] != 3 || file.Interruptions() != 1 {
		t.Errorf("%q, %v, %d interruptions, %v", file.At("place"), done, file.Interruptions(), err)
	}
}
