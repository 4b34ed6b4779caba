package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"testing/synctest"

	"rollcall/internal/made"
	"rollcall/okta/oktasim"
)

// TestNothingIsMadeTwice invokes the function twice, each time with a change that is told to Okta: all clients of AWS, that of
// Okta with its authority, and the mapping are there before the first invocation, each once, and only the first reads Okta's
// secret.
func TestNothingIsMadeTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := oktasim.DefaultConfig()
		config.Cooldown, config.RateLimit, config.ImportTime, config.PersonTime = 0, 0, 0, 0
		org, err := oktasim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		defer org.Close()
		network := http.DefaultTransport
		http.DefaultTransport = org.Transport()
		defer func() { http.DefaultTransport = network }()
		c := &cloud{calls: map[string]int{}, made: map[string]int{}, secret: config.Token}
		l := &ledger{cloud: c, control: map[string]map[string]json.RawMessage{}, counted: map[string]int{}}
		count := made.Watch(t, "rollcall/okta.New", "rollcall/okta.NewAuthority", "rollcall/mapping.Compile")
		h, out := newHandlerOver(t, c, l)
		before := count()
		if before["rollcall/okta.New"] == 0 || before["rollcall/okta.NewAuthority"] == 0 { // the mapping may be a test's before
			t.Errorf("made before the first invocation: %v", before)
		}
		for n := range 2 {
			l.put(t, fmt.Sprintf("ann%d", n))
			if reads := l.minute(t, h, out)["secret"]; (reads > 0) != (n == 0) {
				t.Errorf("invocation %d read the secret %d times", n+1, reads)
			}
			if loads := org.Calls()[oktasim.OpBulkUpsert]; loads != n+1 {
				t.Fatalf("%d loads after invocation %d: %s", loads, n+1, out.String())
			}
		}
		if after := count(); !maps.Equal(before, after) {
			t.Errorf("objects made before the first invocation %v, after the second %v", before, after)
		}
		if want := map[string]int{"DynamoDB": 1, "SQS": 1, "Secrets Manager": 1}; !maps.Equal(c.made, want) {
			t.Errorf("clients made: %v, want %v", c.made, want)
		}
	})
}
