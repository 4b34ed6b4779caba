package streamhandler

import (
	"slices"

	"github.com/sirupsen/logrus"
)

// tell reports the batch, and logs what went where and what was not as it should be. Failed are the messages that were
// not accepted.
func (h *Handler) tell(b *batch, failed []int, sendErr, urgentErr error) {
	if h.Observe != nil {
		h.Observe(b.report)
	}
	if h.Log == nil {
		return
	}
	for i, m := range b.publisher.messages() {
		if !slices.Contains(failed, i) {
			h.Log.WithFields(logrus.Fields{
				"trace": m.trace, "records": m.records, "firstRecord": string(m.first), "lastRecord": string(m.last),
			}).Info("message sent")
		}
	}
	if b.first == nil && sendErr == nil && urgentErr == nil {
		return
	}
	fields := logrus.Fields{"records": b.report.Records, "rejects": b.report.Rejects, "failed": b.report.Failed}
	if b.first != nil {
		fields["record"], fields["reason"] = b.first.Record, b.first.Reason
	}
	if sendErr != nil {
		fields["error"] = sendErr
	}
	if urgentErr != nil {
		fields["urgentError"] = urgentErr
	}
	h.Log.WithFields(fields).Warn("some records were not handled")
}

// sentMessage says which records are in a message: the trace that follows it to the session, and the sequence numbers.
type sentMessage struct {
	trace       string
	records     int
	first, last []byte
}

// messages returns what the messages hold, by their indexes.
func (p *publisher) messages() []sentMessage {
	messages := make([]sentMessage, len(p.traces))
	for i := range messages {
		messages[i].trace = p.traces[i]
	}
	last := -1
	for _, r := range p.sent {
		for body := r.first; body <= r.last; body++ {
			m := &messages[body]
			if m.records++; m.records == 1 {
				m.first = r.sequenceNumber
			}
			m.last = r.sequenceNumber
		}
		last = max(last, r.last)
	}
	return messages[:last+1] // a trace may be that of a message that was never filled
}
