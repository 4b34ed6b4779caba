// Package setup brings the app of an identity source in line with a mapping: it declares the custom attributes that the
// app's profile schema lacks, and has them go on to the Okta user's profile. What is there already stays as it is, so
// that doing it twice changes nothing the second time.
package setup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"rollcall/okta"
)

// Org is what is called of Okta.
type Org interface {
	AppSchema(ctx context.Context) ([]okta.Attribute, error)
	DeclareAttributes(ctx context.Context, attributes []okta.Attribute) ([]okta.Attribute, error)
	ToOktaMapping(ctx context.Context) (okta.ProfileMapping, error)
	MapProperties(ctx context.Context, mappingID string, properties map[string]okta.MappedProperty) (okta.ProfileMapping, error)
}

var _ Org = (*okta.Client)(nil)

// Plan is what is missing.
type Plan struct {
	// Declare are attributes for the app's profile schema.
	Declare []okta.Attribute
	// Map are properties for the mapping to the Okta user, in order of their targets.
	Map []Property
	// Left is what is not as it should be, and is left to an admin.
	Left []string

	mappingID string
}

// Property is an attribute of the Okta user's profile that gets its value from the app's.
type Property struct {
	Target string
	okta.MappedProperty
	// Known means that each org has the target. Others must have been added to the Okta user's profile.
	Known bool
}

// Empty tells whether there is nothing to do.
func (p Plan) Empty() bool { return len(p.Declare) == 0 && len(p.Map) == 0 }

// Make finds out what the attributes of a mapping lack. Targets names the attribute of the Okta user for those whose name
// there is another.
func Make(ctx context.Context, org Org, attributes []string, targets map[string]string) (Plan, error) {
	schema, err := org.AppSchema(ctx)
	if err != nil {
		return Plan{}, err
	}
	mapping, err := org.ToOktaMapping(ctx)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{mappingID: mapping.ID}
	for _, name := range slices.Sorted(slices.Values(attributes)) {
		if _, named := targets[name]; !named && mapping.ByFormat(name) {
			continue
		}
		p.attribute(name, target(name, targets), schema, mapping.Properties)
	}
	slices.SortFunc(p.Map, func(a, b Property) int { return strings.Compare(a.Target, b.Target) })
	return p, nil
}

// attribute adds what one attribute lacks.
func (p *Plan) attribute(name, target string, schema []okta.Attribute, properties map[string]okta.MappedProperty) {
	variable := name // the attribute's name in expressions
	declared := slices.IndexFunc(schema, func(a okta.Attribute) bool { return a.UploadName() == name })
	switch {
	case declared < 0 && slices.ContainsFunc(schema, func(a okta.Attribute) bool { return a.Name == name }):
		p.leave("%s is declared under another external name: correct that in the app's profile", name)
		return
	case declared < 0:
		p.Declare = append(p.Declare, okta.Attribute{Name: name, Title: title(name), Type: "string"})
	case schema[declared].Type != "string":
		p.leave("%s is declared as %s, and its type cannot be changed: map an attribute of another name", name, schema[declared].Type)
		return
	default:
		variable = schema[declared].Name
	}
	pushed := ""
	for to, property := range properties {
		if !property.Reads(variable) {
			continue
		}
		if property.PushStatus == okta.PushAlways {
			return
		}
		if pushed == "" || to < pushed {
			pushed = to
		}
	}
	taken, isTaken := properties[target]
	switch {
	case pushed != "":
		p.push(pushed, properties[pushed].Expression)
	case target == "":
		p.leave("%s has no counterpart in the Okta user's profile: map it by hand, or name one with --target", name)
	case isTaken:
		p.leave("%s of the Okta user is %s already, not appuser.%s: change it by hand, or name another with --target",
			target, taken.Expression, variable)
	case slices.ContainsFunc(p.Map, func(planned Property) bool { return planned.Target == target }):
		p.leave("%s of the Okta user can be one attribute only: name another for %s with --target", target, name)
	default:
		p.push(target, "appuser."+variable)
	}
}

func (p *Plan) push(target, expression string) {
	p.Map = append(p.Map, Property{target, okta.MappedProperty{Expression: expression, PushStatus: okta.PushAlways}, baseUser[target]})
}

func (p *Plan) leave(format string, args ...any) {
	p.Left = append(p.Left, fmt.Sprintf(format, args...))
}

// Apply makes the plan true: in one call for the attributes, and then in one for the mapping, which can name no attribute
// that is not declared. What goes to attributes that not every org has comes last, in a call of its own: Okta refuses a
// call for one that it does not know. Done is told after each.
func (p Plan) Apply(ctx context.Context, org Org, done func(what string)) error {
	if len(p.Declare) > 0 {
		if _, err := org.DeclareAttributes(ctx, p.Declare); err != nil {
			return err
		}
		done("declared " + counted(len(p.Declare)))
	}
	mapped, err := p.apply(ctx, org, true)
	if err == nil {
		var own int
		own, err = p.apply(ctx, org, false)
		mapped += own
	}
	if mapped > 0 {
		done("mapped " + counted(mapped))
	}
	return err
}

// apply maps to the attributes that are known, or to the others, and returns to how many.
func (p Plan) apply(ctx context.Context, org Org, known bool) (int, error) {
	properties := map[string]okta.MappedProperty{}
	for _, property := range p.Map {
		if property.Known == known {
			properties[property.Target] = property.MappedProperty
		}
	}
	if len(properties) == 0 {
		return 0, nil
	}
	_, err := org.MapProperties(ctx, p.mappingID, properties)
	switch {
	case err == nil:
		return len(properties), nil
	case !known && okta.Classify(err) == okta.Refused:
		return 0, fmt.Errorf("%w: add what is missing of these to the Okta user's profile (Directory > Profile Editor > User (default)), then do this again: %s",
			err, strings.Join(slices.Sorted(maps.Keys(properties)), ", "))
	}
	return 0, err
}

func counted(attributes int) string {
	if attributes == 1 {
		return "1 attribute"
	}
	return fmt.Sprintf("%d attributes", attributes)
}

// title makes a label of a name: primaryPhone is "Primary phone".
func title(name string) string {
	var b strings.Builder
	for i, c := range name {
		switch {
		case i == 0:
			b.WriteRune(unicode.ToUpper(c))
		case c == '_':
			b.WriteByte(' ')
		case unicode.IsUpper(c):
			b.WriteString(" " + string(unicode.ToLower(c)))
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}
