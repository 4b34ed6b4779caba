package oktasim_test

import (
	"strings"
	"testing"
	"time"

	"rollcall/okta/oktasim"
)

// The history of each case: created at 0:00, triggered at 0:30, and then, with an import of a minute, COMPLETED at 1:30;
// or still being imported, or cancelled at 0:30. The cooldown is five minutes.
func TestCooldownReadings(t *testing.T) {
	const early, late = 4*time.Minute + 59*time.Second, 5 * time.Minute
	for _, c := range []struct {
		reading oktasim.CooldownReading
		history string
		after   time.Duration // since the create
		free    bool
	}{
		{"create", "completed", early, false}, {"create", "completed", late, true},
		{"create", "importing", early, false}, {"create", "importing", late, true},
		{"create", "cancelled", 31 * time.Second, true},
		{"trigger", "completed", 91 * time.Second, true},
		{"trigger", "importing", early + 30*time.Second, false}, {"trigger", "importing", late + 30*time.Second, true},
		{"trigger", "cancelled", 31 * time.Second, true},
		{"window", "completed", 91 * time.Second, true},
		{"window", "importing", early, false}, {"window", "importing", late, true},
		{"window", "cancelled", 31 * time.Second, true},
	} {
		t.Run(string(c.reading)+"/"+c.history+"/"+c.after.String(), func(t *testing.T) {
			o := newOrg(t, func(config *oktasim.Config) {
				config.Cooldown, config.CooldownReading, config.ImportTime = 5*time.Minute, c.reading, time.Minute
				if c.history == "importing" {
					config.ImportTime = time.Hour
				}
			})
			session := o.create()
			o.upload(202, session, "bulk-upsert", person("ann"))
			o.pass(30 * time.Second)
			if c.history == "cancelled" {
				o.call(204, "DELETE", source+"/sessions/"+session, "")
			} else {
				o.trigger(200, session)
			}
			o.pass(c.after - 30*time.Second)
			if c.free {
				o.create()
				return
			}
			if code, text := o.call(400, "POST", source+"/sessions", "").problem(t); code != "E0000001" || !strings.Contains(text, "Only one active import session") {
				t.Errorf("refused with %s %q", code, text)
			}
		})
	}
}

func TestCreateWhileLoading(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.CreateWhileLoading = true })
	first := o.create()
	o.call(400, "POST", source+"/sessions", "")
	o.upload(202, first, "bulk-upsert", person("ann"))
	if second := o.create(); second == first {
		t.Error("two sessions have one id")
	}
}
