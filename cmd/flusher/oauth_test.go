package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/go-jose/go-jose/v4"

	"rollcall/batcher"
	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/embedded"
	"rollcall/internal/function"
	"rollcall/internal/items"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// deployment is the function as it is deployed with a service app, whose key is in Secrets Manager: the wiring is
// newHandler's own. Queue, table and control table are files, Okta is simulated.
type deployment struct {
	*testing.T
	*handler
	cloud *cloud
	org   *oktasim.Server
	table *embedded.Table
	queue *embedded.Queue
	log   *bytes.Buffer
	// scopes are those that the service app was granted.
	scopes []string
}

// use makes a new key the service app's only one, and puts it into the secret.
func (d *deployment) use(kid string) {
	d.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		d.Fatal(err)
	}
	if err := d.org.SetClients(oktasim.Client{
		ID: "0oaApp", DPoP: true, Scopes: d.scopes, Keys: jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: kid}}},
	}); err != nil {
		d.Fatal(err)
	}
	private, err := json.Marshal(jose.JSONWebKey{Key: key, KeyID: kid})
	if err != nil {
		d.Fatal(err)
	}
	d.cloud.secret = fmt.Sprintf(`{"clientId":"0oaApp","privateKey":%s}`, private)
}

// deploy deploys the function with a service app that was granted these scopes besides those that nothing works without.
func deploy(t *testing.T, scopes ...string) *deployment {
	t.Helper()
	d := &deployment{T: t, log: &bytes.Buffer{}, scopes: append([]string{okta.ScopeSourcesManage, okta.ScopeSourcesRead}, scopes...)}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	o := oktasim.DefaultConfig()
	o.Token, o.Cooldown, o.RateLimit, o.AdminRateLimit, o.ImportTime, o.PersonTime = "", 0, 0, 0, 0, 0
	o.SameUserName, o.NonceOnCalls = oktasim.SameUserNameClash, true
	org, err := oktasim.New(o)
	must(err)
	server := httptest.NewServer(org)
	t.Cleanup(server.Close)
	cfg, err := config.Load(nil, func(name string) (string, bool) {
		value, ok := map[string]string{
			"ROLLCALL_QUEUE_INTENTS": "http://127.0.0.1:1/000000000000/intents", "ROLLCALL_OKTA_ORG_URL": server.URL,
			"ROLLCALL_OKTA_IDENTITY_SOURCE_ID": o.IdentitySourceID,
			"ROLLCALL_OKTA_SECRET_ARN":         "arn:aws:secretsmanager:us-east-1:000000000000:secret:okta-AbCdEf",
			"ROLLCALL_GATHER_QUIET":            "0s",
		}[name]
		return value, ok
	})
	must(err)
	d.org, d.cloud = org, &cloud{
		calls: map[string]int{}, made: map[string]int{}, control: map[string]map[string]json.RawMessage{},
	}
	d.use("kid1")
	sdk := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""),
		HTTPClient: d.cloud, ConfigSources: []any{d.cloud},
	}
	d.handler, err = newHandler(sdk, cfg, function.NewLog(d.log, "info"), d.log)
	must(err)
	db, err := embedded.Open(t.TempDir())
	must(err)
	t.Cleanup(func() { must(db.Close()) })
	d.table, err = db.Table(t.Context(), embedded.TableOptions{Name: "people", Schema: items.Schema{Partition: items.Attribute{Name: "id"}}})
	must(err)
	d.queue = db.Queue("intents", embedded.QueueOptions{Visibility: time.Minute})
	flusher := d.parts.Flusher
	flusher.Queue, flusher.Table, flusher.Control = d.queue, d.table, batcher.NewControl(db.Store())
	flusher.Timing.Poll, flusher.Timing.Recheck = 0, 0
	return d
}

// changed puts people into the table, says so in the queue, and flushes till nothing is left to do.
func (d *deployment) changed(ids ...string) {
	d.Helper()
	var m intent.Message
	for _, id := range ids {
		item := fmt.Sprintf(`{"id":{"S":%q},"active":{"BOOL":true},"email":{"S":"ann@example.com"}}`, id)
		if err := d.table.PutItem(d.Context(), []byte(item)); err != nil {
			d.Fatal(err)
		}
		m.Intents = append(m.Intents, intent.Intent{ExternalID: id, Keys: []intent.Key{intent.Key(fmt.Sprintf(`{"id":{"S":%q}}`, id))}})
	}
	bodies, err := intent.Pack(m)
	if err != nil {
		d.Fatal(err)
	}
	if _, err := d.queue.Send(d.Context(), bodies, 0); err != nil {
		d.Fatal(err)
	}
	var outcomes []batcher.Outcome
	for range 3 {
		report, err := d.parts.Flusher.Flush(d.Context())
		if err != nil {
			d.Fatalf("flush: %v", err)
		}
		outcomes = append(outcomes, report.Outcome)
	}
	if want := []batcher.Outcome{batcher.Triggered, batcher.Looked, batcher.Idle}; !slices.Equal(outcomes, want) {
		d.Fatalf("flushes ended in %v, want %v", outcomes, want)
	}
}

// TestWhomAnImportDidNotApplyIsARejectByOAuthToo goes from a key in Secrets Manager to a reject: two people have one
// userName, and this org takes only one of them.
func TestWhomAnImportDidNotApplyIsARejectByOAuthToo(t *testing.T) {
	d := deploy(t, okta.ScopeLogsRead)
	d.changed("ann")
	d.changed("double")
	rejects, err := d.parts.Flusher.Control.Rejects(t.Context())
	if err != nil || len(rejects) != 1 || rejects[0].ExternalID != "double" {
		t.Fatalf("rejects %+v (%v), want the one that was not applied; log %s", rejects, err, d.log)
	}
	scopes, err := d.parts.Authority.Scopes(t.Context())
	if err != nil || !slices.Contains(scopes, okta.ScopeLogsRead) {
		t.Errorf("scopes %v (%v)", scopes, err)
	}
	if d.cloud.calls["GetSecretValue"] != 1 || d.org.Calls()[oktasim.OpToken] > 4 {
		t.Errorf("the secret was read %d times, the token endpoint asked %d times", d.cloud.calls["GetSecretValue"], d.org.Calls()[oktasim.OpToken])
	}
}

// TestWithoutTheScopeForTheLogPeopleAreLoaded, and the log says what is missing.
func TestWithoutTheScopeForTheLogPeopleAreLoaded(t *testing.T) {
	d := deploy(t)
	d.changed("ann")
	if user, _ := d.org.User("ann"); user.Status != oktasim.Active {
		t.Errorf("ann is %q", user.Status)
	}
	if !strings.Contains(d.log.String(), "grant okta.logs.read") {
		t.Errorf("the log does not say what to grant: %s", d.log)
	}
}

// TestANewKeyNeedsNoDeployment replaces the key in the secret and at Okta, beside a token that serves on, and one that
// does not.
func TestANewKeyNeedsNoDeployment(t *testing.T) {
	d := deploy(t)
	d.changed("ann")
	d.use("kid2")
	d.changed("ann")
	if d.cloud.calls["GetSecretValue"] != 1 {
		t.Errorf("the secret was read %d times while the token served", d.cloud.calls["GetSecretValue"])
	}
	d.org.RevokeTokens()
	d.org.RotateNonce()
	d.changed("ann")
	if d.cloud.calls["GetSecretValue"] != 2 {
		t.Errorf("the secret was read %d times, want it read again once Okta refused the old key", d.cloud.calls["GetSecretValue"])
	}
}
