package mapping

import "slices"

// Check loads an item and returns everything for which it would be rejected, where Load and Person stop at the first: the
// attributes that cannot be read, and the rules broken by what can be made without them. Of an item that is nobody's, or a
// leaver's, the profile is not looked at.
func (v *View) Check(item []byte) (problems []error) {
	v.reset()
	var unread []int
	err := v.load(item, func(slot int, err error) error {
		unread = append(unread, slot)
		problems = append(problems, err)
		return nil
	})
	if err != nil {
		clear(v.values)
		return append(problems, err)
	}
	// made is true of a column that could be made, or not for reasons of its own.
	made := func(c *column) bool {
		return !slices.ContainsFunc(c.reads, func(slot int) bool { return slices.Contains(unread, slot) })
	}
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	if made(v.m.match) {
		matches, err := v.Matches()
		if err == nil && !matches {
			return problems
		}
		note(err)
	}
	if made(v.m.externalID) {
		_, err := v.externalID()
		note(err)
	}
	if made(v.m.active) {
		active, err := v.Active()
		if err == nil && !active {
			return problems
		}
		note(err)
	}
	for _, c := range v.m.profile {
		if made(c) {
			_, err := v.checked(c)
			note(err)
		}
	}
	return problems
}
