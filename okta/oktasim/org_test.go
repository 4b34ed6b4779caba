package oktasim_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"rollcall/okta/oktasim"
)

// org is a simulated org with a clock that the test drives.
type org struct {
	*oktasim.Server
	t      *testing.T
	config oktasim.Config
	now    time.Time
	client *http.Client
}

// newOrg starts an org without limits on calls and with imports that take no time; edit changes that.
func newOrg(t *testing.T, edit ...func(*oktasim.Config)) *org {
	t.Helper()
	o := &org{t: t, now: time.Date(2026, 3, 1, 9, 0, 17, 250e6, time.UTC), config: oktasim.DefaultConfig()}
	o.config.Now = func() time.Time { return o.now }
	o.config.RateLimit, o.config.AdminRateLimit, o.config.Cooldown = 0, 0, 0
	o.config.ImportTime, o.config.PersonTime = 0, 0
	for _, e := range edit {
		e(&o.config)
	}
	o.start()
	return o
}

// start starts the org, anew where it ran: what went on is what Dir holds, as after a kill. Closing the old one writes
// nothing; it lets go of the folder, as the death of its process would.
func (o *org) start() {
	o.t.Helper()
	if o.Server != nil {
		if err := o.Close(); err != nil {
			o.t.Fatal(err)
		}
	}
	server, err := oktasim.New(o.config)
	if err != nil {
		o.t.Fatal(err)
	}
	o.Server, o.client = server, &http.Client{Transport: server.Transport()}
}

func (o *org) pass(d time.Duration) { o.now = o.now.Add(d) }

// reply is an answer, read.
type reply struct {
	status int
	header http.Header
	text   string
}

// field returns a field of a JSON object.
func (r reply) field(t *testing.T, name string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(r.text), &object); err != nil {
		t.Fatalf("answer %d %q: %v", r.status, r.text, err)
	}
	return fmt.Sprint(object[name])
}

const source = "/api/v1/identity-sources/0oa1"

// try calls the org with its token.
func (o *org) try(method, path, body string) (reply, error) {
	return o.tryWith(method, path, body, "SSWS sim-token")
}

func (o *org) tryWith(method, path, body, authorization string) (reply, error) {
	request, err := http.NewRequestWithContext(o.t.Context(), method, "http://okta.test"+path, strings.NewReader(body))
	if err != nil {
		return reply{}, err
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := o.client.Do(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return reply{response.StatusCode, response.Header, string(text)}, err
}

// call calls the org and insists on the status.
func (o *org) call(want int, method, path, body string) reply {
	o.t.Helper()
	r, err := o.try(method, path, body)
	if err != nil {
		o.t.Fatalf("%s %s: %v", method, path, err)
	}
	if r.status != want {
		o.t.Fatalf("%s %s: %d %s, want %d", method, path, r.status, r.text, want)
	}
	return r
}

func (o *org) create() (id string) {
	o.t.Helper()
	return o.call(201, "POST", source+"/sessions", "").field(o.t, "id")
}

func (o *org) upload(want int, session, kind string, profiles ...map[string]any) reply {
	o.t.Helper()
	body, err := json.Marshal(map[string]any{"entityType": "USERS", "profiles": profiles})
	if err != nil {
		o.t.Fatal(err)
	}
	return o.call(want, "POST", source+"/sessions/"+session+"/"+kind, string(body))
}

func (o *org) trigger(want int, session string) reply {
	o.t.Helper()
	return o.call(want, "POST", source+"/sessions/"+session+"/start-import", "")
}

func (o *org) status(session string) string {
	o.t.Helper()
	return o.call(200, "GET", source+"/sessions/"+session, "").field(o.t, "status")
}

// load imports one session of these entries, upserts where they have a profile.
func (o *org) load(entries ...map[string]any) (session string) {
	o.t.Helper()
	session = o.create()
	var upserts, deletes []map[string]any
	for _, e := range entries {
		if e["profile"] != nil {
			upserts = append(upserts, e)
		} else {
			deletes = append(deletes, e)
		}
	}
	if upserts != nil {
		o.upload(202, session, "bulk-upsert", upserts...)
	}
	if deletes != nil {
		o.upload(202, session, "bulk-delete", deletes...)
	}
	o.trigger(200, session)
	return session
}

// outcomes returns "externalId outcome" of everybody in a session.
func (o *org) outcomes(session string) []string {
	var got []string
	for _, x := range o.Sessions() {
		if x.ID != session {
			continue
		}
		for _, p := range x.People {
			got = append(got, strings.TrimSpace(p.ExternalID+" "+string(p.Outcome)))
		}
	}
	return got
}

// person is an entry of a bulk-upsert; attributes are name, value, name, value over what is required.
func person(id string, attributes ...any) map[string]any {
	profile := map[string]any{"userName": id + "@example.com", "email": id + "@example.com"}
	for i := 0; i < len(attributes); i += 2 {
		profile[attributes[i].(string)] = attributes[i+1]
	}
	return map[string]any{"externalId": id, "profile": profile}
}

func leaver(id string) map[string]any { return map[string]any{"externalId": id} }

// problem reads Okta's error object and insists on its shape.
func (r reply) problem(t *testing.T) (code, text string) {
	t.Helper()
	var body struct {
		ErrorCode, ErrorSummary, ErrorLink, ErrorID string
		ErrorCauses                                 []struct{ ErrorSummary string }
	}
	d := json.NewDecoder(bytes.NewReader([]byte(r.text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&body); err != nil {
		t.Fatalf("error body %q: %v", r.text, err)
	}
	if body.ErrorLink != body.ErrorCode || len(body.ErrorID) != 20 || body.ErrorSummary == "" || body.ErrorCauses == nil {
		t.Fatalf("error body %q lacks something", r.text)
	}
	text = body.ErrorSummary
	for _, cause := range body.ErrorCauses {
		text += "; " + cause.ErrorSummary
	}
	return body.ErrorCode, text
}
