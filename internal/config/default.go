package config

import "time"

// Default returns what holds for every setting that neither a file nor the environment gives: what rollcall.yaml in the
// root of this module says. It is written out here since every start of a function needs it.
func Default() Config {
	return Config{
		Table:   "people",
		Key:     Key{Partition: "id"},
		Control: "rollcall-control",
		Okta:    Okta{RateShare: 0.8},
		Guard:   Guard{Min: 20, Percent: 5, Protect: []string{}},
		Gather:  Gather{Quiet: time.Second, Max: 5 * time.Second},
		Urgent:  Urgent{PerMinute: 5},
		Log:     Log{Level: "info"},
		Absent:  "null",
		Mapping: Mapping{
			ExternalID: "id",
			Active:     "active",
			Match:      "true",
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
		},
	}
}
