package batcher

import (
	"slices"

	"rollcall/intent"
)

// Coalesce joins the intents of each externalId into one, in the order in which the people first appear: every key the
// person was seen under, a deactivation if any intent is one, approved if any is, protected if any is, said again only
// if all are, the highest counts, the oldest change. The order of the intents of one person does not matter, since
// resolve reads the table.
func Coalesce(intents []intent.Intent) []intent.Intent {
	at := make(map[string]int, len(intents))
	joined := make([]intent.Intent, 0, len(intents))
	for _, in := range intents {
		i, seen := at[in.ExternalID]
		if !seen {
			at[in.ExternalID] = len(joined)
			in.Keys = union(nil, in.Keys)
			joined = append(joined, in)
			continue
		}
		joined[i] = join(joined[i], in)
	}
	return joined
}

func join(a, b intent.Intent) intent.Intent {
	if b.Kind == intent.Deactivate {
		a.Kind = intent.Deactivate
	}
	a.Keys = union(a.Keys, b.Keys)
	if a.Changed.IsZero() || !b.Changed.IsZero() && b.Changed.Before(a.Changed) {
		a.Changed = b.Changed
	}
	a.Approved = a.Approved || b.Approved
	a.Protected = a.Protected || b.Protected
	a.Again = a.Again && b.Again
	a.Attempt = max(a.Attempt, b.Attempt)
	a.Suspect = max(a.Suspect, b.Suspect)
	return a
}

// union returns the keys of both, sorted, each once. It never writes into its arguments.
func union(a, b []intent.Key) []intent.Key {
	if len(a) == 1 && len(b) == 1 && a[0] == b[0] {
		return a
	}
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
