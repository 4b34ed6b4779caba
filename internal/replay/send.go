package replay

import (
	"context"

	"rollcall/intent"
	streamhandler "rollcall/stream-handler"
)

// add packs what a record became, and counts it. What fits no message becomes a reject.
func (r *run) add(d streamhandler.Decoded) error {
	r.sender.Read(1)
	if len(d.Intents) == 0 && d.Reject == nil {
		r.report.Ignored++
		return nil
	}
	if d.There {
		// An old record of an inactive item is no word that the person left: if the item is not there any more, something
		// else has said so, or the table is spoiled.
		last := &d.Intents[len(d.Intents)-1]
		last.Kind, last.Protected = intent.Upsert, false
	}
	for i := range d.Intents {
		if err := r.sender.Intent(d.Intents[i]); err != nil {
			d.Reject = &intent.Reject{Reason: err.Error()}
			break
		}
		if d.Intents[i].Kind == intent.Deactivate {
			r.report.Deactivations++
		} else {
			r.report.Upserts++
		}
	}
	if d.Reject == nil {
		return nil
	}
	r.report.Rejects++
	return r.sender.Reject(*d.Reject)
}

// sendFull sends what is packed if it fills a call, or if the checkpoint is due.
func (r *run) sendFull(ctx context.Context) error {
	if !r.sender.Full() {
		return nil
	}
	return r.send(ctx)
}

// send sends what is packed, and saves the positions with what was done till there.
func (r *run) send(ctx context.Context) error {
	messages, err := r.sender.Send(ctx)
	r.report.Messages += messages
	if err != nil {
		r.sent.Messages = r.report.Messages
		return err
	}
	r.sent = r.report
	return r.sender.Save(r.sent)
}
