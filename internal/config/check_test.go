package config

import (
	"strings"
	"testing"
	"time"
)

// TestValidateBounds changes one setting of the default at a time.
func TestValidateBounds(t *testing.T) {
	cases := []struct {
		setting string // at fault; empty if the change is allowed
		change  func(*Config)
	}{
		{"table", func(c *Config) { c.Table = "" }},
		{"table", func(c *Config) { c.Table = "no spaces" }},
		{"", func(c *Config) { c.Table = "arn:aws:dynamodb:eu-west-1:123456789012:table/people" }},
		{"control", func(c *Config) { c.Control = "people" }},
		{"key.partition", func(c *Config) { c.Key.Partition, c.ExternalIDIndex = "", "by-person" }},
		{"key.sort", func(c *Config) { c.Key.Sort, c.ExternalIDIndex = "id", "by-person" }},
		{"externalIdIndex", func(c *Config) { c.Key.Sort = "kind" }},
		{"externalIdIndex", func(c *Config) { c.Mapping.ExternalID = `id + ""` }},
		{"", func(c *Config) { c.Key.Sort, c.ExternalIDIndex = "kind", "by-person" }},
		{"", func(c *Config) { c.Mapping.ExternalID = " id " }},
		{"readRate", func(c *Config) { c.ReadRate = -1 }},
		{"queue.intents", func(c *Config) { c.Queue.Intents = "intents" }},
		{"queue.intents", func(c *Config) { c.Queue.Intents = "https://sqs.eu-west-1.amazonaws.com/123456789012/intents.fifo" }},
		{"", func(c *Config) { c.Queue.Intents = "http://127.0.0.1:4566/000000000000/intents" }},
		{"queue.urgent", func(c *Config) { c.Queue.Urgent = "ftp://urgent" }},
		{"queue.urgent", func(c *Config) { c.Queue.Urgent, c.Queue.Intents = "https://sqs/1/q", "https://sqs/1/q" }},
		{"okta.orgUrl", func(c *Config) { c.Okta.OrgURL = "http://acme.okta.com" }},
		{"okta.orgUrl", func(c *Config) { c.Okta.OrgURL = "https://acme.okta.com/api/v1" }},
		{"okta.orgUrl", func(c *Config) { c.Okta.OrgURL = "https://me:secret@acme.okta.com" }},
		{"okta.orgUrl", func(c *Config) { c.Okta.OrgURL = "acme.okta.com" }},
		{"okta.orgUrl", func(c *Config) { c.Okta.OrgURL = "https://acme-admin.okta.com" }},
		{"okta.orgUrl", func(c *Config) { c.Okta.OrgURL = "http://sim.localhost:9090" }},
		{"", func(c *Config) { c.Okta.OrgURL = "https://acme.okta.com/" }},
		{"", func(c *Config) { c.Okta.OrgURL = "http://[::1]:9090" }},
		{"okta.identitySourceId", func(c *Config) { c.Okta.IdentitySourceID = "0oa1/../users" }},
		{"okta.secretArn", func(c *Config) { c.Okta.SecretARN = "okta-token" }},
		{"", func(c *Config) { c.Okta.SecretARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:okta-AbCdEf" }},
		{"okta.rateShare", func(c *Config) { c.Okta.RateShare = 0 }},
		{"okta.rateShare", func(c *Config) { c.Okta.RateShare = 1.01 }},
		{"okta.clientId", func(c *Config) { c.Okta.PrivateKeyFile = "key.pem" }},
		{"", func(c *Config) { c.Okta.PrivateKeyFile, c.Okta.ClientID = "key.pem", "0oaclient" }},
		{"okta.privateKeyFile", func(c *Config) {
			c.Okta.PrivateKey, c.Okta.PrivateKeyFile, c.Okta.ClientID = "PEM", "key.pem", "0oaclient"
		}},
		{"okta.privateKeyFile", func(c *Config) { c.Okta.PrivateKey, c.Okta.Token, c.Okta.ClientID = "PEM", "00abc", "0oaclient" }},
		{"guard.min", func(c *Config) { c.Guard.Min = -1 }},
		{"guard.percent", func(c *Config) { c.Guard.Percent = 100.5 }},
		{"guard.people", func(c *Config) { c.Guard.People = -1 }},
		{"guard.protect[0]", func(c *Config) { c.Guard.Protect = []string{" "} }},
		{"guard.protect[1]", func(c *Config) { c.Guard.Protect = []string{"ceo", "expr:title ==", "expr:true"} }},
		{"", func(c *Config) { c.Guard.Protect = []string{"ceo", `expr:title == "Chair"`} }},
		{"mapping.active", func(c *Config) { c.Mapping.Active = "active and" }},
		{"mapping.match", func(c *Config) { c.Mapping.Match = `"perhaps"` }},
		{"mapping.profile.email", func(c *Config) { delete(c.Mapping.Profile, "email") }},
		{"mapping.profile.title", func(c *Config) { c.Mapping.Profile["title"] = "now()" }},
		{"", func(c *Config) { c.Key.Partition, c.Mapping.ExternalID = "person-id", `$env["person-id"]` }},
		{"gather.quiet", func(c *Config) { c.Gather.Quiet, c.Gather.Max = 21*time.Second, 30*time.Second }},
		{"gather.max", func(c *Config) { c.Gather.Max = time.Millisecond }},
		{"gather.max", func(c *Config) { c.Gather.Max = 2 * time.Minute }},
		{"urgent.perMinute", func(c *Config) { c.Urgent.PerMinute = 0 }},
		{"log.level", func(c *Config) { c.Log.Level = "verbose" }},
		{"absent", func(c *Config) { c.Absent = "" }},
		{"", func(c *Config) { c.Absent = "omit" }},
	}
	for _, c := range cases {
		cfg := Default()
		c.change(&cfg)
		err := cfg.Validate()
		switch problems := Problems(err); {
		case c.setting == "" && err != nil:
			t.Errorf("an allowed value is refused: %v", err)
		case c.setting != "" && (len(problems) != 1 || problems[0].Setting != c.setting):
			t.Errorf("%s: got %v", c.setting, err)
		case err != nil && strings.Contains(err.Error(), "secret@"):
			t.Errorf("%s: the error shows the value", c.setting)
		}
	}
}
