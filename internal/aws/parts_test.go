package aws

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/sirupsen/logrus"

	"rollcall/internal/config"
)

// secrets is Secrets Manager with one secret.
type secrets struct {
	text   *string
	binary []byte
	status int
	reads  int
}

// Do implements the SDK's HTTP client.
func (s *secrets) Do(request *http.Request) (*http.Response, error) {
	if target := request.Header.Get("X-Amz-Target"); target != "secretsmanager.GetSecretValue" {
		return nil, fmt.Errorf("unexpected call %q", target)
	}
	s.reads++
	body, err := json.Marshal(map[string]any{"SecretString": s.text, "SecretBinary": s.binary})
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if s.status != 0 {
		status, body = s.status, []byte(`{"__type":"AccessDeniedException","message":"no identity-based policy allows it"}`)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: request}, nil
}

// org is an Okta that takes one API token and has no sessions.
type org struct {
	token string
	calls int
}

func (o *org) RoundTrip(request *http.Request) (*http.Response, error) {
	o.calls++
	status, body := http.StatusOK, "[]"
	if request.Header.Get("Authorization") != "SSWS "+o.token {
		status, body = http.StatusUnauthorized, `{"errorCode":"E0000011","errorSummary":"Invalid token provided"}`
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: request}, nil
}

var required = map[string]string{
	"ROLLCALL_QUEUE_INTENTS": "http://127.0.0.1:1/000000000000/intents", "ROLLCALL_OKTA_ORG_URL": "https://example.okta.com",
	"ROLLCALL_OKTA_IDENTITY_SOURCE_ID": "0oa1", "ROLLCALL_OKTA_SECRET_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:okta-AbCdEf",
}

func newParts(t *testing.T, s *secrets, o *org, settings map[string]string) (*Parts, error) {
	t.Helper()
	cfg, err := config.Load(nil, func(name string) (string, bool) {
		if value, ok := settings[name]; ok {
			return value, true
		}
		value, ok := required[name]
		return value, ok
	}, Required()...)
	if err != nil {
		t.Fatal(err)
	}
	sdk := aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("none", "none", ""), HTTPClient: s, RetryMaxAttempts: 1,
	}
	log := logrus.New()
	log.SetOutput(io.Discard)
	return New(sdk, cfg, Options{Log: logrus.NewEntry(log), Transport: o})
}

// TestRotatedTokenIsTakenUp rotates the token in the secret and at Okta while the parts are in use.
func TestRotatedTokenIsTakenUp(t *testing.T) {
	s, o := &secrets{text: aws.String(`{"token":"00first"}`)}, &org{token: "00first"}
	p, err := newParts(t, s, o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s.reads+o.calls > 0 {
		t.Error("something was called before it was needed")
	}
	for range 3 {
		if _, err := p.Okta.ListSessions(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if s.reads != 1 {
		t.Errorf("the secret was read %d times for three calls", s.reads)
	}
	s.text, o.token = aws.String("00second"), "00second"
	if _, err := p.Okta.ListSessions(t.Context()); err != nil {
		t.Errorf("after the rotation: %v", err)
	}
	if s.reads != 2 || o.calls != 5 {
		t.Errorf("%d readings of the secret and %d calls of Okta, want 2 and 5", s.reads, o.calls)
	}
}

func TestSecretsThatCannotServeAreNamed(t *testing.T) {
	cases := map[string]struct {
		secret secrets
		want   string
	}{
		"no access": {secrets{status: http.StatusBadRequest}, "AccessDeniedException"},
		"binary":    {secrets{binary: []byte("00token")}, "it is binary"},
		"empty":     {secrets{text: aws.String(" ")}, "secret is empty"},
		"unknown":   {secrets{text: aws.String(`{"apiKey":"00token"}`)}, "secret is none of"},
	}
	for name, c := range cases {
		synctest.Test(t, func(t *testing.T) { // Okta's client tries again
			o := &org{token: "00token"}
			p, err := newParts(t, &c.secret, o, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, err = p.Okta.ListSessions(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "00token") {
				t.Errorf("%s: %v", name, err)
			}
			if o.calls > 0 {
				t.Errorf("%s: Okta was called all the same", name)
			}
		})
	}
}

func TestTheEnvironmentsTokenSparesTheSecret(t *testing.T) {
	s, o := &secrets{}, &org{token: "00env"}
	p, err := newParts(t, s, o, map[string]string{"OKTA_API_TOKEN": "00env", "ROLLCALL_OKTA_SECRET_ARN": ""})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Okta.ListSessions(t.Context()); err != nil || s.reads > 0 {
		t.Errorf("%v; %d readings", err, s.reads)
	}
}

func TestSettingsReachTheParts(t *testing.T) {
	p, err := newParts(t, &secrets{}, &org{}, map[string]string{
		"ROLLCALL_URGENT_ENABLED": "true", "ROLLCALL_URGENT_PER_MINUTE": "3", "ROLLCALL_QUEUE_URGENT": "http://127.0.0.1:1/000000000000/urgent",
		"ROLLCALL_GUARD_MIN": "7", "ROLLCALL_GUARD_PEOPLE": "90", "ROLLCALL_GUARD_PROTECT": "[boss]",
		"ROLLCALL_GATHER_QUIET": "2s", "ROLLCALL_GATHER_MAX": "9s", "ROLLCALL_EXTERNAL_ID_INDEX": "by-person", "ROLLCALL_LOG_SHOW_IDS": "true",
	})
	if err != nil {
		t.Fatal(err)
	}
	f := p.Flusher
	if f.Urgent == nil || f.Urgent.PerMinute != 3 || f.Guard.Min != 7 || f.Guard.People != 90 || !f.Protected["boss"] || !f.Indexed ||
		f.Timing.Quiet.Seconds() != 2 || f.Timing.Gather.Seconds() != 9 || f.Name("jane") != "jane" {
		t.Errorf("flusher %+v", f)
	}
	if p, err = newParts(t, &secrets{}, &org{}, nil); err != nil || p.Urgent != nil || p.Flusher.Urgent != nil || p.Flusher.Indexed {
		t.Errorf("by default: %v, urgent %v", err, p.Urgent)
	}
}

func TestOktaAloneNeedsNoTable(t *testing.T) {
	o := &org{token: "00env"}
	client, authority, err := NewOkta(aws.Config{Region: "us-east-1"},
		config.Okta{OrgURL: "https://example.okta.com", IdentitySourceID: "0oa1", RateShare: 1, Token: "00env"}, Options{Transport: o})
	if err != nil || authority == nil {
		t.Fatal(err)
	}
	if _, err := client.ListSessions(t.Context()); err != nil || client.IdentitySourceID() != "0oa1" {
		t.Error(err)
	}
	if _, _, err := NewOkta(aws.Config{}, config.Okta{OrgURL: "ftp://okta"}, Options{}); err == nil {
		t.Error("a wrong address is taken")
	}
}
