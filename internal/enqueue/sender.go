// Package enqueue sends whom a recovery is about to the intents queue, in full messages, and only then remembers in a
// checkpoint how far that is. What is in hand when a run ends is sent by the next one.
package enqueue

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/intent"
	"rollcall/internal/checkpoint"
)

// Queue takes messages.
type Queue interface {
	// Send sends each body as a message that can be received after delay. It returns the indexes of the bodies that were
	// not accepted; err is nil if and only if there are none.
	Send(ctx context.Context, bodies []string, delay time.Duration) (failed []int, err error)
}

// SendAt is how many intents are gathered before they are sent: ten full messages, one call of SQS.
const SendAt = 10 * intent.MaxIntents

// saveAt is how many records or items are read before the checkpoint is saved, also where they become nothing.
const saveAt = 10_000

// Sender packs intents and rejects, sends them and saves the positions that are true then. It is not safe for concurrent
// use.
type Sender struct {
	name       string
	queue      Queue
	checkpoint *checkpoint.File
	packer     intent.Packer
	// packed and read count intents with rejects, and what was read, since the last Send.
	packed, read int
	marks        map[string]string
}

// New returns a sender of what is called by name in rejects. Without a queue it only counts; without a checkpoint it
// remembers nothing.
func New(name string, queue Queue, file *checkpoint.File) *Sender {
	return &Sender{
		name: name, queue: queue, checkpoint: file, packer: intent.Packer{Trace: uuid.NewString}, marks: map[string]string{},
	}
}

// Intent packs an intent. The error says why no message can hold it, and nothing is packed.
func (s *Sender) Intent(in intent.Intent) error {
	if _, err := s.packer.Intent(in); err != nil {
		return err
	}
	s.packed++
	return nil
}

// Reject packs a reject, with the time of now. One that no message can hold is told of without what it is about.
func (s *Sender) Reject(r intent.Reject) error {
	if r.At = time.Now(); r.Record == "" {
		r.Record = s.name
	}
	if _, err := s.packer.Reject(r); err != nil {
		short := intent.Reject{Record: s.name, Reason: "cannot be told of: " + err.Error(), At: r.At}
		if _, err := s.packer.Reject(short); err != nil {
			return fmt.Errorf("pack reject: %w", err)
		}
	}
	s.packed++
	return nil
}

// Read counts n more records or items.
func (s *Sender) Read(n int) { s.read += n }

// Mark notes a position that is reached when what is packed is sent.
func (s *Sender) Mark(name, position string) { s.marks[name] = position }

// Full says that it is time to send: what is packed fills a call, or the positions were not saved for long.
func (s *Sender) Full() bool { return s.packed >= SendAt || s.read >= saveAt }

// Send sends what is packed, and returns how many messages were accepted. After an error nothing must be saved.
func (s *Sender) Send(ctx context.Context) (messages int, err error) {
	bodies := s.packer.Bodies()
	s.packed, s.read = 0, 0
	if len(bodies) == 0 || s.queue == nil {
		return 0, nil
	}
	failed, err := s.queue.Send(ctx, bodies, 0)
	if err != nil {
		err = fmt.Errorf("send %d of %d messages: %w", len(failed), len(bodies), err)
	}
	return len(bodies) - len(failed), err
}

// Save saves the marks, and what was done till there, in the caller's form.
func (s *Sender) Save(done any) error {
	if s.checkpoint == nil {
		return nil
	}
	for name, position := range s.marks {
		s.checkpoint.Set(name, position)
	}
	clear(s.marks)
	if err := s.checkpoint.SetDone(done); err != nil {
		return err
	}
	return s.checkpoint.Save()
}
