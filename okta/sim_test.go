package okta_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// simulated runs a test in a bubble, with a client of a simulated org.
func simulated(t *testing.T, edit func(*oktasim.Config), test func(*testing.T, *oktasim.Server, *okta.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config := oktasim.DefaultConfig()
		config.Token, config.Latency = "sim-token", 1200*time.Millisecond
		edit(&config)
		server, err := oktasim.New(config)
		if err != nil {
			t.Fatal(err)
		}
		client, err := okta.New(clientConfig(config, server, okta.SSWS(okta.Secret(config.Token))))
		if err != nil {
			t.Fatal(err)
		}
		test(t, server, client)
	})
}

func clientConfig(config oktasim.Config, server *oktasim.Server, authorizer okta.Authorizer) okta.Config {
	return okta.Config{OrgURL: "https://example.okta.com", IdentitySourceID: config.IdentitySourceID, Authorizer: authorizer,
		Transport: server.Transport(), Jitter: func() float64 { return 0.5 }}
}

// people are n people with these profiles' attributes beside the required ones.
func people(n int, attributes map[string]any) []okta.Person {
	list := make([]okta.Person, n)
	for i := range list {
		profile := map[string]any{"userName": fmt.Sprintf("p%04d@example.com", i), "email": fmt.Sprintf("p%04d@example.com", i)}
		maps.Copy(profile, attributes)
		text, err := json.Marshal(profile)
		if err != nil {
			panic(err) // strings and nulls marshal
		}
		list[i] = okta.Person{ExternalID: fmt.Sprintf("p%04d", i), Profile: text}
	}
	return list
}

