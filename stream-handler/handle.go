package streamhandler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/sirupsen/logrus"

	"rollcall/intent"
	"rollcall/mapping"
)

// Handler handles batches of stream records. It is safe for concurrent use; its fields are set before the first batch.
type Handler struct {
	Mapping *mapping.Mapping
	// Queue takes the intents.
	Queue Queue
	// Urgent, if set, takes the deactivations a second time. It is a short cut, not the way: what is not accepted there
	// is on Queue all the same, so a failure is logged and counted and fails no record.
	Urgent Queue
	// Observe, if set, is told about each batch when it is done.
	Observe func(Report)
	// Log, if set, gets one line for each batch: at debug where nothing of it was for Okta, at warn where something was not
	// handled, else at info.
	Log logrus.FieldLogger

	scratch sync.Pool // *scratch
}

// Report counts what a batch was.
type Report struct {
	Records       int
	Upserts       int // intents
	Deactivations int // intents
	// Ignored are records that are nothing to Okta.
	Ignored int
	Rejects int
	// TTLDeletes are records of items whose time to live was over; they are counted among the others too.
	TTLDeletes int
	// Messages is how many were made of intents and rejects, Failed how many of them the queue did not accept.
	Messages, Failed             int
	UrgentMessages, UrgentFailed int
}

// scratch is what a batch needs and the next can use again.
type scratch struct {
	reader  *payloadReader
	decoder *decoder
}

// Handle handles the payload that Lambda delivers, {"Records":[…]}. It returns the records whose messages were not
// accepted, for Lambda to deliver them again. An error fails the whole batch: the payload is not JSON, the stream lacks
// what the mapping needs, or a record to be delivered again cannot be named.
func (h *Handler) Handle(ctx context.Context, payload []byte) (events.DynamoDBEventResponse, error) {
	b := batch{publisher: newPublisher(time.Now()), urgent: h.Urgent != nil}
	if err := h.read(&b, payload); err != nil {
		return events.DynamoDBEventResponse{}, fmt.Errorf("handle batch: %w", err)
	}
	bodies := b.publisher.intents.Bodies()
	failed, sendErr := send(ctx, h.Queue, bodies)
	b.report.Messages, b.report.Failed = len(bodies), len(failed)
	var urgentErr error
	if h.Urgent != nil {
		bodies = b.publisher.urgent.Bodies()
		failed, err := send(ctx, h.Urgent, bodies)
		b.report.UrgentMessages, b.report.UrgentFailed, urgentErr = len(bodies), len(failed), err
	}
	h.tell(&b, failed, sendErr, urgentErr)
	failures, err := b.publisher.failures(failed)
	if err != nil {
		return events.DynamoDBEventResponse{}, fmt.Errorf("handle batch: %w: %w", err, sendErr)
	}
	return events.DynamoDBEventResponse{BatchItemFailures: failures}, nil
}

// batch is one run of Handle.
type batch struct {
	publisher *publisher
	urgent    bool
	report    Report
	first     *intent.Reject
	err       error
}

// read decodes the records and packs what they become.
func (h *Handler) read(b *batch, payload []byte) error {
	s, ok := h.scratch.Get().(*scratch)
	if !ok {
		s = &scratch{reader: newPayloadReader(), decoder: newDecoder(h.Mapping)}
	}
	defer h.scratch.Put(s)
	err := s.reader.each(payload, func(r *record) {
		if b.err == nil {
			b.err = b.record(s.decoder, r)
		}
	})
	if err != nil {
		return err
	}
	return b.err
}

func (b *batch) record(decoder *decoder, r *record) error {
	d, err := decoder.decode(r)
	if err != nil {
		return err
	}
	reject, err := b.publisher.add(r, d, b.urgent)
	if err != nil {
		return err
	}
	b.report.Records++
	for i := range d.intents {
		if d.intents[i].Kind == intent.Deactivate {
			b.report.Deactivations++
		} else {
			b.report.Upserts++
		}
	}
	if r.byTTL() {
		b.report.TTLDeletes++
	}
	switch {
	case reject != nil:
		b.report.Rejects++
		if b.first == nil {
			b.first = reject
		}
	case len(d.intents) == 0:
		b.report.Ignored++
	}
	return nil
}
