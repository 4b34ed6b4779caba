package streamhandler

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"rollcall/intent"
)

// Queue takes messages. Calls are split by the implementation as its service asks (SQS: ten messages, 1 MiB).
type Queue interface {
	// Send sends each body as a message that can be received after delay (at most 15 min). It returns the indexes of
	// the bodies that were not accepted; err is nil if and only if there are none.
	Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error)
}

// publisher packs what records became, and remembers which message holds which record.
type publisher struct {
	intents, urgent intent.Packer
	// traces are those of the messages with intents, in their order.
	traces []string
	sent   []sentRecord
	at     time.Time // of the rejects
}

// sentRecord is a record with something in the messages from first to last.
type sentRecord struct {
	sequenceNumber []byte
	first, last    int
}

func newPublisher(at time.Time) *publisher {
	p := &publisher{at: at}
	p.intents.Trace = func() string {
		p.traces = append(p.traces, uuid.NewString())
		return p.traces[len(p.traces)-1]
	}
	p.urgent.Trace = uuid.NewString
	return p
}

// add packs a record's intents and reject, and returns the reject if there is one. Deactivations are packed for the urgent
// queue too if there is one. What does not fit a message, such as a key of megabytes, becomes a reject: it must not fail
// its batch for ever.
func (p *publisher) add(r *record, d decoded, urgent bool) (*intent.Reject, error) {
	span := sentRecord{sequenceNumber: r.sequenceNumber, first: -1}
	for i := range d.intents {
		body, err := p.intents.Intent(d.intents[i])
		if err != nil {
			d.reject = &intent.Reject{Record: r.name(), Reason: err.Error()}
			break
		}
		span.include(body)
		if urgent && d.intents[i].Kind == intent.Deactivate {
			if _, err := p.urgent.Intent(d.intents[i]); err != nil {
				return nil, err
			}
		}
	}
	if d.reject != nil {
		d.reject.At = p.at
		body, err := p.intents.Reject(*d.reject)
		if err != nil {
			d.reject = &intent.Reject{Reason: "record cannot be told of: " + err.Error(), At: p.at}
			if body, err = p.intents.Reject(*d.reject); err != nil {
				return nil, err
			}
		}
		span.include(body)
	}
	if span.first >= 0 {
		p.sent = append(p.sent, span)
	}
	return d.reject, nil
}

func (s *sentRecord) include(body int) {
	if s.first < 0 {
		s.first = body
	}
	s.last = body
}

// failures names the records of which something is in a failed message, in the order of the batch. Lambda takes an empty
// name for a failure of the whole batch; here that is said by an error.
func (p *publisher) failures(failed []int) ([]events.DynamoDBBatchItemFailure, error) {
	var failures []events.DynamoDBBatchItemFailure
	for _, r := range p.sent {
		if !slices.ContainsFunc(failed, func(body int) bool { return r.first <= body && body <= r.last }) {
			continue
		}
		if len(r.sequenceNumber) == 0 {
			return nil, errors.New("a record that was not sent has no sequence number to name it by")
		}
		failures = append(failures, events.DynamoDBBatchItemFailure{ItemIdentifier: string(r.sequenceNumber)})
	}
	return failures, nil
}

// send sends the bodies and returns the indexes of those that were not accepted, all of them where the queue does not
// say which.
func send(ctx context.Context, queue Queue, bodies []string) (failed []int, err error) {
	if len(bodies) == 0 {
		return nil, nil
	}
	failed, err = queue.Send(ctx, bodies, 0)
	if err == nil {
		return nil, nil
	}
	if len(failed) == 0 {
		for i := range bodies {
			failed = append(failed, i)
		}
	}
	return failed, fmt.Errorf("send messages: %w", err)
}
