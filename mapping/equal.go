package mapping

import "bytes"

// Equal reports that both items, read through the same mapping, are of the same person in the same state: externalId,
// match, activity and profile come out the same. Items that cannot be mapped are only equal if what is read of them is.
func (v *View) Equal(w *View) bool {
	for _, c := range v.m.compared {
		if !v.sameInputs(w, c) && !v.sameText(w, c) {
			return false
		}
	}
	return true
}

func (v *View) sameInputs(w *View, c *column) bool {
	for _, slot := range c.reads {
		a, b := v.values[slot], w.values[slot]
		if a.kind != b.kind || !bytes.Equal(a.raw, b.raw) {
			return false
		}
	}
	return true
}

func (v *View) sameText(w *View, c *column) bool {
	a, err := v.text(c)
	if err != nil {
		return false
	}
	b, err := w.text(c)
	return err == nil && bytes.Equal(a, b)
}
