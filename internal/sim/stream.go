package sim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"time"

	"rollcall/intent"
	streamhandler "rollcall/stream-handler"
)

// stream is the table's stream: its records lie in lanes, one for a shard or a part of one that is read by itself. The
// records of an item keep their order within their lane; between lanes there is none.
type stream struct {
	house   *house
	records []record
	lanes   []*lane
	// open are the lanes that take new records; those of a shard that was split are only read to their end.
	open []*lane
}

type record struct {
	number string
	json   []byte
}

// lane is delivered by an event source mapping of its own, batch by batch.
type lane struct {
	stream *stream
	actor  *actor
	// pending are records not yet handled.
	pending []record
	arrived chan struct{}
}

const streamARN = "arn:aws:dynamodb:us-east-1:000000000000:table/people/stream/2000-01-01T00:00:00.000"

func newStream(h *house, lanes int) *stream {
	s := &stream{house: h}
	for range lanes {
		s.open = append(s.open, s.newLane())
	}
	return s
}

func (s *stream) newLane() *lane {
	l := &lane{
		stream: s, arrived: make(chan struct{}, 1),
		actor: &actor{house: s.house, name: fmt.Sprintf("lane%d", len(s.lanes))},
	}
	s.lanes = append(s.lanes, l)
	s.house.go_(func() { l.deliver(s.house.ctx) })
	return l
}

// split closes an open lane and opens two in its place.
func (s *stream) split(n int) {
	i := n % len(s.open)
	s.open[i] = s.newLane()
	s.open = append(s.open, s.newLane())
}

// add enters the record of a change.
func (s *stream) add(c change) { s.append(c.key, c.before, c.after) }

func (s *stream) append(key intent.Key, before, after []byte) {
	r := record{number: fmt.Sprintf("1%020d", len(s.records)+1)}
	r.json = recordJSON(r.number, key, before, after)
	s.records = append(s.records, r)
	hash := fnv.New32a()
	hash.Write([]byte(key))
	s.open[int(hash.Sum32())%len(s.open)].push(r)
}

// replay delivers old records once more.
func (s *stream) replay(from, to int) {
	for i := from; i < to; i++ {
		s.open[i%len(s.open)].push(s.records[i])
	}
}

func (l *lane) push(r record) {
	l.pending = append(l.pending, r)
	select {
	case l.arrived <- struct{}{}:
	default:
	}
}

// drained reports that every record was handled.
func (s *stream) drained() bool {
	for _, l := range s.lanes {
		if len(l.pending) > 0 {
			return false
		}
	}
	return true
}

// deliver hands the lane's records to the real handler as Lambda does: batch by batch, the next one only when the one
// before was handled; a failed batch is halved and comes again, of one with failed records those from the lowest on.
func (l *lane) deliver(ctx context.Context) {
	h := l.stream.house
	handler := &streamhandler.Handler{Mapping: h.mapping, Queue: queueEdge{l.actor, h.queue}}
	if h.plan.flavor.urgent {
		handler.Urgent = queueEdge{l.actor, h.urgent}
	}
	most := 1 + h.plan.flavor.batch
	for {
		var batch []record
		err := l.actor.perform(ctx, effect{op: "deliver", do: func() error {
			batch = l.pending[:min(len(l.pending), most):min(len(l.pending), most)]
			return nil
		}})
		switch {
		case ctx.Err() != nil:
			return
		case err == nil && len(batch) == 0:
			select {
			case <-ctx.Done():
				return
			case <-l.arrived:
			}
			continue
		case err == nil:
			most = l.handle(ctx, handler, batch, most)
		}
	}
}

// handle has one batch handled and returns the most records of the next.
func (l *lane) handle(ctx context.Context, handler *streamhandler.Handler, batch []record, most int) int {
	h := l.stream.house
	answer, err := handler.Handle(ctx, payload(batch))
	done := len(batch)
	if err != nil {
		done = 0
	}
	for _, f := range answer.BatchItemFailures {
		at := 0 // a name that is not of the batch fails all of it
		for i, r := range batch {
			if r.number == f.ItemIdentifier {
				at = i
			}
		}
		done = min(done, at)
	}
	err = l.actor.perform(ctx, effect{op: "checkpoint", do: func() error {
		if h.faults.chance(faultRedeliver, l.actor.name+" batch "+batch[0].number, h.faults.rates.twice) {
			done = 0
		}
		l.pending = l.pending[done:]
		return nil
	}})
	if done == len(batch) && err == nil {
		return 1 + h.plan.flavor.batch
	}
	_ = sleep(ctx, time.Second+time.Duration(len(batch))*time.Millisecond)
	return max(1, most/2)
}

// recordJSON is a record as Lambda delivers it. The same record has the same eventID each time.
func recordJSON(number string, key intent.Key, before, after []byte) []byte {
	name := "MODIFY"
	switch {
	case before == nil:
		name = "INSERT"
	case after == nil:
		name = "REMOVE"
	}
	id := sha256.Sum256([]byte(number))
	dst := fmt.Appendf(nil, `{"eventID":"%s","eventName":"%s","eventVersion":"1.1","eventSource":"aws:dynamodb","awsRegion":"us-east-1",`,
		hex.EncodeToString(id[:16]), name)
	dst = fmt.Appendf(dst, `"dynamodb":{"ApproximateCreationDateTime":%d,"Keys":%s`, time.Now().Unix(), key)
	if after != nil {
		dst = append(append(dst, `,"NewImage":`...), after...)
	}
	if before != nil {
		dst = append(append(dst, `,"OldImage":`...), before...)
	}
	return fmt.Appendf(dst, `,"SequenceNumber":"%s","SizeBytes":%d,"StreamViewType":"NEW_AND_OLD_IMAGES"},"eventSourceARN":"%s"}`,
		number, len(before)+len(after), streamARN)
}

func payload(records []record) []byte {
	dst := []byte(`{"Records":[`)
	for i, r := range records {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, r.json...)
	}
	return append(dst, `]}`...)
}
