package replay

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/intent"
	"rollcall/internal/checkpoint"
	streamhandler "rollcall/stream-handler"
)

// sendAt is how many intents are gathered before they are sent: ten full messages, one call of SQS.
const sendAt = 10 * intent.MaxIntents

// saveAt is how many records are read before the checkpoint is saved, also where they become nothing.
const saveAt = 10_000

// sender packs what records become and sends it, and only then remembers how far that is.
type sender struct {
	queue      Queue
	checkpoint *checkpoint.File
	packer     intent.Packer
	// packed and read count intents and records since the last send.
	packed, read int
	// marks are the positions that are true when what is packed is sent.
	marks map[string]string
	// report counts what was read, of which sent counts what was sent.
	report *Report
	sent   Report
}

func newSender(queue Queue, file *checkpoint.File, report *Report) sender {
	return sender{
		queue: queue, checkpoint: file, packer: intent.Packer{Trace: uuid.NewString}, marks: map[string]string{}, report: report,
	}
}

// add packs what a record became, and counts it. What fits no message becomes a reject.
func (s *sender) add(d streamhandler.Decoded) error {
	report := s.report
	s.read++
	if len(d.Intents) == 0 && d.Reject == nil {
		report.Ignored++
		return nil
	}
	for i := range d.Intents {
		if _, err := s.packer.Intent(d.Intents[i]); err != nil {
			d.Reject = &intent.Reject{Record: "replay", Reason: err.Error()}
			break
		}
		s.packed++
		if d.Intents[i].Kind == intent.Deactivate {
			report.Deactivations++
		} else {
			report.Upserts++
		}
	}
	if d.Reject == nil {
		return nil
	}
	d.Reject.At = time.Now()
	if _, err := s.packer.Reject(*d.Reject); err != nil {
		reject := intent.Reject{Record: "replay", Reason: "record cannot be told of: " + err.Error(), At: d.Reject.At}
		if _, err := s.packer.Reject(reject); err != nil {
			return fmt.Errorf("pack reject: %w", err)
		}
	}
	s.packed++
	report.Rejects++
	return nil
}

// mark notes a position that is reached with what is packed.
func (s *sender) mark(name, position string) { s.marks[name] = position }

// sendFull sends what is packed if it fills a call, or if a checkpoint is due.
func (s *sender) sendFull(ctx context.Context) error {
	if s.packed < sendAt && s.read < saveAt {
		return nil
	}
	return s.send(ctx)
}

// send sends what is packed and saves the positions.
func (s *sender) send(ctx context.Context) error {
	bodies := s.packer.Bodies()
	s.packed, s.read = 0, 0
	if len(bodies) > 0 && s.queue != nil {
		failed, err := s.queue.Send(ctx, bodies, 0)
		s.report.Messages += len(bodies) - len(failed)
		if err != nil {
			s.sent.Messages = s.report.Messages
			return fmt.Errorf("send %d of %d messages: %w", len(failed), len(bodies), err)
		}
	}
	s.sent = *s.report
	if len(s.marks) == 0 {
		return nil
	}
	for name, position := range s.marks {
		s.checkpoint.Set(name, position)
	}
	clear(s.marks)
	return s.checkpoint.Save()
}
