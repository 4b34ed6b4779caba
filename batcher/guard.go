package batcher

import "fmt"

// GuardLimits is the brake on mass deactivation.
type GuardLimits struct {
	// Min is the number of deactivations in 24 h that always pass.
	Min int
	// Percent of People is the number that passes where that is more than Min.
	Percent float64
	People  int64
}

// Limit returns how many people may be deactivated in 24 h before the next are held.
func (g GuardLimits) Limit() int {
	return max(g.Min, int(float64(g.People)*g.Percent/100))
}

// recent is what the guard knows of the past: who was deactivated in the last 24 h, without an operator's approval and
// with it, and whether anybody is held now.
type recent struct {
	deactivated, approved map[string]bool
	anybodyHeld           bool
}

// guard turns deactivations that must not pass into rejects (protected people) and holds (too many at once, or anybody
// held already). Approved deactivations pass and do not count; a person deactivated already within the 24 h, approved
// or not, does not count again. It returns the reason for holding, empty when nobody was held.
func guard(people []person, limits GuardLimits, past recent) string {
	fresh := 0
	for i := range people {
		p := &people[i]
		if p.action != actDeactivate {
			continue
		}
		if p.protected {
			p.action, p.reason = actReject, "protected by guard.protect: never deactivated"
			continue
		}
		if id := p.intent.ExternalID; !p.intent.Approved && !past.deactivated[id] && !past.approved[id] {
			fresh++
		}
	}
	reason := past.reason(fresh, limits.Limit())
	if reason == "" {
		return ""
	}
	held := false
	for i := range people {
		p := &people[i]
		if p.action == actDeactivate && !p.intent.Approved {
			p.action, p.reason, held = actHold, reason, true
		}
	}
	if !held {
		return ""
	}
	return reason
}

// reason returns why deactivations are held of which so many are fresh, empty if they pass.
func (past recent) reason(fresh, limit int) string {
	switch total := fresh + len(past.deactivated); {
	case past.anybodyHeld:
		return "other deactivations are held"
	case fresh > 0 && total > limit:
		return fmt.Sprintf("%d deactivations in 24 h exceed the guard's %d", total, limit)
	}
	return ""
}
