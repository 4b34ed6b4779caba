package batcher

import (
	"context"
	"fmt"
)

// fate is what became of a person in this run.
type fate uint8

const (
	// settled: rejected, held, resolved to nothing, or not there for Okta to deactivate.
	settled fate = iota
	// loaded: Okta accepted the load the person is in.
	loaded
	// returned: goes back to the queue, to be taken along another time.
	returned
	// suspected: goes back marked, since a load with the person was refused.
	suspected
	// repeated: a deactivation of somebody whom Okta does not know is said once more later.
	repeated
)

// acknowledge ends the run's work on its messages, once each of their people is watched, rejected, held or resolved to
// nothing, or has gone back in a message of its own. Messages none of whose people was taken along go back untouched.
func (r *run) acknowledge(ctx context.Context) error {
	fates := make(map[string]fate, len(r.people))
	for i := range r.people {
		fates[r.people[i].intent.ExternalID] = r.people[i].fate
	}
	untouched := func(d delivery) bool {
		for i := range d.message.Intents {
			if fates[d.message.Intents[i].ExternalID] != returned {
				return false
			}
		}
		return true
	}
	if err := r.sendBack(ctx, untouched); err != nil {
		return err
	}
	// Before the messages go, since nothing would bring the people here again.
	if err := r.clear(ctx); err != nil {
		return err
	}
	// Until they are deleted they are the inbox's, so that an error gives them back.
	var done []string
	for _, d := range r.inbox.deliveries {
		if !untouched(d) {
			done = append(done, d.Receipt)
		}
	}
	if err := r.Queue.Delete(ctx, done); err != nil {
		return fmt.Errorf("acknowledge messages: %w", err)
	}
	r.inbox.keepOnly(untouched)
	r.count()
	return nil
}

// clear removes the rejects of people of whom this run knew better, and the held entries of those who were told to Okta,
// since they are active again or an operator let them out, or who are rejected now: the last decision stands. An intent
// that came to nothing tells nothing. Entries written since the run began are newer than what it knows, and stay.
func (r *run) clear(ctx context.Context) error {
	var gone []Entry
	for i := range r.people {
		p := &r.people[i]
		if p.action == actNothing || p.fate == returned || p.fate == suspected {
			continue
		}
		if e, there := r.heldBefore[p.intent.ExternalID]; there && p.action != actHold {
			gone = append(gone, e)
		}
		if p.action == actReject {
			continue
		}
		if e, there := r.rejectsBefore[personRejectID(p.intent.ExternalID)]; there {
			gone = append(gone, e)
		}
		for _, key := range p.intent.Keys {
			if e, there := r.rejectsBefore[keyRejectID(key)]; there {
				gone = append(gone, e)
			}
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if err := r.Control.store.Delete(ctx, gone); err != nil {
		return fmt.Errorf("clear rejects and held people: %w", err)
	}
	return nil
}

// count sums up the people for the report.
func (r *run) count() {
	for i := range r.people {
		p := &r.people[i]
		switch {
		case p.action == actReject:
			r.report.Rejected++
		case p.action == actHold:
			r.report.Held++
		case p.fate == returned || p.fate == suspected:
			r.report.Returned++
		case p.fate == loaded && p.action == actUpsert:
			r.report.Upserted++
		case p.fate == loaded || p.fate == repeated:
			r.report.Deactivated++
		default:
			r.report.Nothings++
		}
	}
}
