package explain

import (
	"context"
	"regexp"
	"slices"
	"time"

	"rollcall/intent"
)

// control reads what the control table has of a person, and returns the keys under which it knows of them.
func (x Explainer) control(ctx context.Context, externalID string, c *Control) (keys []intent.Key, err error) {
	state, err := x.Control.State(ctx)
	if err != nil {
		return nil, err
	}
	c.Paused, c.ObserveOnly = state.Paused, state.ObserveOnly
	if time.Now().Before(state.NextTry) {
		c.NextTry = state.NextTry
	}
	held, err := x.Control.Held(ctx)
	if err != nil {
		return nil, err
	}
	for _, h := range held {
		if h.Intent.ExternalID == externalID {
			c.Held = &Waiting{Since: h.Since, Reason: h.Reason}
			keys = append(keys, h.Intent.Keys...)
		}
	}
	watches, err := x.Control.Watches(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range watches {
		i := slices.IndexFunc(w.Intents, func(in intent.Intent) bool { return in.ExternalID == externalID })
		if i >= 0 {
			c.Watched = append(c.Watched, Watched{Session: w.Session, Triggered: w.Triggered})
			keys = append(keys, w.Intents[i].Keys...)
		}
	}
	deactivated, err := x.Control.Deactivated(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range deactivated {
		if d.ExternalID == externalID {
			c.Deactivated = &d
		}
	}
	keys, err = x.rejects(ctx, externalID, keys, c)
	if err != nil {
		return nil, err
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}

// rejects adds the rejects of a person, and of the items under which they may be.
func (x Explainer) rejects(ctx context.Context, externalID string, keys []intent.Key, c *Control) ([]intent.Key, error) {
	found, err := x.Flusher.Table.Find(ctx, externalID)
	if err != nil {
		return nil, err
	}
	keys = append(keys, found...)
	rejects, err := x.Control.Rejects(ctx)
	if err != nil {
		return nil, err
	}
	for _, r := range rejects {
		if r.ExternalID == externalID || r.ExternalID == "" && slices.Contains(keys, r.Key) {
			c.Rejects = append(c.Rejects, Waiting{Since: r.At, Reason: r.Reason})
			if r.Key != "" {
				keys = append(keys, r.Key)
			}
		}
	}
	return keys, nil
}

// aHash is the form of a keyed hash.
var aHash = regexp.MustCompile(`^[0-9a-f]{20}$`)

// IsHash reports that a text has the form of a keyed hash. An externalId may have it too.
func IsHash(text string) bool { return aHash.MatchString(text) }

// Who returns the externalId that is meant by what an operator says: an externalId, or the hash of one that the control
// table knows, as lists and logs show it. A hash of nobody known is returned as it is.
func (x Explainer) Who(ctx context.Context, said string) (externalID string, err error) {
	if !aHash.MatchString(said) {
		return said, nil
	}
	var known []string
	held, err := x.Control.Held(ctx)
	if err != nil {
		return "", err
	}
	for _, h := range held {
		known = append(known, h.Intent.ExternalID)
	}
	rejects, err := x.Control.Rejects(ctx)
	if err != nil {
		return "", err
	}
	for _, r := range rejects {
		known = append(known, r.ExternalID)
	}
	watches, err := x.Control.Watches(ctx)
	if err != nil {
		return "", err
	}
	for _, w := range watches {
		for i := range w.Intents {
			known = append(known, w.Intents[i].ExternalID)
		}
	}
	deactivated, err := x.Control.Deactivated(ctx)
	if err != nil {
		return "", err
	}
	for _, d := range deactivated {
		known = append(known, d.ExternalID)
	}
	for _, id := range known {
		if id != "" && x.Hash(id) == said {
			return id, nil
		}
	}
	return said, nil
}
