package oktasim

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// setting is one field of Config that /sim/settings shows and changes while the org runs.
type setting struct {
	name  string
	value any // a pointer to the field, as a type that JSON reads and writes
}

func (c *Config) settings() []setting {
	return []setting{
		{"cooldown", (*Duration)(&c.Cooldown)},
		{"cooldownReading", &c.CooldownReading},
		{"rateLimit", &c.RateLimit},
		{"adminRateLimit", &c.AdminRateLimit},
		{"uploadsApart", &c.UploadsApart},
		{"concurrency", &c.Concurrency},
		{"latency", (*Duration)(&c.Latency)},
		{"importTime", (*Duration)(&c.ImportTime)},
		{"personTime", (*Duration)(&c.PersonTime)},
		{"statusLag", (*Duration)(&c.StatusLag)},
		{"listEnded", &c.ListEnded},
		{"createWhileLoading", &c.CreateWhileLoading},
		{"strictKB", &c.StrictKB},
		{"declaredAttributes", &c.DeclaredAttributes},
		{"refuseNullCustom", &c.RefuseNullCustom},
		{"reactivateDeactivated", &c.ReactivateDeactivated},
		{"undeletable", &c.Undeletable},
		{"logDelay", (*Duration)(&c.LogDelay)},
		{"sameUserName", &c.SameUserName},
		{"errorRate", &c.ErrorRate},
		{"importErrorRate", &c.ImportErrorRate},
		{"errorApplies", &c.ErrorApplies},
		{"poison", &c.Poison},
		{"tokenLife", (*Duration)(&c.TokenLife)},
		{"nonceLife", (*Duration)(&c.NonceLife)},
		{"nonceOnCalls", &c.NonceOnCalls},
		{"freshNonces", &c.FreshNonces},
		{"consentRequired", &c.ConsentRequired},
	}
}

func (s *Server) simSettings(*call) *answer {
	values := map[string]any{}
	for _, x := range s.config.settings() {
		values[x.name] = x.value
	}
	return answerJSON(http.StatusOK, values)
}

// simChangeSettings takes an object of some settings, and changes all of them or none.
func (s *Server) simChangeSettings(c *call) *answer {
	var given map[string]json.RawMessage
	if !decode(c.body, &given) {
		return simProblem(http.StatusBadRequest, fmt.Errorf("body is not an object of settings"))
	}
	var wrong error
	err := s.reconfigure(func(next *Config) {
		for _, x := range next.settings() {
			if value, ok := given[x.name]; ok && wrong == nil {
				delete(given, x.name)
				if err := json.Unmarshal(value, x.value); err != nil {
					wrong = fmt.Errorf("%s: %w", x.name, err)
				}
			}
		}
		if names := sortedKeys(given); len(names) > 0 && wrong == nil {
			wrong = fmt.Errorf("no setting %q", names[0])
		}
		if wrong != nil {
			*next = s.config
		}
	})
	if wrong != nil {
		err = wrong
	}
	if err != nil {
		return simProblem(http.StatusBadRequest, err)
	}
	return s.simSettings(c)
}
