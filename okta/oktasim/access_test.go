package oktasim_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/okta/oktasim"
)

// bearer gets a token and calls with it.
func (o *org) bearer(scope string) http.Header {
	o.t.Helper()
	return http.Header{"Authorization": {"Bearer " + o.token(scope, o.assertion(nil), "").field(o.t, "access_token")}}
}

func TestBearerToken(t *testing.T) {
	o := newOAuthOrg(t, false)
	header := o.bearer(readSources)
	if r := o.send("GET", source+"/sessions", "", header); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.text)
	}
	for _, path := range []string{"/api/v1/apps/0oa1/users", "/api/v1/logs"} {
		r := o.send("GET", path, "", header)
		if code, _ := r.problem(t); r.status != 403 || code != "E0000006" || !strings.Contains(r.header.Get("WWW-Authenticate"), "insufficient_scope") {
			t.Errorf("%s: %d %s", path, r.status, r.text)
		}
	}
	if r := o.send("POST", source+"/sessions", "", header); r.status != 403 || len(o.Sessions()) != 0 {
		t.Errorf("read scope creates: %d %s", r.status, r.text)
	}
	as := func(scheme string) http.Header {
		return http.Header{"Authorization": {strings.Replace(header.Get("Authorization"), "Bearer", scheme, 1)}}
	}
	if r := o.send("GET", source+"/sessions", "", as("DPoP")); r.status != 401 {
		t.Errorf("bearer token as DPoP: %d", r.status)
	}
	if r := o.send("GET", source+"/sessions", "", as("SSWS")); r.status != 401 {
		t.Errorf("bearer token as SSWS: %d", r.status)
	}
	o.pass(time.Hour - time.Nanosecond)
	if r := o.send("GET", source+"/sessions", "", header); r.status != 200 {
		t.Errorf("before its end: %d %s", r.status, r.text)
	}
	o.pass(time.Nanosecond)
	if r := o.send("GET", source+"/sessions", "", header); r.status != 401 || !strings.Contains(r.header.Get("WWW-Authenticate"), "invalid_token") {
		t.Errorf("after its end: %d %s", r.status, r.text)
	}
	header = o.bearer("okta.apps.read")
	if r := o.send("GET", "/api/v1/apps/0oa1/users", "", header); r.status != 200 {
		t.Errorf("another scope: %d %s", r.status, r.text)
	}
	o.RevokeTokens()
	if r := o.send("GET", "/api/v1/apps/0oa1/users", "", header); r.status != 401 {
		t.Errorf("revoked: %d %s", r.status, r.text)
	}
}

func TestManageScopeReads(t *testing.T) {
	o := newOrg(t, func(c *oktasim.Config) { c.Clients = []oktasim.Client{app(false, "okta.identitySources.manage")} })
	header := o.bearer("okta.identitySources.manage")
	for _, method := range []string{"POST", "GET"} {
		if r := o.send(method, source+"/sessions", "", header); r.status/100 != 2 {
			t.Errorf("%s: %d %s", method, r.status, r.text)
		}
	}
}

func TestSimRotatesKeys(t *testing.T) {
	o := newOAuthOrg(t, false)
	clients := o.call(200, "GET", "/sim/clients", "").text
	var some []oktasim.Client
	if err := json.Unmarshal([]byte(clients), &some); err != nil {
		t.Fatal(err)
	}
	some[0].Keys.Keys = some[0].Keys.Keys[1:]
	o.call(204, "PUT", "/sim/clients", string(must(json.Marshal(some))))
	if r := o.token(readSources, o.assertion(nil), ""); r.status != 401 {
		t.Errorf("the key that is gone: %d", r.status)
	}
	for _, wrong := range []string{`{}`, `[{"id":""}]`, `[{"id":"a","scopes":["everything"]}]`, `[{"id":"a","jwks":{"keys":[{"kty":"oct","k":"AAAA","kid":"1"}]}}]`} {
		o.call(400, "PUT", "/sim/clients", wrong)
	}
	o.call(204, "PUT", "/sim/clients", clients)
	header := o.bearer(readSources)
	o.call(204, "POST", "/sim/revoke", "")
	if r := o.send("GET", source+"/sessions", "", header); r.status != 401 {
		t.Errorf("revoked: %d", r.status)
	}
	o.call(204, "POST", "/sim/nonce", "")
}
