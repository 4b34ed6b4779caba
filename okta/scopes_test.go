package okta

import (
	"testing"
	"time"
)

func TestOptionalScopes(t *testing.T) {
	withOrg(t, func(o *fakeOrg) {
		o.scopes = append(o.scopes, ScopeLogsRead)
		c, a := o.dial(Static(o.app("kid1", ecKey)), ScopeAppsRead, ScopeLogsRead, ScopeSchemasRead)
		o.list(c, "token 400, token 200, token 400, token 200, token 400, api 200")
		o.list(c, "api 200")
		scopes, err := a.Scopes(o.t.Context())
		if err != nil || len(scopes) != 3 || scopes[2] != ScopeLogsRead {
			o.t.Errorf("scopes %v, %v", scopes, err)
		}
		// One that is granted later is taken up with the next token.
		o.set(func() { o.scopes = append(o.scopes, ScopeSchemasRead) })
		time.Sleep(o.life)
		o.list(c, "token 400, token 200, token 400, token 200, token 200, api 200")
		scopes, err = a.Scopes(o.t.Context())
		if err != nil || len(scopes) != 4 || scopes[3] != ScopeSchemasRead {
			o.t.Errorf("scopes %v, %v", scopes, err)
		}
		o.set(func() { o.scopes = append(o.scopes, ScopeAppsRead) })
		time.Sleep(o.life)
		o.list(c, "token 200, api 200")
	})
}

// TestOneOptionalScopeCostsTwoCalls, be it granted or not, and whichever way Okta says so.
func TestOneOptionalScopeCostsTwoCalls(t *testing.T) {
	for _, code := range []string{"invalid_scope", "consent_required"} {
		withOrg(t, func(o *fakeOrg) {
			o.ungranted = code
			c, _ := o.dial(Static(o.app("kid1", ecKey)), ScopeLogsRead)
			o.list(c, "token 400, token 200, api 200")
			o.set(func() { o.scopes = append(o.scopes, ScopeLogsRead) })
			time.Sleep(o.life)
			o.list(c, "token 200, api 200")
		})
	}
}
