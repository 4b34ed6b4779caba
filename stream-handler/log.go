package streamhandler

import (
	"fmt"
	"slices"

	"github.com/sirupsen/logrus"
)

// tell reports the batch, and logs it in one line: what it was, which messages its records went into, and what was not as
// it should be. Failed are the messages that were not accepted.
func (h *Handler) tell(b *batch, failed []int, sendErr, urgentErr error) {
	if h.Observe != nil {
		h.Observe(b.report)
	}
	if h.Log == nil {
		return
	}
	fields := logrus.Fields{
		"records": b.report.Records, "upserts": b.report.Upserts, "deactivations": b.report.Deactivations,
		"ignored": b.report.Ignored, "rejects": b.report.Rejects,
	}
	sent := []sentMessage{}
	for i, m := range b.publisher.messages() {
		if !slices.Contains(failed, i) {
			sent = append(sent, m)
		}
	}
	if len(sent) > 0 {
		fields["sent"] = sent
	}
	if b.report.Failed > 0 {
		fields["failed"] = b.report.Failed
	}
	if b.first != nil {
		fields["record"], fields["reason"] = b.first.Record, b.first.Reason
	}
	if sendErr != nil {
		fields["error"] = sendErr
	}
	if urgentErr != nil {
		fields["urgentError"] = urgentErr
	}
	switch line := h.Log.WithFields(fields); {
	case b.first != nil || sendErr != nil || urgentErr != nil:
		line.Warn("some records were not handled")
	case len(sent) > 0:
		line.Info("batch")
	default:
		line.Debug("batch")
	}
}

// sentMessage says which records are in a message: the trace that follows it to the session, and the sequence numbers of
// the first and the last of them.
type sentMessage struct {
	Trace   string         `json:"trace"`
	Records int            `json:"records"`
	First   sequenceNumber `json:"first"`
	Last    sequenceNumber `json:"last"`
}

// String is a message in a log that is text.
func (m sentMessage) String() string {
	return fmt.Sprintf("%s records=%d first=%s last=%s", m.Trace, m.Records, m.First, m.Last)
}

// sequenceNumber is one in the payload, which is written as text without having been copied.
type sequenceNumber []byte

// MarshalText implements encoding.TextMarshaler.
func (n sequenceNumber) MarshalText() ([]byte, error) { return n, nil }

// messages returns what the messages hold, by their indexes.
func (p *publisher) messages() []sentMessage {
	messages := make([]sentMessage, len(p.traces))
	for i := range messages {
		messages[i].Trace = p.traces[i]
	}
	last := -1
	for _, r := range p.sent {
		for body := r.first; body <= r.last; body++ {
			m := &messages[body]
			if m.Records++; m.Records == 1 {
				m.First = r.sequenceNumber
			}
			m.Last = r.sequenceNumber
		}
		last = max(last, r.last)
	}
	return messages[:last+1] // a trace may be that of a message that was never filled
}
