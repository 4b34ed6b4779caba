package doctor

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rollcall/okta"
)

const setupOkta = "run rollcall setup okta, or apply infra/okta"

// declared checks that the app's profile schema has every mapped attribute, as a string, and that nothing it requires is
// left out.
func (e *examination) declared(ctx context.Context) Finding {
	attributes, err := e.Org.AppSchema(ctx)
	if err != nil {
		return e.refused(err, okta.ScopeSchemasRead)
	}
	e.attributes = attributes
	var missing, notString, unmapped []string
	for _, name := range e.mapped() {
		a, there := find(attributes, name)
		switch {
		case !there:
			missing = append(missing, name)
		case a.Type != "string":
			notString = append(notString, fmt.Sprintf("%s (%s)", name, a.Type))
		}
	}
	for _, a := range attributes {
		if _, mapped := e.Config.Mapping.Profile[a.UploadName()]; a.Required && !mapped {
			unmapped = append(unmapped, a.UploadName())
		}
	}
	var wrong, todo []string
	note := func(names []string, what, mend string) {
		if len(names) > 0 {
			wrong = append(wrong, what+": "+strings.Join(names, ", "))
			todo = append(todo, mend)
		}
	}
	note(missing, "not in the app's profile schema", setupOkta)
	note(notString, "not declared as strings, and an identity source loads nothing else",
		"declare string attributes under other names, and map those")
	note(unmapped, "required by the app and not mapped", "map them, or make them optional in the app's profile")
	if len(wrong) > 0 {
		return failed(strings.Join(todo, "; "), "%s", strings.Join(wrong, "\n"))
	}
	return ok("all %d that are mapped are declared, as strings", len(e.mapped()))
}

// mapped returns the names of the mapped attributes, sorted.
func (e *examination) mapped() []string { return slices.Sorted(maps.Keys(e.Config.Mapping.Profile)) }

// find returns the attribute that has this name in uploads.
func find(attributes []okta.Attribute, name string) (okta.Attribute, bool) {
	i := slices.IndexFunc(attributes, func(a okta.Attribute) bool { return a.UploadName() == name })
	if i < 0 {
		return okta.Attribute{}, false
	}
	return attributes[i], true
}

// pushed checks that every mapped attribute goes on to the Okta user's profile, at updates too.
func (e *examination) pushed(ctx context.Context) Finding {
	m, err := e.Org.ToOktaMapping(ctx)
	if err != nil {
		return e.refused(err, okta.ScopeMappingsRead)
	}
	var nowhere, onCreate []string
	format := ""
	for _, name := range e.mapped() {
		attribute := name
		if a, there := find(e.attributes, name); there {
			attribute = a.Name
		}
		switch there, always := applied(m.Properties, attribute); {
		case !there && m.ByFormat(attribute):
			format = "; userName as the Okta username format has it"
		case !there:
			nowhere = append(nowhere, name)
		case !always:
			onCreate = append(onCreate, name)
		}
	}
	var wrong []string
	if len(nowhere) > 0 {
		wrong = append(wrong, "loaded, but mapped to nothing of the Okta user: "+strings.Join(nowhere, ", "))
	}
	if len(onCreate) > 0 {
		wrong = append(wrong, "applied when a user is created and never updated: "+strings.Join(onCreate, ", "))
	}
	if len(wrong) > 0 {
		return failed(setupOkta, "%s", strings.Join(wrong, "\n"))
	}
	return ok("all %d go on to the Okta user, at updates too%s", len(e.mapped()), format)
}

// applied tells whether a property of the Okta user reads the attribute, and whether one does at updates too.
func applied(properties map[string]okta.MappedProperty, attribute string) (there, always bool) {
	for _, p := range properties {
		if p.Reads(attribute) {
			there = true
			always = always || p.PushStatus == okta.PushAlways
		}
	}
	return there, always
}
