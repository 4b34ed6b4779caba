package config

import "reflect"

// missing returns a problem for each required setting that is not set.
func (c Config) missing(required []string) []*Problem {
	wanted := map[string]bool{}
	for _, path := range required {
		wanted[path] = true
	}
	var problems []*Problem
	for _, s := range Settings() {
		if !wanted[s.Path] || s.Path == "" || c.isSet(s) {
			continue
		}
		problems = append(problems, &Problem{Setting: s.Path, Reason: "must be set" + alternatives[s.Path]})
	}
	return problems
}

var alternatives = map[string]string{ //nolint:gosec // names of settings, no credentials
	"okta.secretArn": ", or OKTA_API_TOKEN, or a private key",
	"queue.urgent":   " where urgent.enabled is true",
}

func (c Config) isSet(s Setting) bool {
	switch s.Path {
	case "okta.secretArn":
		if c.Okta.Token != "" || c.Okta.PrivateKey != "" || c.Okta.PrivateKeyFile != "" {
			return true
		}
	case "queue.urgent":
		if !c.Urgent.Enabled {
			return true
		}
	}
	return !reflect.ValueOf(c).FieldByIndex(s.index).IsZero()
}
