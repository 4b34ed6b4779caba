package config

import (
	"strings"
	"testing"
)

// FuzzConfig feeds any text as a file and as a variable: nothing may panic, every problem must have a place and a reason,
// and what is accepted must be valid.
func FuzzConfig(f *testing.F) {
	f.Add([]byte(fiveMistakes), "")
	f.Add([]byte("{}"), "[a, b]")
	f.Add([]byte("okta: &o {orgUrl: https://acme.okta.com}\nqueue: *o\n"), "expr:true")
	f.Add([]byte("mapping: {profile: {userName: email, email: email, x: a + \" \" + b}}\n"), "{a: b}")
	f.Add([]byte("gather: {quiet: 1s, max: 99999999999999h}\nreadRate: 1e400\nguard: {min: 0x7fffffffffffffffff}\n"), "\x00")
	f.Add([]byte("a: &a [*a]\n? b\n: <<: *a\n--- !!binary x\n"), "&a [*a]")
	f.Add([]byte("\ufefftable: ünïcode\r\n\tkey: x"), "- a\n- b")
	f.Fuzz(func(t *testing.T, file []byte, value string) {
		cfg, err := Load(file, environ(map[string]string{"ROLLCALL_GUARD_PROTECT": value, "ROLLCALL_OKTA_ORG_URL": value}), "queue.intents")
		if err == nil {
			if again := cfg.Validate(); again != nil {
				t.Fatalf("accepted, but not valid: %v", again)
			}
			if cfg.Queue.Intents == "" {
				t.Fatal("a required setting is missing")
			}
			return
		}
		problems := Problems(err)
		if len(problems) != strings.Count(err.Error(), "\n")+1 {
			t.Fatalf("%d problems in %q", len(problems), err)
		}
		for _, p := range problems {
			if p.Reason == "" || p.Line < 0 || p.Line > 0 && p.Column < 1 || p.Line == 0 && p.Variable == "" {
				t.Fatalf("a problem without a place: %#v", p)
			}
		}
	})
}
