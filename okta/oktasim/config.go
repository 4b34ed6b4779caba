package oktasim

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Config is what a simulated org is like. The zero value of a switch is off and of a duration none; [DefaultConfig] is an
// org as Okta sets it up.
type Config struct {
	// Now is Okta's clock; nil is time.Now. It must not go back.
	Now func() time.Time
	// IdentitySourceID is the id of the one identity source, and of its app: 0oa….
	IdentitySourceID string
	// Token is the SSWS token that is let in; with none no SSWS token is.
	Token string
	// Clients are the OAuth 2.0 service apps that may get access tokens.
	Clients []Client
	// TokenLife is how long an access token lives; 0 is an hour, as at Okta.
	TokenLife time.Duration
	// NonceLife is how long a DPoP nonce is taken; 0 is 24 hours.
	NonceLife time.Duration
	// NonceOnCalls demands the nonce on every call with a DPoP token, not at the token endpoint only.
	NonceOnCalls bool
	// FreshNonces gives another nonce with each answer to a call that came with a proof, and takes the latest few.
	FreshNonces bool
	// ConsentRequired refuses scopes that were not granted as consent_required in place of invalid_scope.
	ConsentRequired bool
	// Seed makes ids and chance; the same seed, clock and calls give the same org.
	Seed uint64
	// Dir is the folder that keeps the state; empty keeps it in memory only. State outlives the death of the process at
	// any moment, not that of the machine.
	Dir string

	// Cooldown is how long a create is refused after what CooldownReading says.
	Cooldown time.Duration
	// CooldownReading is one of the Cooldown… constants.
	CooldownReading CooldownReading
	// RateLimit is how many calls of the Identity Sources API are let through in a window of a minute; 0 is any number.
	RateLimit int
	// AdminRateLimit is the same for each of the other APIs (apps, logs, schemas, mappings), which Okta counts apart.
	AdminRateLimit int
	// UploadsApart counts uploads in a window of their own, with the same limit.
	UploadsApart bool
	// Concurrency is how many calls may be at work at once; 0 is any number.
	Concurrency int
	// Latency is how long a call takes before it has its effect.
	Latency time.Duration

	// ImportTime is how long the import of a session takes whatever it holds, PersonTime how much longer for each person.
	ImportTime, PersonTime time.Duration
	// StatusLag is how long after its first load a session goes on being CREATED.
	StatusLag time.Duration
	// ListEnded makes the list of sessions hold those that ended too.
	ListEnded bool
	// CreateWhileLoading lets a session be created while another one is IN_PROGRESS, as the guide can be read.
	CreateWhileLoading bool
	// StrictKB takes 200 KB as 200,000 bytes rather than 204,800.
	StrictKB bool

	// DeclaredAttributes are the custom attributes of the app's profile schema, besides the standard ones.
	DeclaredAttributes []string
	// RefuseNullCustom refuses null as the value of a custom attribute.
	RefuseNullCustom bool
	// ReactivateDeactivated is the app's setting by which an upsert brings a deactivated user back.
	ReactivateDeactivated bool
	// Undeletable are the externalIds that a call to delete the user is refused for, as for an admin whom the caller's role
	// does not reach.
	Undeletable []string
	// LogDelay is how long after it happened something is in the System Log.
	LogDelay time.Duration
	// SameUserName says what becomes of a new externalId whose userName an active user has.
	SameUserName SameUserName

	// ErrorRate is the share of calls, 0 to 1, that fail by chance: 500 or 503, or dropped before or after their effect.
	ErrorRate float64
	// ImportErrorRate is the share of imports that end in ERROR by chance.
	ImportErrorRate float64
	// ErrorApplies is the share of people whom an import that ends in ERROR has applied all the same.
	ErrorApplies float64
	// Poison are the externalIds that make the import of any session with them end in ERROR.
	Poison []string
}

// CooldownReading is one of the three ways to read Okta's rule of five minutes between sessions.
type CooldownReading string

const (
	// CooldownCreate counts from the last create of a session that was not cancelled.
	CooldownCreate CooldownReading = "create"
	// CooldownTrigger counts from the last trigger, while that session is still being imported.
	CooldownTrigger CooldownReading = "trigger"
	// CooldownWindow counts from the last create of a session, while that session is still active.
	CooldownWindow CooldownReading = "window"
)

// SameUserName is what an org makes of a new externalId that comes with the userName of somebody else. Okta's documents
// do not say.
type SameUserName string

const (
	// SameUserNameSeparate makes a user of its own. It is the default.
	SameUserNameSeparate SameUserName = "separate"
	// SameUserNameMatch takes the user over: it goes on under the new externalId.
	SameUserNameMatch SameUserName = "match"
	// SameUserNameClash fails the person.
	SameUserNameClash SameUserName = "clash"
)

// DefaultConfig is an org with the limits that a recording of a real one shows, and the custom attributes that a mapping of
// names, phones and an address needs.
func DefaultConfig() Config {
	return Config{
		IdentitySourceID:      "0oa1",
		Token:                 "sim-token",
		Cooldown:              5 * time.Minute,
		CooldownReading:       CooldownTrigger,
		RateLimit:             15,
		AdminRateLimit:        60,
		ImportTime:            time.Second,
		PersonTime:            time.Millisecond,
		DeclaredAttributes:    []string{"primaryPhone", "title", "displayName", "streetAddress", "city", "state", "zipCode", "countryCode"},
		ReactivateDeactivated: true,
		SameUserName:          SameUserNameSeparate,
	}
}

// Validate returns every problem of the config, joined.
func (c *Config) Validate() error {
	var problems []error
	refuse := func(bad bool, format string, args ...any) {
		if bad {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	refuse(c.IdentitySourceID == "", "IdentitySourceID is empty")
	readings := []CooldownReading{"", CooldownCreate, CooldownTrigger, CooldownWindow}
	refuse(!slices.Contains(readings, c.CooldownReading), "CooldownReading is %q: want create, trigger or window", c.CooldownReading)
	matches := []SameUserName{"", SameUserNameSeparate, SameUserNameMatch, SameUserNameClash}
	refuse(!slices.Contains(matches, c.SameUserName), "SameUserName is %q: want separate, match or clash", c.SameUserName)
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"Cooldown", c.Cooldown}, {"Latency", c.Latency}, {"ImportTime", c.ImportTime}, {"PersonTime", c.PersonTime}, {"StatusLag", c.StatusLag},
		{"TokenLife", c.TokenLife}, {"NonceLife", c.NonceLife}, {"LogDelay", c.LogDelay}} {
		refuse(d.value < 0, "%s is negative", d.name)
	}
	for _, n := range []struct {
		name  string
		value int
	}{{"RateLimit", c.RateLimit}, {"AdminRateLimit", c.AdminRateLimit}, {"Concurrency", c.Concurrency}} {
		refuse(n.value < 0, "%s is negative", n.name)
	}
	for _, r := range []struct {
		name  string
		value float64
	}{{"ErrorRate", c.ErrorRate}, {"ImportErrorRate", c.ImportErrorRate}, {"ErrorApplies", c.ErrorApplies}} {
		refuse(!(r.value >= 0 && r.value <= 1), "%s is not from 0 to 1", r.name)
	}
	for _, name := range c.DeclaredAttributes {
		refuse(name == "" || standard[name] != (attribute{}), "DeclaredAttributes: %q is empty or a standard attribute", name)
	}
	for _, client := range c.Clients {
		if err := client.check(); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}
