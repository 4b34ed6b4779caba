package mapping

import "github.com/go-json-experiment/json/jsontext"

// AppendProfile appends the item's profile as a JSON object, attributes sorted by name, all of them strings or null,
// without white space and escaped no more than JSON needs. A value that Okta would refuse is a *RuleError, and dst is
// returned as it was.
func (v *View) AppendProfile(dst []byte) ([]byte, error) {
	profile := append(dst, '{')
	first := len(profile)
	for _, c := range v.m.profile {
		text, err := v.checked(c)
		if err != nil {
			return dst, err
		}
		if len(text) == 0 && (v.m.omitAbsent || c.rule.notNull) {
			continue
		}
		if len(profile) > first {
			profile = append(profile, ',')
		}
		profile = append(profile, c.prefix...)
		if len(text) == 0 {
			profile = append(profile, "null"...)
			continue
		}
		if profile, err = jsontext.AppendQuote(profile, text); err != nil {
			return dst, &RuleError{c.name, notUTF8}
		}
	}
	return append(profile, '}'), nil
}

// checked returns the text of a profile's column, or what Okta would refuse of it.
func (v *View) checked(c *column) ([]byte, error) {
	text, err := v.text(c)
	if err != nil {
		return nil, err
	}
	if len(text) == 0 && c.rule.required {
		return nil, &RuleError{c.name, isAbsent}
	}
	if broken := c.rule.check(text); broken != "" {
		return nil, &RuleError{c.name, broken}
	}
	return text, nil
}
