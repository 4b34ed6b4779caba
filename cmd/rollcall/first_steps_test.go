package main

import (
	"slices"
	"testing"

	"rollcall/internal/config"
)

func TestFirstStepsFitTheConfiguration(t *testing.T) {
	const house = "http://127.0.0.1:8080"
	tutorial := []string{
		`curl -X PUT http://127.0.0.1:8080/items -d '{"id":"jane","active":true,"email":"jane@example.com","first_name":"Jane","last_name":"Doe"}'`,
		"curl http://127.0.0.1:8080/sim/users/jane", "curl -X DELETE http://127.0.0.1:8080/items/jane",
	}
	own := []string{
		"rollcall mapping show --item item.json", "curl -X PUT http://127.0.0.1:8080/items -d @item.json",
		"curl http://127.0.0.1:8080/sim/users",
	}
	for name, c := range map[string]struct {
		set  func(*config.Config)
		want []string
	}{
		"the defaults": {func(*config.Config) {}, tutorial},
		"a literal":    {func(c *config.Config) { c.Mapping.Active = `"yes"` }, slices.Concat([]string{`curl -X PUT http://127.0.0.1:8080/items -d '{"id":"jane","email":"jane@example.com","first_name":"Jane","last_name":"Doe"}'`}, tutorial[1:])},
		"other names": {func(c *config.Config) {
			c.Key.Partition, c.ExternalIDIndex, c.Mapping.ExternalID = "key'", "by-staff", "staff"
			c.Mapping.Profile = map[string]string{"userName": "login", "email": "mail"}
		}, []string{
			`curl -X PUT http://127.0.0.1:8080/items -d '{"key'\''":"jane","staff":"jane","active":true,"mail":"jane@example.com","login":"jane@example.com"}'`,
			"curl http://127.0.0.1:8080/sim/users/jane", "curl -X DELETE http://127.0.0.1:8080/items/jane",
		}},
		"people by their address": {func(c *config.Config) {
			c.Key.Partition, c.Mapping.ExternalID = "email", "email"
			c.Mapping.Profile = map[string]string{"userName": "email", "email": "email"}
		}, []string{
			`curl -X PUT http://127.0.0.1:8080/items -d '{"email":"jane@example.com","active":true}'`,
			"curl http://127.0.0.1:8080/sim/users/jane@example.com", "curl -X DELETE http://127.0.0.1:8080/items/jane@example.com",
		}},
		"an expression that needs more": {func(c *config.Config) {
			c.Mapping.Profile = map[string]string{"userName": "login + nick", "email": "login + nick"}
		}, own},
		"some items only": {func(c *config.Config) { c.Mapping.Match = `kind == "person"` }, own},
	} {
		settings := config.Default()
		c.set(&settings)
		if err := settings.Validate(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		m, err := settings.CompileMapping()
		if err != nil {
			t.Fatal(err)
		}
		if got := firstSteps(house, settings, m); !slices.Equal(got, c.want) {
			t.Errorf("%s:\n got %q\nwant %q", name, got, c.want)
		}
	}
}
