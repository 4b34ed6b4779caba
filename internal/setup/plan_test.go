package setup

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rollcall/internal/config"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// newOrg returns a client of an org whose app has these custom attributes.
func newOrg(t *testing.T, declared ...string) (*okta.Client, *oktasim.Server) {
	t.Helper()
	c := oktasim.DefaultConfig()
	c.DeclaredAttributes = declared
	org, err := oktasim.New(c)
	if err != nil {
		t.Fatal(err)
	}
	client, err := okta.New(okta.Config{
		OrgURL: "https://example.okta.com", IdentitySourceID: c.IdentitySourceID, Authorizer: okta.SSWS(okta.Secret(c.Token)),
		Transport: org.Transport(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return client, org
}

func planFor(t *testing.T, org Org, targets map[string]string, attributes ...string) Plan {
	t.Helper()
	p, err := Make(t.Context(), org, attributes, targets)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func apply(t *testing.T, org Org, p Plan) (told []string) {
	t.Helper()
	if err := p.Apply(t.Context(), org, func(what string) { told = append(told, what) }); err != nil {
		t.Fatal(err)
	}
	return told
}

func TestAnEmptyAppBecomesWhatTheMappingAsksFor(t *testing.T) {
	client, org := newOrg(t)
	attributes := slices.Collect(maps.Keys(config.Default().Mapping.Profile))
	p := planFor(t, client, nil, attributes...)
	var declared, mapped []string
	for _, a := range p.Declare {
		if a.Type != "string" {
			t.Errorf("%+v is no string", a)
		}
		declared = append(declared, a.Name+": "+a.Title)
	}
	for _, m := range p.Map {
		if m.Expression != "appuser."+m.Target || m.PushStatus != okta.PushAlways || !m.Known {
			t.Errorf("%+v", m)
		}
		mapped = append(mapped, m.Target)
	}
	names := []string{"city", "countryCode", "displayName", "primaryPhone", "state", "streetAddress", "title", "zipCode"}
	if diff := cmp.Diff(names, mapped); diff != "" {
		t.Errorf("mapped (-want +got):\n%s", diff)
	}
	titles := []string{"city: City", "countryCode: Country code", "displayName: Display name", "primaryPhone: Primary phone", "state: State",
		"streetAddress: Street address", "title: Title", "zipCode: Zip code"}
	if diff := cmp.Diff(titles, declared); diff != "" {
		t.Errorf("declared (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"declared 8 attributes", "mapped 8 attributes"}, apply(t, client, p)); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}

	again := planFor(t, client, nil, attributes...)
	if !again.Empty() || len(again.Left) > 0 {
		t.Errorf("the second time %+v", again)
	}
	calls := org.Calls()
	if told := apply(t, client, again); len(told) > 0 || org.Calls()[oktasim.OpSchemaUpdate] != calls[oktasim.OpSchemaUpdate] {
		t.Errorf("applying nothing told %v and called Okta %v", told, org.Calls())
	}
}

// TestWhatIsThereStays has an admin's own mappings, in every way in which they may stand beside what is to be done.
func TestWhatIsThereStays(t *testing.T) {
	for name, c := range map[string]struct {
		before    map[string]okta.MappedProperty
		attribute string
		targets   map[string]string
		want      []Property
		left      string
	}{
		"mapped elsewhere": {before: properties("nickName", "appuser.title", okta.PushAlways), attribute: "title"},
		"in an expression": {before: properties("title", `String.len(appuser.title) > 0 ? appuser.title : "-"`, okta.PushAlways), attribute: "title"},
		"on create only": {
			before: properties("title", `String.toUpperCase(appuser.title)`, okta.PushOnCreate), attribute: "title",
			want: []Property{{"title", okta.MappedProperty{Expression: `String.toUpperCase(appuser.title)`, PushStatus: okta.PushAlways}, true}},
		},
		"of another origin": {before: properties("title", "appuser.email", okta.PushAlways), attribute: "title", left: "title of the Okta user is appuser.email"},
		"by the format":     {attribute: "userName"},
		"by another": {
			before: properties("login", "appuser.email", okta.PushAlways), attribute: "userName", left: "login of the Okta user is appuser.email already",
		},
		"by a mapping of one's own": {
			attribute: "userName", targets: map[string]string{"userName": "login"},
			want: []Property{{"login", okta.MappedProperty{Expression: "appuser.userName", PushStatus: okta.PushAlways}, true}},
		},
		"no namesake": {attribute: "homeAddress", left: "homeAddress has no counterpart"},
		"another target": {
			attribute: "homeAddress", targets: map[string]string{"homeAddress": "postalAddress"},
			want: []Property{{"postalAddress", okta.MappedProperty{Expression: "appuser.homeAddress", PushStatus: okta.PushAlways}, true}},
		},
		"a target of the org's own": {
			attribute: "homeAddress", targets: map[string]string{"homeAddress": "homeAddress"},
			want: []Property{{"homeAddress", okta.MappedProperty{Expression: "appuser.homeAddress", PushStatus: okta.PushAlways}, false}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := newOrg(t)
			if _, err := client.DeclareAttributes(t.Context(), []okta.Attribute{{Name: "title", Title: "Title", Type: "string"}}); err != nil {
				t.Fatal(err)
			}
			m, err := client.ToOktaMapping(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if len(c.before) > 0 {
				if _, err := client.MapProperties(t.Context(), m.ID, c.before); err != nil {
					t.Fatal(err)
				}
			}
			p := planFor(t, client, c.targets, c.attribute)
			if diff := cmp.Diff(c.want, p.Map, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("to be mapped (-want +got):\n%s", diff)
			}
			if left := strings.Join(p.Left, "\n"); !strings.HasPrefix(left, c.left) || (left == "") != (c.left == "") {
				t.Errorf("left %q, want %q", left, c.left)
			}
			apply(t, client, p)
			if again := planFor(t, client, c.targets, c.attribute); !again.Empty() {
				t.Errorf("the second time %+v", again)
			}
		})
	}
}

func properties(target, expression, push string) map[string]okta.MappedProperty {
	return map[string]okta.MappedProperty{target: {Expression: expression, PushStatus: push}}
}

func TestAttributesThatCannotBeMended(t *testing.T) {
	client, _ := newOrg(t)
	_, err := client.DeclareAttributes(t.Context(), []okta.Attribute{
		{Name: "age", Title: "Age", Type: "integer"}, {Name: "badge", Title: "Badge", Type: "string", ExternalName: "badgeNumber"},
	})
	if err != nil {
		t.Fatal(err)
	}
	p := planFor(t, client, map[string]string{"x": "same", "y": "same"}, "age", "badge", "x", "y")
	want := []string{
		"age is declared as integer, and its type cannot be changed: map an attribute of another name",
		"badge is declared under another external name: correct that in the app's profile",
		"same of the Okta user can be one attribute only: name another for y with --target",
	}
	if diff := cmp.Diff(want, p.Left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if len(p.Map) != 1 || p.Map[0].Expression != "appuser.x" {
		t.Errorf("to be mapped %+v, want the first of two with one target", p.Map)
	}
	// By its external name the attribute is found, and mapped by its own.
	p = planFor(t, client, nil, "badgeNumber")
	if len(p.Declare) > 0 || len(p.Map) != 1 || p.Map[0].Expression != "appuser.badge" || p.Map[0].Target != "badgeNumber" {
		t.Errorf("%+v", p)
	}
}

// strict is an org that refuses to map to attributes that its users do not have.
type strict struct {
	Org
	users map[string]bool
}

func (o strict) MapProperties(ctx context.Context, id string, properties map[string]okta.MappedProperty) (okta.ProfileMapping, error) {
	for name := range properties {
		if !o.users[name] {
			return okta.ProfileMapping{}, &okta.APIError{Op: "extend profile mapping", Status: http.StatusBadRequest}
		}
	}
	return o.Org.MapProperties(ctx, id, properties)
}

// TestAnAttributeThatTheOktaUserLacksStopsNoOther, and is named.
func TestAnAttributeThatTheOktaUserLacksStopsNoOther(t *testing.T) {
	client, _ := newOrg(t)
	org := strict{client, map[string]bool{"title": true, "city": true}}
	p := planFor(t, org, nil, "badge", "city", "title")
	var told []string
	err := p.Apply(t.Context(), org, func(what string) { told = append(told, what) })
	if err == nil || !strings.Contains(err.Error(), "status 400") || !strings.HasSuffix(err.Error(), ": badge") {
		t.Errorf("error %v, want Okta's and badge named", err)
	}
	if diff := cmp.Diff([]string{"declared 3 attributes", "mapped 2 attributes"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	org.users["badge"] = true // an admin has added it
	again := planFor(t, org, nil, "badge", "city", "title")
	if told := apply(t, org, again); !slices.Equal(told, []string{"mapped 1 attribute"}) {
		t.Errorf("then told %v", told)
	}
}
