package batcher

import "github.com/sirupsen/logrus"

// observed ends a flush in observe-only mode: it logs what the loads would have told Okta. The messages come back, so
// that nothing is lost when the flusher is set to work.
func (r *run) observed() error {
	for i := range r.people {
		p := &r.people[i]
		if p.action == actUpsert || p.action == actDeactivate {
			p.fate = loaded
		}
		if r.Log.Logger.IsLevelEnabled(logrus.DebugLevel) {
			r.Log.WithField("person", r.name(p.intent.ExternalID)).WithField("would", p.action.String()).
				WithField("reason", p.reason).Debug("person observed")
		}
	}
	r.count()
	return r.stop(Observed)
}

// name is what may be logged of an externalId.
func (f *Flusher) name(externalID string) string {
	if f.Name == nil {
		return ""
	}
	return f.Name(externalID)
}
