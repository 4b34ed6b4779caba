package sync

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"rollcall/intent"
	"rollcall/internal/items"
	"rollcall/mapping"
)

// sendAt is how many intents are gathered before they are sent: ten full messages, one call of SQS.
const sendAt = 10 * intent.MaxIntents

// syncer packs what items become, and sends it.
type syncer struct {
	Options
	queue  Queue
	view   *mapping.View
	packer intent.Packer
	packed int
	// marks are the positions of the segments, true when what is packed is sent.
	marks map[int]string
	// done counts what was read, of which report counts what was sent.
	done, report Report
}

func newSyncer(m *mapping.Mapping, queue Queue, o Options) *syncer {
	return &syncer{
		Options: o, queue: queue, view: m.NewView(), packer: intent.Packer{Trace: uuid.NewString}, marks: map[int]string{},
	}
}

// take packs what an item becomes.
func (s *syncer) take(item []byte) error {
	s.done.Items++
	id, key, err := s.whose(item)
	switch {
	case err != nil:
		return s.reject(key, err)
	case id == "":
		s.done.Others++
		return nil
	}
	// Of one whose activity cannot be told the flush makes a reject, which names the person.
	if active, err := s.view.Active(); err == nil && !active && s.ActiveOnly {
		s.done.Inactive++
		return nil
	}
	return s.pack(intent.Intent{ExternalID: id, Keys: []intent.Key{key}})
}

// whose loads an item into the view and returns whose it is, nobody's if it does not match, and its key as far as it has
// one.
func (s *syncer) whose(item []byte) (externalID string, key intent.Key, err error) {
	if key, err = items.KeyOf(item, s.Partition, s.Sort); err != nil {
		return "", "", err
	}
	if err := s.view.Load(item); err != nil {
		return "", key, err
	}
	if matches, err := s.view.Matches(); err != nil || !matches {
		return "", key, err
	}
	externalID, err = s.view.ExternalID()
	return externalID, key, err
}

// pack packs an intent, or a reject where no message can hold it.
func (s *syncer) pack(in intent.Intent) error {
	if _, err := s.packer.Intent(in); err != nil {
		if len(in.Keys) == 0 {
			return fmt.Errorf("pack intent: %w", err)
		}
		return s.reject(in.Keys[0], err)
	}
	s.packed++
	s.done.Enqueued++
	return nil
}

func (s *syncer) reject(key intent.Key, reason error) error {
	_, err := s.packer.Reject(intent.Reject{Key: key, Record: "sync", Reason: reason.Error(), At: time.Now()})
	if errors.Is(err, intent.ErrTooLarge) {
		_, err = s.packer.Reject(intent.Reject{Record: "sync", Reason: "item cannot be told of: " + err.Error(), At: time.Now()})
	}
	if err != nil {
		return fmt.Errorf("pack reject: %w", err)
	}
	s.packed++
	s.done.Rejects++
	return nil
}

// mark notes how far a segment is packed.
func (s *syncer) mark(p page) { s.marks[p.segment] = p.position() }

// send sends what is packed and remembers how far that is.
func (s *syncer) send(ctx context.Context) error {
	bodies := s.packer.Bodies()
	s.packed = 0
	if len(bodies) > 0 && s.queue != nil {
		failed, err := s.queue.Send(ctx, bodies, 0)
		s.done.Messages += len(bodies) - len(failed)
		if err != nil {
			s.report.Messages = s.done.Messages
			return fmt.Errorf("send %d of %d messages: %w", len(failed), len(bodies), err)
		}
	}
	s.report = s.done
	for segment, position := range s.marks {
		s.Checkpoint.Set(strconv.Itoa(segment), position)
	}
	clear(s.marks)
	if s.Progress != nil {
		s.Progress(s.report)
	}
	return s.Checkpoint.Save()
}
