package emf

import streamhandler "rollcall/stream-handler"

// Handled writes what a batch of stream records was: Records, IntentsUpsert, IntentsDeactivate, Ignored, Rejects,
// TTLDeletes and Messages, and MessagesFailed, those that the queues did not take.
func (w *Writer) Handled(r streamhandler.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.write([2]string{},
		counted("Records", r.Records),
		counted("IntentsUpsert", r.Upserts),
		counted("IntentsDeactivate", r.Deactivations),
		counted("Ignored", r.Ignored),
		counted("Rejects", r.Rejects),
		counted("TTLDeletes", r.TTLDeletes),
		counted("Messages", r.Messages+r.UrgentMessages),
		counted("MessagesFailed", r.Failed+r.UrgentFailed),
	)
}
