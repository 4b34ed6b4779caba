package okta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"sync"
)

// ProfileMapping says how profiles of one kind are made from those of another.
type ProfileMapping struct {
	ID     string     `json:"id"`
	Source MappingEnd `json:"source"`
	Target MappingEnd `json:"target"`
	// Properties are the target's attributes that are mapped, by name.
	Properties map[string]MappedProperty `json:"properties"`
}

// MappingEnd is one side of a mapping.
type MappingEnd struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Type is appuser for an app's profile, user for the Okta user's.
	Type string `json:"type"`
}

// MappedProperty is how an attribute of the target gets its value.
type MappedProperty struct {
	// Expression is in Okta's expression language: appuser.title.
	Expression string `json:"expression"`
	// PushStatus is PushAlways or PushOnCreate.
	PushStatus string `json:"pushStatus"`
}

// appAttribute finds the attributes of the app's profile in an expression. It is compiled when it is first needed: a
// function that starts has no use for it.
var appAttribute = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\bappuser\.([A-Za-z_][A-Za-z0-9_]*)`) })

// Reads tells whether the expression has this attribute of the app's profile in it, by its Name.
func (p MappedProperty) Reads(attribute string) bool {
	found := appAttribute().FindAllStringSubmatch(p.Expression, -1)
	return slices.ContainsFunc(found, func(m []string) bool { return m[1] == attribute })
}

const (
	// PushAlways applies a property when a user is created and whenever one is updated.
	PushAlways = "PUSH"
	// PushOnCreate applies a property only when a user is created.
	PushOnCreate = "DONT_PUSH"
)

// ByFormat tells whether an attribute of the app's profile goes on by the app's Okta username format, which no API tells,
// and so needs no property. That is so for the user name unless the mapping has a login ("Override with mapping").
func (m ProfileMapping) ByFormat(attribute string) bool {
	_, overridden := m.Properties["login"]
	return attribute == "userName" && !overridden
}

// mappingsPage is how many mappings a page has, the most that Okta allows.
const mappingsPage = 200

// errNoMapping is returned where the app has no mapping to the Okta user.
var errNoMapping = fmt.Errorf("%w: the app has no mapping to the Okta user: open its profile mappings in the Admin Console once and save them",
	ErrMisconfigured)

// ToOktaMapping returns the mapping from the identity source's app to the Okta user, in two calls. Scope:
// okta.profileMappings.read.
func (c *Client) ToOktaMapping(ctx context.Context) (ProfileMapping, error) {
	const op = "find profile mapping"
	query := url.Values{"sourceId": {c.source}, "limit": {fmt.Sprint(mappingsPage)}}
	for m, err := range pages[ProfileMapping](ctx, c, c.orgCall(op, familyMappings, http.MethodGet, "/mappings", query)) {
		switch {
		case err != nil:
			return ProfileMapping{}, err
		case m.Source.ID == c.source && m.Target.Type == "user":
			return c.mappingCall(ctx, c.mappingPath("get profile mapping", http.MethodGet, m.ID))
		}
	}
	return ProfileMapping{}, fmt.Errorf("%s: %w", op, errNoMapping)
}

// MapProperties adds properties to a mapping, or changes those that it has, and returns the mapping as it is then. Doing
// it twice does no harm. Scope: okta.profileMappings.manage.
func (c *Client) MapProperties(ctx context.Context, mappingID string, properties map[string]MappedProperty) (ProfileMapping, error) {
	const op = "extend profile mapping"
	if err := checkID("mapping ID", mappingID); err != nil {
		return ProfileMapping{}, invalid(op, "%w", err)
	}
	if len(properties) == 0 {
		return ProfileMapping{}, invalid(op, "no properties")
	}
	k := c.mappingPath(op, http.MethodPost, mappingID)
	var err error
	if k.body, err = json.Marshal(struct {
		Properties map[string]MappedProperty `json:"properties"`
	}{properties}); err != nil {
		return ProfileMapping{}, invalid(op, "%w", err)
	}
	return c.mappingCall(ctx, k)
}

func (c *Client) mappingPath(op, method, id string) call {
	return c.orgCall(op, familyMappings, method, "/mappings/"+url.PathEscape(id), nil)
}

func (c *Client) mappingCall(ctx context.Context, k call) (ProfileMapping, error) {
	var m ProfileMapping
	k.read = func(body []byte) error {
		m = ProfileMapping{}
		if err := json.Unmarshal(body, &m); err != nil {
			return err
		}
		if m.ID == "" {
			return errors.New("the mapping has no id")
		}
		return nil
	}
	_, err := c.do(ctx, k)
	return m, err
}
