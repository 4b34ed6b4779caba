package mapping_test

import (
	"testing"

	"rollcall/mapping"
)

// tutorial is the mapping of the tutorial's people.
func tutorial() mapping.Spec {
	return mapping.Spec{
		ExternalID: "id",
		Active:     "active",
		Profile: map[string]string{
			"userName":      "email",
			"firstName":     "first_name",
			"lastName":      "last_name",
			"email":         "email",
			"mobilePhone":   "cell",
			"primaryPhone":  "phone",
			"title":         "title",
			"displayName":   `first_name + " " + last_name`,
			"streetAddress": `street_number + " " + street_name`,
			"city":          "city",
			"state":         "state",
			"zipCode":       "postcode",
			"countryCode":   "country",
		},
	}
}

const jane = `{"id":{"S":"jane"},"active":{"BOOL":true},"title":{"S":"Dr"},"first_name":{"S":"Jane"},"last_name":{"S":"Doe"},` +
	`"street_number":{"N":"12"},"street_name":{"S":"Rue de l'Épée"},"city":{"S":"Oslo"},"state":{"NULL":true},` +
	`"country":{"S":"NO"},"postcode":{"S":""},"email":{"S":"jane@example.com"},"cell":{"S":"+47 \"1\""},"dob":{"S":"2000"}}`

func compile(t testing.TB, spec mapping.Spec) *mapping.Mapping {
	t.Helper()
	m, err := mapping.Compile(spec)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func load(t testing.TB, m *mapping.Mapping, item string) *mapping.View {
	t.Helper()
	v := m.NewView()
	if err := v.Load([]byte(item)); err != nil {
		t.Fatalf("load %s: %v", item, err)
	}
	return v
}

func TestPersonOfTheTutorial(t *testing.T) {
	p, err := load(t, compile(t, tutorial()), jane).Person()
	if err != nil {
		t.Fatal(err)
	}
	const profile = `{"city":"Oslo","countryCode":"NO","displayName":"Jane Doe","email":"jane@example.com","firstName":"Jane",` +
		`"lastName":"Doe","mobilePhone":"+47 \"1\"","primaryPhone":null,"state":null,"streetAddress":"12 Rue de l'Épée",` +
		`"title":"Dr","userName":"jane@example.com","zipCode":null}`
	if p.ExternalID != "jane" || !p.Active || string(p.Profile) != profile {
		t.Errorf("got %q %v\n%s\nwant jane, active,\n%s", p.ExternalID, p.Active, p.Profile, profile)
	}
}
