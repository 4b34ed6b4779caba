package sync

import (
	"context"
	"fmt"
	"strconv"

	"rollcall/intent"
	"rollcall/internal/enqueue"
	"rollcall/internal/items"
	"rollcall/internal/scan"
	"rollcall/mapping"
)

// segmentDone is the position of a segment that was read to its end. No key is this.
const segmentDone = "done"

// syncer packs what items become, and sends it.
type syncer struct {
	Options
	view   *mapping.View
	sender *enqueue.Sender
	// done counts what was read, of which report counts what was sent, and whole what was read in whole pages: a page in
	// which a run is interrupted is read again.
	done, report, whole Report
}

func newSyncer(m *mapping.Mapping, queue enqueue.Queue, o Options) *syncer {
	return &syncer{Options: o, view: m.NewView(), sender: enqueue.New("sync", queue, o.Checkpoint)}
}

// start is where a segment is gone on with.
func (s *syncer) start(segment int) (after intent.Key, done bool) {
	position := s.Checkpoint.At(strconv.Itoa(segment))
	return intent.Key(position), position == segmentDone
}

// page packs what the items of a page become.
func (s *syncer) page(ctx context.Context, p scan.Page) error {
	for _, item := range p.Items {
		if err := s.take(item); err != nil {
			return err
		}
		if err := s.sendFull(ctx); err != nil {
			return err
		}
	}
	position := segmentDone
	if p.Last != "" {
		position = string(p.Last)
	}
	s.sender.Mark(strconv.Itoa(p.Segment), position)
	s.whole = s.done
	if s.Progress != nil {
		s.Progress(len(p.Items))
	}
	return nil
}

// take packs what an item becomes.
func (s *syncer) take(item []byte) error {
	s.done.Items++
	s.sender.Read(1)
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
	if err := s.sender.Intent(in); err != nil {
		if len(in.Keys) == 0 {
			return fmt.Errorf("pack intent: %w", err)
		}
		return s.reject(in.Keys[0], err)
	}
	s.done.Enqueued++
	return nil
}

func (s *syncer) reject(key intent.Key, reason error) error {
	s.done.Rejects++
	return s.sender.Reject(intent.Reject{Key: key, Reason: reason.Error()})
}

// sendFull sends what is packed if it fills a call, or if the checkpoint is due.
func (s *syncer) sendFull(ctx context.Context) error {
	if !s.sender.Full() {
		return nil
	}
	return s.send(ctx)
}

// send sends what is packed, and saves how far each segment is with what was done till there.
func (s *syncer) send(ctx context.Context) error {
	messages, err := s.sender.Send(ctx)
	s.done.Messages += messages
	if err != nil {
		s.report.Messages = s.done.Messages
		return err
	}
	s.report = s.done
	s.whole.Messages = s.done.Messages
	return s.sender.Save(s.whole)
}
