// Package config is rollcall.yaml and its environment variables.
package config

import "time"

// Config is everything that can be set. Field names in rollcall.yaml are given by the tags; every setting can also be
// given as an environment variable, named after its path: okta.rateShare is ROLLCALL_OKTA_RATE_SHARE. The variable wins.
// The comment of a field is its meaning in the README's table.
type Config struct {
	// Table is the name or ARN of the DynamoDB table whose items are the people.
	Table string `yaml:"table"`
	// Key names the attributes of the table's primary key.
	Key Key `yaml:"key"`
	// ExternalIDIndex names a secondary index on the externalId attribute, needed unless externalId is the table's
	// partition key and the table has no sort key.
	ExternalIDIndex string `yaml:"externalIdIndex"`
	// ReadRate is the most that a flush, a sync or a plan may read from the table; 0 is no limit for a flush, and 200 for
	// a sync or a plan that is not told otherwise.
	ReadRate float64 `yaml:"readRate" unit:"read units a second"`
	// Control is the name or ARN of the control table.
	Control string  `yaml:"control"`
	Queue   Queue   `yaml:"queue"`
	Okta    Okta    `yaml:"okta"`
	Guard   Guard   `yaml:"guard"`
	Gather  Gather  `yaml:"gather"`
	Urgent  Urgent  `yaml:"urgent"`
	Log     Log     `yaml:"log"`
	Mapping Mapping `yaml:"mapping"`
	// Absent says how a mapped optional attribute that an item lacks is sent: "null" or "omit".
	Absent string `yaml:"absent"`
}

// Key is the table's primary key.
type Key struct {
	// Partition is the attribute that is the table's partition key.
	Partition string `yaml:"partition"`
	// Sort is the attribute that is the table's sort key; empty if it has none.
	Sort string `yaml:"sort"`
}

// Queue holds the queues' URLs.
type Queue struct {
	// Intents is the URL of the intents queue, a standard SQS queue.
	Intents string `yaml:"intents" unit:"URL"`
	// Urgent is the URL of the urgent queue; needed where urgent.enabled is true.
	Urgent string `yaml:"urgent" unit:"URL"`
}

// Okta is how to reach the identity source. Authentication is by exactly one of Token (SSWS) and a private key (OAuth
// 2.0); on AWS either comes from the secret. What the environment gives wins over the secret.
type Okta struct {
	// OrgURL is the org's address, https://acme.okta.com. Plain http is accepted for loopback only.
	OrgURL string `yaml:"orgUrl" unit:"URL"`
	// IdentitySourceID is the ID of the Custom Identity Source app, 0oa….
	IdentitySourceID string `yaml:"identitySourceId"`
	// SecretARN names a Secrets Manager secret: {"token": "…"} or {"clientId": "…", "privateKey": "…", "keyId": "…"},
	// or a bare SSWS token.
	SecretARN string `yaml:"secretArn" unit:"ARN"`
	// ClientID is the client ID of an OAuth 2.0 service app, for use off AWS.
	ClientID string `yaml:"clientId"`
	// PrivateKeyFile is the file that holds the service app's private key, PEM or JWK, for use off AWS.
	PrivateKeyFile string `yaml:"privateKeyFile" unit:"path"`
	// KeyID is the ID under which Okta knows the public key; empty where the JWK has one.
	KeyID string `yaml:"keyId"`
	// RateShare is the share of the rate limit that rollcall may use, above 0 to 1.
	RateShare float64 `yaml:"rateShare" unit:"share, 0 to 1"`
	// Token is an API token (SSWS). It is never in rollcall.yaml.
	Token Secret `yaml:"-" env:"OKTA_API_TOKEN"`
	// PrivateKey is the service app's private key, PEM or JWK. It is never in rollcall.yaml.
	PrivateKey Secret `yaml:"-" env:"OKTA_PRIVATE_KEY"`
}

// Guard is the brake on mass deactivation: a flush whose deactivations, with those of the last 24 h, exceed the greater
// of Min and Percent of People holds them.
type Guard struct {
	// Min is how many deactivations in 24 h always pass.
	Min int `yaml:"min" unit:"people"`
	// Percent is how many deactivations in 24 h pass, as a share of guard.people, where that is more than guard.min.
	Percent float64 `yaml:"percent" unit:"%"`
	// People is the number of people that guard.percent is of; 0 takes the table's item count.
	People int `yaml:"people" unit:"people"`
	// Protect lists externalIds of people who are never deactivated, or expressions over the item as "expr:…". Whose item is deleted is judged by the image that the stream has of it.
	Protect []string `yaml:"protect"`
}

// Gather is how long a flush waits for the rest of a burst: until nothing came for Quiet, at most for Max.
type Gather struct {
	// Quiet is how long nothing must have come for a burst to be over, up to 20s; 0s does not wait.
	Quiet time.Duration `yaml:"quiet"`
	// Max is the longest wait for the rest of a burst, up to 1m.
	Max time.Duration `yaml:"max"`
}

// Urgent is the lane that takes a leaver out while no session can be opened.
type Urgent struct {
	// Enabled turns the urgent lane on.
	Enabled bool `yaml:"enabled"`
	// PerMinute is the most calls that the urgent lane makes.
	PerMinute int `yaml:"perMinute" unit:"calls a minute"`
}

// Log is what the logs hold.
type Log struct {
	// Level is the least that is logged: debug, info, warn or error.
	Level string `yaml:"level"`
	// ShowIDs logs externalIds as they are instead of keyed hashes.
	ShowIDs bool `yaml:"showIds"`
}

// Mapping turns an item into a person; see package mapping.
type Mapping struct {
	// ExternalID is the expression for a person's externalId.
	ExternalID string `yaml:"externalId" unit:"expression"`
	// Active is the expression that decides between upsert and deactivate: true, false, yes, no, 1 or 0.
	Active string `yaml:"active" unit:"expression"`
	// Match is the expression that says whether an item is a person at all.
	Match string `yaml:"match" unit:"expression"`
	// Profile holds an expression for each Okta attribute.
	Profile map[string]string `yaml:"profile" unit:"expressions"`
}
