package aws

import (
	"rollcall/batcher"
)

// flusher puts the flusher together over the other parts.
func (p *Parts) flusher(o Options) *batcher.Flusher {
	cfg := p.Config
	timing := batcher.DefaultTiming()
	timing.Quiet, timing.Gather = cfg.Gather.Quiet, cfg.Gather.Max
	var lane *batcher.UrgentLane
	if p.Urgent != nil {
		lane = &batcher.UrgentLane{Queue: p.Urgent, PerMinute: cfg.Urgent.PerMinute}
	}
	return &batcher.Flusher{
		Queue: p.Intents, Urgent: lane, Table: p.Table, Control: p.Control, Okta: p.Okta, Mapping: p.Mapping,
		Indexed:   cfg.ExternalIDIndex != "",
		Guard:     batcher.GuardLimits{Min: cfg.Guard.Min, Percent: cfg.Guard.Percent, People: int64(cfg.Guard.People)},
		Protected: cfg.ProtectedIDs(),
		Timing:    timing,
		Log:       o.Log,
		Name:      p.Name,
		Observe:   o.Observe,
	}
}