// load imports people in one session.
func load(t *testing.T, c *okta.Client, list []okta.Person) okta.Session {
	t.Helper()
	s, err := c.CreateSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for len(list) > 0 {
		n := min(len(list), okta.MaxLoadPeople)
		if err := c.BulkUpsert(t.Context(), s.ID, list[:n]); err != nil {
			t.Fatal(err)
		}
		list = list[n:]
	}
	if s, err = c.StartImport(t.Context(), s.ID); err != nil || s.Status != okta.StatusTriggered {
		t.Fatalf("session %+v, %v", s, err)
	}
	for !s.Status.Ended() {
		time.Sleep(10 * time.Second)
		if s, err = c.GetSession(t.Context(), s.ID); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestSessionOfASimulatedOrg(t *testing.T) {
	simulated(t, func(c *oktasim.Config) {}, func(t *testing.T, org *oktasim.Server, c *okta.Client) {
		if s := load(t, c, people(450, nil)); s.Status != okta.StatusCompleted {
			t.Errorf("session %+v", s)
		}
		if n := len(org.Users()); n != 450 {
			t.Errorf("%d users", n)
		}
		u, err := c.GetUser(t.Context(), "p0007")
		if err != nil || u.ExternalID != "p0007" {
			t.Errorf("user %+v, %v", u, err)
		}
		if err := c.DeleteUser(t.Context(), "p0007"); err != nil {
			t.Error(err)
		}
		if u, _ := org.User("p0007"); u.Status != oktasim.Deprovisioned {
			t.Errorf("user is %s", u.Status)
		}
		if _, err := c.GetUser(t.Context(), "nobody"); !okta.IsNotFound(err) {
			t.Errorf("got %v", err)
		}
		if _, err := c.GetSession(t.Context(), "nothing"); !okta.IsNotFound(err) {
			t.Errorf("got %v", err)
		}
		if org.Throttled() != 0 || len(org.Violations()) != 0 {
			t.Errorf("%d calls throttled, violations %v", org.Throttled(), org.Violations())
		}
	})
}

func TestPaceOfASimulatedOrg(t *testing.T) {
	for _, apart := range []bool{false, true} {
		simulated(t, func(c *oktasim.Config) { c.UploadsApart = apart }, func(t *testing.T, org *oktasim.Server, c *okta.Client) {
			start := time.Now()
			load(t, c, people(okta.MaxLoads*okta.MaxLoadPeople, nil))
			if took := time.Since(start); took > 6*time.Minute || org.Throttled() != 0 {
				t.Errorf("took %v; %d calls throttled", took, org.Throttled())
			}
		})
	}
}

func TestRefusalsOfASimulatedOrg(t *testing.T) {
	simulated(t, func(c *oktasim.Config) { c.RateLimit = 0 }, func(t *testing.T, org *oktasim.Server, c *okta.Client) {
		s, err := c.CreateSession(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.CreateSession(t.Context()); okta.Classify(err) != okta.Refused {
			t.Errorf("a second session: %v", err)
		}
		if err := c.BulkDelete(t.Context(), s.ID, []string{"nobody"}); err != nil {
			t.Error(err)
		}
		if _, err := c.StartImport(t.Context(), s.ID); okta.Classify(err) != okta.Refused {
			t.Errorf("a session that holds nothing: %v", err)
		}
		if err := c.BulkUpsert(t.Context(), s.ID, people(1, map[string]any{"shoeSize": "43"})); okta.Classify(err) != okta.Refused {
			t.Errorf("an attribute that is not declared: %v", err)
		}
		// The answer of a cancel that took effect is lost.
		if err := org.Fault(oktasim.Fault{Op: oktasim.OpCancel, Drop: "after"}); err != nil {
			t.Fatal(err)
		}
		if err := c.CancelSession(t.Context(), s.ID); err != nil {
			t.Error(err)
		}
		if err := c.CancelSession(t.Context(), s.ID); okta.Classify(err) != okta.Refused {
			t.Errorf("a session that is closed: %v", err)
		}
		for _, fault := range []oktasim.Fault{{Op: "*", Drop: "before"}, {Op: "*", Drop: "middle"}, {Op: "*", Status: 503}, {Op: "*", Delay: oktasim.Duration(time.Minute)}} {
			if err := org.Fault(fault); err != nil {
				t.Fatal(err)
			}
			if _, err := c.CreateSession(t.Context()); okta.Classify(err) != okta.Unavailable || !okta.Ambiguous(err) {
				t.Errorf("%+v: %v", fault, err)
			}
			sessions, err := c.ListSessions(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range sessions {
				if err := c.CancelSession(t.Context(), s.ID); err != nil {
					t.Error(err)
				}
			}
		}
	})
}

func TestAdminOfASimulatedOrg(t *testing.T) {
	simulated(t, func(c *oktasim.Config) { c.AdminRateLimit = 3 }, func(t *testing.T, org *oktasim.Server, c *okta.Client) {
		app, err := c.GetApp(t.Context())
		if err != nil || app.Name != okta.AppName || app.Status != "ACTIVE" {
			t.Errorf("app %+v, %v", app, err)
		}
		list := people(1201, nil)
		list[3] = people(4, map[string]any{"countryCode": "Germany"})[3]
		start := time.Now()
		s := load(t, c, list)
		users := map[string]bool{}
		for u, err := range c.AppUsers(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			users[u.ExternalID] = true
		}
		if len(users) != 1200 || users["p0003"] {
			t.Errorf("%d users", len(users))
		}
		var failed []string
		for e, err := range c.ImportFailures(t.Context(), start.Add(-time.Minute), time.Time{}) {
			if err != nil {
				t.Fatal(err)
			}
			failed = append(failed, e.ExternalID()+" "+e.SessionID()+" "+e.Result)
		}
		if diff := cmp.Diff([]string{"p0003 " + s.ID + " FAILURE"}, failed); diff != "" {
			t.Error(diff)
		}
		if org.Throttled() != 0 {
			t.Errorf("%d calls throttled", org.Throttled())
		}
	})
}

func TestSetupOfASimulatedOrg(t *testing.T) {
	simulated(t, func(c *oktasim.Config) {}, func(t *testing.T, org *oktasim.Server, c *okta.Client) {
		for range 2 { // twice, as it does no harm
			attributes, err := c.DeclareAttributes(t.Context(), []okta.Attribute{{Name: "shoeSize", Title: "Shoe size", Type: "string"}})
			if err != nil {
				t.Fatal(err)
			}
			declared := false
			for _, a := range attributes {
				declared = declared || a.Name == "shoeSize" && a.Custom && a.Type == "string"
			}
			m, err := c.ToOktaMapping(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			m, err = c.MapProperties(t.Context(), m.ID, map[string]okta.MappedProperty{"shoeSize": {Expression: "appuser.shoeSize", PushStatus: okta.PushAlways}})
			if err != nil || !declared || m.Properties["shoeSize"].Expression != "appuser.shoeSize" || m.Properties["title"].PushStatus != okta.PushAlways {
				t.Errorf("declared %v, mapping %+v, %v", declared, m, err)
			}
		}
		if s := load(t, c, people(1, map[string]any{"shoeSize": "43"})); s.Status != okta.StatusCompleted {
			t.Errorf("session %+v", s)
		}
	})
}
