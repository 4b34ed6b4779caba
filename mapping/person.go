package mapping

// Person is what an item becomes.
type Person struct {
	ExternalID string
	Active     bool
	// Profile is Okta's profile as a JSON object; nil of a person who is not active, of whom Okta is told the ID alone.
	Profile []byte
}

// Person maps the item. The profile of a person who is not active is not looked at: a leaver leaves however wrong it is.
func (v *View) Person() (Person, error) {
	var p Person
	var err error
	if p.ExternalID, err = v.ExternalID(); err != nil {
		return Person{}, err
	}
	if p.Active, err = v.Active(); err != nil {
		return Person{}, err
	}
	if !p.Active {
		return p, nil
	}
	if p.Profile, err = v.AppendProfile(nil); err != nil {
		return Person{}, err
	}
	return p, nil
}

// ExternalID returns the person's ID: 1 to 512 characters, none of them a control character.
func (v *View) ExternalID() (string, error) {
	id, err := v.externalID()
	return string(id), err
}

// AppendExternalID appends what ExternalID returns.
func (v *View) AppendExternalID(dst []byte) ([]byte, error) {
	id, err := v.externalID()
	return append(dst, id...), err
}

func (v *View) externalID() ([]byte, error) {
	c := v.m.externalID
	for _, p := range c.parts {
		if p.slot >= 0 && v.values[p.slot].isEmpty() {
			return nil, &RuleError{c.name, isAbsent}
		}
	}
	id, err := v.text(c)
	if err != nil {
		return nil, err
	}
	if len(id) == 0 {
		return nil, &RuleError{c.name, isAbsent}
	}
	if broken := externalIDRule.check(id); broken != "" {
		return nil, &RuleError{c.name, broken}
	}
	return id, nil
}

// Matches reports that the item is a person's. Absent is no; anything but a boolean or its words is a *RuleError.
func (v *View) Matches() (bool, error) { return v.holds(v.m.match) }

// Protected reports that a condition of Spec.Protect holds.
func (v *View) Protected() (bool, error) {
	for _, c := range v.m.protect {
		if holds, err := v.holds(c); holds || err != nil {
			return holds, err
		}
	}
	return false, nil
}

func (v *View) holds(c *column) (bool, error) {
	text, err := v.text(c)
	if err != nil || len(text) == 0 {
		return false, err
	}
	holds, ok := parseWord(text)
	if !ok {
		return false, &RuleError{c.name, wordRule}
	}
	return holds, nil
}

// Active reports that the person is active. Absent, or anything but a boolean or its words, is a *RuleError and must not
// be taken for a person who left.
func (v *View) Active() (bool, error) {
	c := v.m.active
	text, err := v.text(c)
	if err != nil {
		return false, err
	}
	if len(text) == 0 {
		return false, &RuleError{c.name, isAbsent}
	}
	active, ok := parseWord(text)
	if !ok {
		return false, &RuleError{c.name, wordRule}
	}
	return active, nil
}
