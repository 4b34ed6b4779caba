package oktasim

import (
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"unicode/utf8"
)

// attribute is what the published schema says of an attribute: lengths in characters.
type attribute struct {
	min, max                  int
	required, nullable, email bool
}

// standard are the attributes of every Custom Identity Source app, with the limits of Okta's OpenAPI document. They are
// checked when a load comes in; one value over them refuses the load.
var standard = map[string]attribute{
	"userName":    {min: 1, max: 100, required: true},
	"email":       {min: 5, max: 100, required: true, email: true},
	"secondEmail": {min: 5, max: 100, email: true},
	"firstName":   {min: 1, max: 50, nullable: true},
	"lastName":    {min: 1, max: 50, nullable: true},
	"mobilePhone": {max: 100, nullable: true},
	"homeAddress": {max: 4096, nullable: true},
}

// target are the limits of the Okta user profile that the attributes are pushed to. They are checked during the import;
// a value over them fails its person and nobody else.
var target = []struct {
	name string
	max  int
}{
	{"countryCode", 2}, {"city", 128}, {"state", 128}, {"zipCode", 50},
	{"streetAddress", 1024}, {"primaryPhone", 100}, {"title", 100}, {"displayName", 256},
}

const maxExternalID = 512

// checkExternalID returns the id that v is, and what is wrong with it if anything.
func checkExternalID(v any) (id, problem string) {
	id, ok := v.(string)
	switch {
	case v == nil || ok && id == "":
		return "", "externalId: The field cannot be left blank"
	case !ok:
		return "", "externalId: The field must be a string"
	case utf8.RuneCountInString(id) > maxExternalID:
		return "", fmt.Sprintf("externalId: The field cannot be longer than %d characters", maxExternalID)
	}
	return id, ""
}

// checkProfile reads a profile as it came, and returns everything that is wrong with it. Only a partial one may lack
// required attributes. An empty profile passes: it makes an empty user.
func (s *Server) checkProfile(v any, custom map[string]*property, partial bool) (profile, []string) {
	attributes, ok := v.(map[string]any)
	if !ok {
		return nil, []string{"profile: The field must be an object"}
	}
	p := make(profile, len(attributes))
	var problems []string
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		value, isString := attributes[name].(string)
		limit, isStandard := standard[name]
		switch {
		case !isStandard && custom[name] == nil:
			problems = append(problems, name+": The attribute is not declared in the profile schema of the app")
		case !isStandard && custom[name].Type != "string":
			problems = append(problems, name+": The attribute is declared as "+custom[name].Type+", not as string")
		case attributes[name] == nil:
			if isStandard && !limit.nullable || !isStandard && s.config.RefuseNullCustom {
				problems = append(problems, name+": The field cannot be null")
			}
			p[name] = nil
		case !isString:
			problems = append(problems, name+": The field must be a string")
		default:
			if isStandard {
				problems = append(problems, limit.check(name, value)...)
			}
			p[name] = &value
		}
	}
	if !partial && len(attributes) > 0 {
		for _, name := range []string{"userName", "email"} {
			if _, ok := attributes[name]; !ok {
				problems = append(problems, name+": The field cannot be left blank")
			}
		}
	}
	return p, problems
}

func (a attribute) check(name, value string) []string {
	switch n := utf8.RuneCountInString(value); {
	case n > a.max:
		return []string{fmt.Sprintf("%s: The field cannot be longer than %d characters", name, a.max)}
	case n < a.min:
		return []string{fmt.Sprintf("%s: The field cannot be shorter than %d characters", name, a.min)}
	}
	if a.email {
		if parsed, err := mail.ParseAddress(value); err != nil || parsed.Address != value {
			return []string{name + ": The field must be in the form of an email address"}
		}
	}
	return nil
}

// overTarget names the first value that the Okta user profile, or the length declared for an attribute, does not take;
// empty if there is none.
func (s *Server) overTarget(p profile) string {
	for _, limit := range target {
		if value := p[limit.name]; value != nil && utf8.RuneCountInString(*value) > limit.max {
			return fmt.Sprintf("%s: String is too long, it must not be longer than %d characters", limit.name, limit.max)
		}
	}
	for _, name := range sortedKeys(s.attributes) {
		declared, value := s.attributes[name], p[name]
		if declared == nil || value == nil {
			continue
		}
		switch n := utf8.RuneCountInString(*value); {
		case declared.MaxLength > 0 && n > declared.MaxLength:
			return fmt.Sprintf("%s: String is too long, it must not be longer than %d characters", name, declared.MaxLength)
		case n < declared.MinLength:
			return fmt.Sprintf("%s: String is too short, it must not be shorter than %d characters", name, declared.MinLength)
		}
	}
	return ""
}
