package oktasim

import (
	"net/http"
	"regexp"
	"slices"
)

// property is a custom attribute of the app's profile schema.
type property struct {
	Title        string `json:"title"`
	Type         string `json:"type"`
	ExternalName string `json:"externalName,omitempty"`
	Description  string `json:"description,omitempty"`
	Scope        string `json:"scope,omitempty"`
	// MinLength and MaxLength are in characters, 0 for no limit. Like the limits of the Okta user they are checked during
	// the import.
	MinLength int `json:"minLength,omitempty"`
	MaxLength int `json:"maxLength,omitempty"`
}

// declared sets a custom attribute, or removes it where the property is nil.
type declared struct {
	Name     string    `json:"name"`
	Property *property `json:"property"`
}

var (
	attributeName  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	attributeTypes = []string{"string", "boolean", "number", "integer", "array"}
)

// custom are the custom attributes: those that the org was set up with, and what was changed since.
func (s *Server) custom() map[string]*property {
	custom := map[string]*property{}
	for _, name := range s.config.DeclaredAttributes {
		custom[name] = &property{Title: name, Type: "string", ExternalName: name, Scope: "NONE"}
	}
	for name, p := range s.attributes {
		if p == nil {
			delete(custom, name)
		} else {
			custom[name] = p
		}
	}
	return custom
}

func (s *Server) getSchema(c *call) (*answer, *refusal) {
	base, required := map[string]any{}, []string{}
	for _, name := range sortedKeys(standard) {
		a := standard[name]
		p := map[string]any{"title": name, "type": "string", "externalName": name, "maxLength": a.max, "scope": "NONE"}
		if a.min > 0 {
			p["minLength"] = a.min
		}
		if a.required {
			p["required"] = true
			required = append(required, name)
		}
		base[name] = p
	}
	reference := func(name string) map[string]string { return map[string]string{"$ref": "#/definitions/" + name} }
	return answerJSON(http.StatusOK, map[string]any{
		"id": c.scheme + "://" + c.host + c.path, "$schema": "http://json-schema.org/draft-04/schema#",
		"name": appName, "title": "Custom Identity Source User", "type": "object",
		"definitions": map[string]any{
			"base":   map[string]any{"id": "#base", "type": "object", "properties": base, "required": required},
			"custom": map[string]any{"id": "#custom", "type": "object", "properties": s.custom(), "required": []string{}},
		},
		"properties": map[string]any{"profile": map[string]any{"allOf": []any{reference("custom"), reference("base")}}},
	}), nil
}

// updateSchema sets the custom attributes that the body names and removes those it gives as null. The others stay.
func (s *Server) updateSchema(c *call) (*answer, *refusal) {
	var body struct {
		Definitions struct {
			Custom struct {
				Properties map[string]*property `json:"properties"`
			} `json:"custom"`
		} `json:"definitions"`
	}
	if !decode(c.body, &body) {
		return nil, malformed()
	}
	given := body.Definitions.Custom.Properties
	var problems []string
	for _, name := range sortedKeys(given) {
		p := given[name]
		_, isStandard := standard[name]
		switch {
		case isStandard || !attributeName.MatchString(name):
			problems = append(problems, name+": The name is not valid for a custom attribute")
		case p == nil:
		case p.Title == "":
			problems = append(problems, name+".title: The field cannot be left blank")
		case !slices.Contains(attributeTypes, p.Type):
			problems = append(problems, name+".type: The type is not supported")
		case s.custom()[name] != nil && s.custom()[name].Type != p.Type:
			problems = append(problems, name+".type: The type of an attribute cannot be changed")
		}
	}
	if len(problems) > 0 {
		return nil, invalid("definitions.custom.properties", problems...)
	}
	for _, name := range sortedKeys(given) {
		p := given[name]
		if p != nil && p.Scope == "" {
			p.Scope = "NONE"
		}
		s.do(change{Declared: &declared{name, p}})
	}
	return s.getSchema(c)
}
