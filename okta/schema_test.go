package okta

import (
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

const schemaBody = `{"id":"x","definitions":{
"base":{"id":"#base","properties":{"userName":{"title":"Username","type":"string","required":true,"maxLength":100},
 "email":{"title":"Email","type":"string","externalName":"mail","minLength":5}},"required":["email"]},
"custom":{"id":"#custom","properties":{"title":{"title":"Title","type":"string"}}}}}`

func TestAppSchema(t *testing.T) {
	c, fake := dial(t, status(200, schemaBody))
	got, err := c.AppSchema(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []Attribute{
		{Name: "email", Title: "Email", Type: "string", ExternalName: "mail", Required: true, MinLength: 5},
		{Name: "title", Title: "Title", Type: "string", ExternalName: "title", Custom: true},
		{Name: "userName", Title: "Username", Type: "string", ExternalName: "userName", Required: true, MaxLength: 100},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := c.DeclareAttributes(t.Context(), []Attribute{{Name: "city", Title: "City", Type: "string", MaxLength: 128}}); err != nil {
		t.Fatal(err)
	}
	path := "/api/v1/meta/schemas/apps/" + testSource + "/default"
	if diff := cmp.Diff([]string{"GET " + path, "POST " + path}, fake.calls()); diff != "" {
		t.Error(diff)
	}
	body := `{"definitions":{"custom":{"id":"#custom","type":"object","properties":{"city":{"title":"City","type":"string","externalName":"city","maxLength":128}}}}}`
	if diff := cmp.Diff(body, fake.seen[1].body); diff != "" {
		t.Error(diff)
	}
}

func TestSchemasThatAreNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, body := range []string{"", "{}", "[]", `{"definitions":{}}`, schemaBody[:50]} {
			c, _ := dial(t, status(200, body))
			if _, err := c.AppSchema(t.Context()); Classify(err) != Unavailable {
				t.Errorf("%s: %v", body, err)
			}
		}
		c, fake := dial(t, status(200, schemaBody))
		for _, list := range [][]Attribute{nil, {{Name: "city"}}, {{Title: "City", Type: "string"}}} {
			if _, err := c.DeclareAttributes(t.Context(), list); Classify(err) != Refused {
				t.Errorf("%v: %v", list, err)
			}
		}
		if len(fake.calls()) > 0 {
			t.Errorf("sent %v", fake.calls())
		}
	})
}

const mappingBody = `{"id":"prm1","source":{"id":"0oa1source","name":"custom_identity_source","type":"appuser"},
"target":{"id":"oty1","name":"user","type":"user"},"properties":{"city":{"expression":"appuser.city","pushStatus":"PUSH"}}}`

func TestToOktaMapping(t *testing.T) {
	list := `[{"id":"prm0","source":{"id":"oty1","type":"user"},"target":{"id":"0oa1source","type":"appuser"}},` + mappingBody + `]`
	c, fake := dial(t, status(200, list), status(200, mappingBody))
	got, err := c.ToOktaMapping(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := ProfileMapping{ID: "prm1", Source: MappingEnd{testSource, AppName, "appuser"}, Target: MappingEnd{"oty1", "user", "user"},
		Properties: map[string]MappedProperty{"city": {"appuser.city", PushAlways}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if _, err := c.MapProperties(t.Context(), "prm1", map[string]MappedProperty{"state": {"appuser.state", PushOnCreate}}); err != nil {
		t.Fatal(err)
	}
	calls := []string{"GET /api/v1/mappings?limit=200&sourceId=" + testSource, "GET /api/v1/mappings/prm1", "POST /api/v1/mappings/prm1"}
	if diff := cmp.Diff(calls, fake.calls()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(`{"properties":{"state":{"expression":"appuser.state","pushStatus":"DONT_PUSH"}}}`, fake.seen[2].body); diff != "" {
		t.Error(diff)
	}
}

func TestMappingsThatAreNone(t *testing.T) {
	c, _ := dial(t, status(200, "[]"))
	if _, err := c.ToOktaMapping(t.Context()); Classify(err) != Misconfigured || !strings.Contains(err.Error(), "Admin Console") {
		t.Errorf("got %v", err)
	}
	c, fake := dial(t, status(200, mappingBody))
	for _, id := range []string{"", "../logs"} {
		if _, err := c.MapProperties(t.Context(), id, map[string]MappedProperty{"a": {}}); Classify(err) != Refused {
			t.Errorf("%q: %v", id, err)
		}
	}
	if _, err := c.MapProperties(t.Context(), "prm1", nil); Classify(err) != Refused {
		t.Errorf("no properties: %v", err)
	}
	if len(fake.calls()) > 0 {
		t.Errorf("sent %v", fake.calls())
	}
}

func TestUploadName(t *testing.T) {
	for _, c := range []struct {
		attribute Attribute
		want      string
	}{
		{Attribute{Name: "badge", ExternalName: "badgeNumber", Custom: true}, "badgeNumber"},
		{Attribute{Name: "badge", Custom: true}, "badge"},
		{Attribute{Name: "userName", ExternalName: "login"}, "userName"},
	} {
		if got := c.attribute.UploadName(); got != c.want {
			t.Errorf("%+v is uploaded as %s, want %s", c.attribute, got, c.want)
		}
	}
}

func TestReads(t *testing.T) {
	for expression, want := range map[string]bool{
		"appuser.title":                      true,
		"String.toUpperCase(appuser.title)":  true,
		`appuser.city + " " + appuser.title`: true,
		"appuser.titles":                     false,
		"myappuser.title":                    false,
		"user.title":                         false,
		"":                                   false,
	} {
		if got := (MappedProperty{Expression: expression}).Reads("title"); got != want {
			t.Errorf("%q reads title: %v", expression, got)
		}
	}
}

func TestTheUserNameGoesByItsFormatUnlessOverridden(t *testing.T) {
	m := ProfileMapping{Properties: map[string]MappedProperty{"email": {Expression: "appuser.email"}}}
	if !m.ByFormat("userName") || m.ByFormat("title") {
		t.Error("the user name alone goes by the Okta username format")
	}
	if m.Properties["login"] = (MappedProperty{Expression: "appuser.email"}); m.ByFormat("userName") {
		t.Error("a mapping of the login overrides the format")
	}
}
