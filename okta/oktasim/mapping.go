package oktasim

import (
	"net/http"
	"regexp"
)

// mappedProperty is how an attribute of the Okta user comes by its value.
type mappedProperty struct {
	Expression string `json:"expression"`
	PushStatus string `json:"pushStatus"`
}

// mapped sets a property of the mapping, or removes it where it is nil.
type mapped struct {
	Name     string          `json:"name"`
	Property *mappedProperty `json:"property"`
}

var appAttribute = regexp.MustCompile(`\bappuser\.([A-Za-z_][A-Za-z0-9_]*)`)

// mappingID is the id of the one mapping, from the app's user to the Okta user.
func (s *Server) mappingID() string { return newID(s.config.Seed, "prm", 1) }

// mapping is what the org was set up with, every attribute to the one of its name, and what was changed since. The login is
// not in it, as long as nobody overrides the app's Okta username format.
func (s *Server) mapping() map[string]*mappedProperty {
	properties := map[string]*mappedProperty{}
	for name := range standard {
		if name != "userName" && name != "homeAddress" {
			properties[name] = &mappedProperty{"appuser." + name, "PUSH"}
		}
	}
	for _, name := range s.config.DeclaredAttributes {
		properties[name] = &mappedProperty{"appuser." + name, "PUSH"}
	}
	for name, p := range s.mapped {
		if p == nil {
			delete(properties, name)
		} else {
			properties[name] = p
		}
	}
	return properties
}

// mappingBody is the mapping; lists have it without its properties.
type mappingBody struct {
	ID         string                     `json:"id"`
	Source     mappingEnd                 `json:"source"`
	Target     mappingEnd                 `json:"target"`
	Properties map[string]*mappedProperty `json:"properties,omitempty"`
}

type mappingEnd struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"`
}

func (s *Server) mappingBody() mappingBody {
	return mappingBody{
		ID:     s.mappingID(),
		Source: mappingEnd{s.config.IdentitySourceID, appName, "appuser"},
		Target: mappingEnd{newID(s.config.Seed, "otp", 1), "user", "user"},
	}
}

func (s *Server) listMappings(c *call) (*answer, *refusal) {
	m := s.mappingBody()
	list := []mappingBody{}
	source, target := c.query.Get("sourceId"), c.query.Get("targetId")
	if (source == "" || source == m.Source.ID) && (target == "" || target == m.Target.ID) {
		list = append(list, m)
	}
	return answerJSON(http.StatusOK, list), nil
}

func (s *Server) getMapping(c *call) (*answer, *refusal) {
	m := s.mappingBody()
	if c.vars["mapping"] != m.ID {
		return nil, notFound(c.vars["mapping"], "ProfileMapping")
	}
	m.Properties = s.mapping()
	return answerJSON(http.StatusOK, m), nil
}

// updateMapping sets the properties that the body names and removes those it gives as null. The others stay.
func (s *Server) updateMapping(c *call) (*answer, *refusal) {
	if c.vars["mapping"] != s.mappingID() {
		return nil, notFound(c.vars["mapping"], "ProfileMapping")
	}
	var body struct {
		Properties map[string]*mappedProperty `json:"properties"`
	}
	if !decode(c.body, &body) {
		return nil, malformed()
	}
	var problems []string
	for _, name := range sortedKeys(body.Properties) {
		p := body.Properties[name]
		switch {
		case p == nil:
		case p.Expression == "":
			problems = append(problems, name+".expression: The field cannot be left blank")
		case p.PushStatus != "PUSH" && p.PushStatus != "DONT_PUSH":
			problems = append(problems, name+".pushStatus: The value must be PUSH or DONT_PUSH")
		default:
			problems = append(problems, s.unknownAttributes(name, p.Expression)...)
		}
	}
	if len(problems) > 0 {
		return nil, invalid("properties", problems...)
	}
	for _, name := range sortedKeys(body.Properties) {
		s.do(change{Mapped: &mapped{name, body.Properties[name]}})
	}
	return s.getMapping(c)
}

// unknownAttributes are those of an expression that the app's profile does not have.
func (s *Server) unknownAttributes(name, expression string) []string {
	var problems []string
	for _, found := range appAttribute.FindAllStringSubmatch(expression, -1) {
		if _, isStandard := standard[found[1]]; !isStandard && s.custom()[found[1]] == nil {
			problems = append(problems, name+".expression: The property "+found[1]+" does not exist in the app's profile")
		}
	}
	return problems
}
