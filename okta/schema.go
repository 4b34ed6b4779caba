package okta

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
)

// Attribute is an attribute of the profile that the identity source's app has of each user.
type Attribute struct {
	Name  string
	Title string
	// Type is string for all that an identity source can load; also boolean, number, integer and array exist.
	Type string
	// ExternalName is the attribute's name in uploads; empty is Name.
	ExternalName string
	Required     bool
	// MinLength and MaxLength are in characters; 0 is no limit.
	MinLength, MaxLength int
	// Custom is false for the attributes that each such app has.
	Custom bool
}

// UploadName is the name by which uploads give the attribute: its external name, but for those that each app has, which
// are uploaded by the names that Okta documents.
func (a Attribute) UploadName() string {
	if a.Custom {
		return cmp.Or(a.ExternalName, a.Name)
	}
	return a.Name
}

// AppSchema returns the attributes that the app's profile schema declares, in order of their names. Scope:
// okta.schemas.read.
func (c *Client) AppSchema(ctx context.Context) ([]Attribute, error) {
	return c.schemaCall(ctx, c.orgCall("get app schema", familySchemas, http.MethodGet, c.schemaPath(), nil))
}

// DeclareAttributes adds custom attributes to the app's profile schema, or changes those that exist, and returns the
// schema as it is then. Doing it twice does no harm. Scope: okta.schemas.manage.
func (c *Client) DeclareAttributes(ctx context.Context, attributes []Attribute) ([]Attribute, error) {
	const op = "extend app schema"
	properties := map[string]wireAttribute{}
	for _, a := range attributes {
		if a.Name == "" || a.Title == "" || a.Type == "" {
			return nil, invalid(op, "attribute %q has no name, title or type", a.Name)
		}
		properties[a.Name] = wireAttribute{Title: a.Title, Type: a.Type, ExternalName: cmp.Or(a.ExternalName, a.Name),
			MinLength: a.MinLength, MaxLength: a.MaxLength}
	}
	if len(properties) == 0 {
		return nil, invalid(op, "no attributes")
	}
	var body wireSchema
	body.Definitions.Custom = &wireAttributes{ID: "#custom", Type: "object", Properties: properties}
	k := c.orgCall(op, familySchemas, http.MethodPost, c.schemaPath(), nil)
	var err error
	if k.body, err = json.Marshal(body); err != nil {
		return nil, invalid(op, "%w", err)
	}
	return c.schemaCall(ctx, k)
}

func (c *Client) schemaPath() string { return "/meta/schemas/apps/" + c.source + "/default" }

func (c *Client) schemaCall(ctx context.Context, k call) ([]Attribute, error) {
	var schema wireSchema
	k.read = func(body []byte) error {
		schema = wireSchema{}
		if err := json.Unmarshal(body, &schema); err != nil {
			return err
		}
		if schema.Definitions.Base == nil && schema.Definitions.Custom == nil {
			return errors.New("the schema has no definitions")
		}
		return nil
	}
	if _, err := c.do(ctx, k); err != nil {
		return nil, err
	}
	attributes := append(schema.Definitions.Base.list(false), schema.Definitions.Custom.list(true)...)
	slices.SortFunc(attributes, func(a, b Attribute) int { return cmp.Compare(a.Name, b.Name) })
	return attributes, nil
}

type wireSchema struct {
	Definitions struct {
		Base   *wireAttributes `json:"base,omitempty"`
		Custom *wireAttributes `json:"custom,omitempty"`
	} `json:"definitions"`
}

type wireAttributes struct {
	ID         string                   `json:"id,omitempty"`
	Type       string                   `json:"type,omitempty"`
	Properties map[string]wireAttribute `json:"properties"`
	Required   []string                 `json:"required,omitempty"`
}

type wireAttribute struct {
	Title        string `json:"title"`
	Type         string `json:"type"`
	ExternalName string `json:"externalName,omitempty"`
	Required     bool   `json:"required,omitempty"`
	MinLength    int    `json:"minLength,omitempty"`
	MaxLength    int    `json:"maxLength,omitempty"`
}

func (w *wireAttributes) list(custom bool) []Attribute {
	if w == nil {
		return nil
	}
	var list []Attribute
	for name, a := range w.Properties {
		list = append(list, Attribute{Name: name, Title: a.Title, Type: a.Type, ExternalName: cmp.Or(a.ExternalName, name),
			Required: a.Required || slices.Contains(w.Required, name), MinLength: a.MinLength, MaxLength: a.MaxLength, Custom: custom})
	}
	return list
}
