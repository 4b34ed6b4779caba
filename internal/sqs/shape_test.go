package sqs

import (
	"testing"
	"time"
)

func TestDescribe(t *testing.T) {
	f := &fake{attributes: map[string]string{
		"VisibilityTimeout": "960", "MessageRetentionPeriod": "1209600", "FifoQueue": "true", "RedrivePolicy": `{"maxReceiveCount":5}`,
	}}
	q := &Queue{client: f, url: "https://sqs.example.com/1/intents"}
	want := Shape{FIFO: true, Visibility: 16 * time.Minute, Retention: 14 * 24 * time.Hour, DeadLetters: true}
	if shape, err := q.Describe(t.Context()); err != nil || shape != want {
		t.Errorf("%+v, %v, want %+v", shape, err, want)
	}
	delete(f.attributes, "FifoQueue")
	delete(f.attributes, "RedrivePolicy")
	want.FIFO, want.DeadLetters = false, false
	if shape, err := q.Describe(t.Context()); err != nil || shape != want {
		t.Errorf("%+v, %v, want %+v", shape, err, want)
	}
	f.attributes["VisibilityTimeout"] = "soon"
	if _, err := q.Describe(t.Context()); err == nil {
		t.Error("a visibility timeout that is no number was taken")
	}
}
