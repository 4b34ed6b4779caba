package okta

import (
	"math"
	"strings"
	"testing"
)

func TestConfigNamesAllProblems(t *testing.T) {
	_, err := New(Config{OrgURL: "http://user:" + testToken + "@example.com/x", IdentitySourceID: "a/b", RateShare: 2})
	for _, part := range []string{"OrgURL", "IdentitySourceID", "Authorizer", "RateShare"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s is not named: %v", part, err)
		}
	}
	if strings.Contains(err.Error(), testToken) {
		t.Errorf("the error shows the URL's password: %v", err)
	}
}

func TestConfig(t *testing.T) {
	for _, test := range []struct {
		change func(*Config)
		want   string // part of the error; none if empty
	}{
		{func(*Config) {}, ""},
		{func(c *Config) { c.OrgURL += "/" }, ""},
		{func(c *Config) { c.OrgURL = "http://127.0.0.1:9090" }, ""},
		{func(c *Config) { c.OrgURL = "http://[::1]:9090" }, ""},
		{func(c *Config) { c.OrgURL = "http://localhost:9090" }, ""},
		{func(c *Config) { c.OrgURL = "http://sim.localhost:9090" }, "https://"},
		{func(c *Config) { c.OrgURL = "https://:443" }, "not a URL"},
		{func(c *Config) { c.OrgURL = "https://login.example.com" }, ""},
		{func(c *Config) { c.OrgURL = "" }, "OrgURL is missing"},
		{func(c *Config) { c.OrgURL = "example.okta.com" }, "not a URL"},
		{func(c *Config) { c.OrgURL = "https://exa mple.okta.com" }, "not a URL"},
		{func(c *Config) { c.OrgURL = "http://example.okta.com" }, "https://"},
		{func(c *Config) { c.OrgURL += "/api/v1" }, "alone"},
		{func(c *Config) { c.OrgURL = "https://example-admin.okta.com" }, "without -admin"},
		{func(c *Config) { c.OrgURL = "https://example-admin.oktapreview.com" }, "without -admin"},
		{func(c *Config) { c.IdentitySourceID = "" }, "IdentitySourceID is missing"},
		{func(c *Config) { c.IdentitySourceID = "0oa 1" }, "IdentitySourceID"},
		{func(c *Config) { c.Authorizer = nil }, "Authorizer"},
		{func(c *Config) { c.RateShare = -0.1 }, "RateShare"},
		{func(c *Config) { c.RateShare = math.NaN() }, "RateShare"},
		{func(c *Config) { c.RateShare = 0.01 }, ""},
		{func(c *Config) { c.RateShare = 1 }, ""},
	} {
		config := Config{OrgURL: testOrg, IdentitySourceID: testSource, Authorizer: SSWS(testToken)}
		test.change(&config)
		_, err := New(config)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%q, %q: got %v, want %q", config.OrgURL, config.IdentitySourceID, err, test.want)
		}
	}
}
