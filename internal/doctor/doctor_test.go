package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/dynamo"
	"rollcall/internal/items"
	"rollcall/internal/sqs"
	"rollcall/okta"
	"rollcall/okta/oktasim"
)

// fakeAWS is an AWS that answers what it is told.
type fakeAWS struct {
	table   dynamo.Shape
	control dynamo.StoreShape
	queues  map[string]sqs.Shape
	err     error
}

func (c *fakeAWS) DescribeTable(context.Context) (dynamo.Shape, error) { return c.table, c.err }
func (c *fakeAWS) DescribeControl(context.Context) (dynamo.StoreShape, error) {
	return c.control, c.err
}
func (c *fakeAWS) DescribeQueues(context.Context) (map[string]sqs.Shape, error) {
	return c.queues, c.err
}

// pages is a table, one page.
type pages []string

func (p pages) ScanPage(context.Context, int, int, intent.Key) (all [][]byte, last intent.Key, err error) {
	for _, item := range p {
		all = append(all, []byte(item))
	}
	return all, "", nil
}

const jane = `{"id":{"S":"jane"},"active":{"BOOL":true},"email":{"S":"jane@example.com"},"country":{"S":"NO"}}`

// installation is one that is healthy until a test edits it.
type installation struct {
	Subject
	*fakeAWS
	pages pages
	org   oktasim.Config
	// dial wraps the client of the org, if set.
	dial func(Org) Org
}

func examine(t *testing.T, edit func(*installation)) Report {
	t.Helper()
	c := config.Default()
	c.Okta.IdentitySourceID = "0oa1"
	i := &installation{org: oktasim.DefaultConfig(), pages: pages{jane}, fakeAWS: &fakeAWS{
		table: dynamo.Shape{
			Schema: items.Schema{Partition: items.Attribute{Name: "id", Type: "S"}}, Items: 1, StreamARN: "arn", StreamView: allImages,
		},
		control: dynamo.WantedStore(),
		queues:  map[string]sqs.Shape{"queue.intents": {Visibility: 16 * time.Minute, Retention: 14 * 24 * time.Hour}},
	}}
	i.Config, i.AWS = c, i.fakeAWS
	edit(i)
	org, err := oktasim.New(i.org)
	if err != nil {
		t.Fatal(err)
	}
	client, err := okta.New(okta.Config{
		OrgURL: "https://example.okta.com", IdentitySourceID: i.Config.Okta.IdentitySourceID, Authorizer: okta.SSWS("sim-token"),
		Transport: org.Transport(), RateShare: 1, Jitter: func() float64 { return 0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	i.Org = client
	if i.Log == nil {
		i.Log = client
	}
	if i.dial != nil {
		i.Org = i.dial(client)
	}
	if i.Mapping, err = i.Config.CompileMapping(); err != nil {
		t.Fatal(err)
	}
	i.Pages = i.pages
	if i.Err != nil {
		i.Mapping, i.Pages, i.AWS = nil, nil, nil
	}
	return Examine(t.Context(), i.Subject)
}

func findingOf(t *testing.T, r Report, check string) Finding {
	t.Helper()
	i := slices.IndexFunc(r.Checks, func(f Finding) bool { return f.Check == check })
	if i < 0 {
		t.Fatalf("no check %q in %+v", check, r.Checks)
	}
	return r.Checks[i]
}

func TestAHealthyInstallation(t *testing.T) {
	r := examine(t, func(*installation) {})
	for _, f := range r.Checks {
		if f.Result != OK || f.Detail == "" || f.Advice != "" {
			t.Errorf("%+v, want it ok", f)
		}
	}
	if !r.Healthy || len(r.Checks) != len(checks) || len(r.Questions) == 0 {
		t.Errorf("healthy %v, %d checks, %d questions", r.Healthy, len(r.Checks), len(r.Questions))
	}
}

// TestWhatIsWrong breaks one thing after the other. Each must be found by its check, and told what to do about.
func TestWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct {
		edit        func(*installation)
		check, says string
	}{
		"mistake in the config": {func(i *installation) {
			_, i.Err = config.Load([]byte("absent: maybe\n"), func(string) (string, bool) { return "", false })
		}, "config", "absent"},
		"mistake in the mapping": {func(i *installation) {
			_, i.Err = config.Load([]byte("mapping: {active: '1 +'}\n"), func(string) (string, bool) { return "", false })
		}, "mapping", "mapping.active"},
		"parts that cannot be made": {func(i *installation) { i.Err = errors.New("queue is FIFO") }, "config", "queue is FIFO"},
		"unknown variable":          {func(i *installation) { i.Unknown = []string{"ROLLCALL_TABEL"} }, "config", "ROLLCALL_TABEL: no such setting"},
		"no token": {func(i *installation) {
			i.Scopes = func(context.Context) ([]string, error) {
				return nil, &okta.TokenError{Code: "no token", Advice: "do this"}
			}
		}, "token", "token"},
		"missing key file": {func(i *installation) {
			i.Scopes = func(context.Context) ([]string, error) {
				return nil, &okta.SourceError{Err: fmt.Errorf("read key: %w: no such file", okta.ErrMisconfigured)}
			}
		}, "token", "no such file"},
		"unreadable secret": {func(i *installation) {
			i.Scopes = func(context.Context) ([]string, error) {
				return nil, &okta.SourceError{Err: errors.New("AccessDenied")}
			}
		}, "token", "AccessDenied"},
		"refused token":  {func(i *installation) { i.org.Token = "another" }, "token", "401"},
		"no such source": {func(i *installation) { i.Config.Okta.IdentitySourceID = "0oa2" }, "identity source", "404"},
		"another app":    {func(i *installation) { i.dial = with(func(o *told) { o.app.Name = "oidc_client" }) }, "app", "oidc_client"},
		"inactive app":   {func(i *installation) { i.dial = with(func(o *told) { o.app.Status = "INACTIVE" }) }, "app", "INACTIVE"},
		"not declared":   {func(i *installation) { i.org.DeclaredAttributes = []string{"city", "state"} }, "profile attributes", "zipCode"},
		"not a string":   {func(i *installation) { i.dial = with(retype("title", "integer")) }, "profile attributes", "title (integer)"},
		"required":       {func(i *installation) { i.dial = with(require) }, "profile attributes", "required by the app and not mapped: badge"},
		"not pushed":     {func(i *installation) { i.dial = with(func(o *told) { delete(o.mapping.Properties, "city") }) }, "profile mapping", "city"},
		"user name by another": {func(i *installation) {
			i.dial = with(func(o *told) {
				o.mapping.Properties["login"] = okta.MappedProperty{Expression: "appuser.email", PushStatus: okta.PushAlways}
			})
		}, "profile mapping", "mapped to nothing of the Okta user: userName"},
		"pushed on create": {func(i *installation) { i.dial = with(pushOnCreate) }, "profile mapping", "never updated: title"},
		"country in words": {func(i *installation) { i.pages = pages{jane, strings.Replace(jane, "NO", "Norway", 1)} }, "sample", "1: countryCode"},
		"broken item":      {func(i *installation) { i.pages = pages{`{"id":{"X":"jane"}}`} }, "sample", "1 of 1 person would be rejected"},
		"too long for the app": {func(i *installation) {
			i.dial = with(func(o *told) { o.limit("countryCode", 1) })
		}, "sample", "1: countryCode has more than the 1 characters of the app's schema"},
		"another key":      {func(i *installation) { i.table.Schema.Sort.Name = "kind" }, "table", "the table's key is id, kind"},
		"no table":         {func(i *installation) { i.err = errors.New("no such table") }, "table", "no such table"},
		"no index":         {func(i *installation) { byIndex(i); i.err = &dynamo.MissingIndexError{Table: "people", Index: "by-id"} }, "index", "by-id"},
		"index of another": {func(i *installation) { byIndex(i); i.table.Index.Name = "email" }, "index", "is email"},
		"no stream":        {func(i *installation) { i.table.StreamView = "" }, "stream", "no stream"},
		"keys only":        {func(i *installation) { byIndex(i); i.table.StreamView = "KEYS_ONLY" }, "stream", "KEYS_ONLY"},
		"FIFO":             {func(i *installation) { i.queue(func(q *sqs.Shape) { q.FIFO = true }) }, "queues", "FIFO"},
		"short visibility": {func(i *installation) { i.queue(func(q *sqs.Shape) { q.Visibility = time.Minute }) }, "queues", "1m0s"},
		"redrive":          {func(i *installation) { i.queue(func(q *sqs.Shape) { q.DeadLetters = true }) }, "queues", "dead-letter"},
		"control's key":    {func(i *installation) { i.control.Schema.Sort.Type = "N" }, "control table", "kind, id"},
		"no time to live":  {func(i *installation) { i.control.TimeToLive = "" }, "control table", "expired"},
		"clock":            {func(i *installation) { i.org.Now = func() time.Time { return time.Now().Add(time.Minute) } }, "clock", "ahead"},
		"log away":         {func(i *installation) { i.Log = away{} }, "system log", "500"},
		"stale session":    {func(i *installation) { i.dial = with(session(okta.StatusCreated, 20*time.Minute)) }, "sessions", "has been CREATED for 20m"},
		"stuck session":    {func(i *installation) { i.dial = with(session(okta.StatusTriggered, 2*time.Hour)) }, "sessions", "has been TRIGGERED for 2h"},
	} {
		t.Run(name, func(t *testing.T) {
			r := examine(t, c.edit)
			f := findingOf(t, r, c.check)
			if f.Result != Failed || f.Advice == "" || r.Healthy {
				t.Errorf("%+v (healthy: %v), want it failed and something to do", f, r.Healthy)
			}
			if strings.Contains(f.Detail, f.Advice) {
				t.Errorf("detail %q says the advice too", f.Detail)
			}
			if !strings.Contains(f.Detail, c.says) {
				t.Errorf("detail %q, want it to say %q", f.Detail, c.says)
			}
			for _, f := range r.Checks {
				if strings.Contains(f.Detail+f.Advice, "Norway") || strings.Contains(f.Detail+f.Advice, "jane") {
					t.Errorf("%+v shows a value", f)
				}
			}
		})
	}
}

// TestWhatIsNotAFailure is what looks like one and is none.
func TestWhatIsNotAFailure(t *testing.T) {
	for name, c := range map[string]struct {
		edit        func(*installation)
		check, says string
		result      Result
	}{
		"Okta before AWS": {func(i *installation) { i.Err = errors.New("queue.intents must be set") }, "profile attributes", "all 13", OK},
		"mistake elsewhere": {func(i *installation) {
			_, i.Err = config.Load([]byte("absent: maybe\n"), func(string) (string, bool) { return "", false })
		}, "mapping", "no mistakes", OK},
		"unreadable": {func(i *installation) {
			_, i.Err = config.Load([]byte("\t{"), func(string) (string, bool) { return "", false })
		}, "mapping", "can be read", Unchecked},
		"AWS not yet":      {func(i *installation) { i.Err = errors.New("queue.intents must be set") }, "queues", "configuration", Unchecked},
		"no table to read": {func(i *installation) { i.Err = errors.New("table must be set") }, "sample", "configuration", Unchecked},
		"a folder":         {func(i *installation) { i.AWS, i.Folder = nil, true }, "table", "rollcall local", Unchecked},
		"no scope": {func(i *installation) {
			i.Scopes = func(context.Context) ([]string, error) { return []string{okta.ScopeSourcesManage}, nil }
		}, "profile attributes", "needs okta.schemas.read", Unchecked},
		"manage reads too": {func(i *installation) {
			i.Scopes = func(context.Context) ([]string, error) {
				return []string{okta.ScopeSourcesManage, okta.ScopeMappingsManage}, nil
			}
		}, "profile mapping", "all 13", OK},
		"no scope for the log": {func(i *installation) {
			i.Scopes = func(context.Context) ([]string, error) { return []string{okta.ScopeSourcesManage}, nil }
		}, "system log", "needs okta.logs.read; without it nobody learns", Unchecked},
		"no role for the log":          {func(i *installation) { i.Log = forbidden{} }, "system log", "without it nobody learns", Unchecked},
		"forbidden":                    {func(i *installation) { i.dial = with(func(o *told) { o.forbid = true }) }, "profile mapping", "needs okta.profileMappings.read", Unchecked},
		"token refused":                {func(i *installation) { i.org.Token = "another" }, "app", "needs a token that Okta takes", Unchecked},
		"Okta shut":                    {func(i *installation) { i.Config.Okta.IdentitySourceID = "0oa2" }, "app", "needs an identity source that answers", Unchecked},
		"not of this source":           {func(i *installation) { i.Config.Okta.IdentitySourceID = "0oa2" }, "token", "an API token", OK},
		"user name by its format":      {func(*installation) {}, "profile mapping", "userName as the Okta username format has it", OK},
		"empty table":                  {func(i *installation) { i.pages = nil }, "sample", "empty", Unchecked},
		"nobody":                       {func(i *installation) { i.Config.Mapping.Match = "false" }, "sample", "none is a person", Unchecked},
		"leaver":                       {func(i *installation) { i.pages = pages{`{"id":{"S":"x"},"active":{"BOOL":false}}`} }, "sample", "0 of them active", OK},
		"keys only, externalId by key": {func(i *installation) { i.table.StreamView = "KEYS_ONLY" }, "stream", "enough", OK},
		"keys only, and an expression protects": {func(i *installation) {
			i.table.StreamView, i.Config.Guard.Protect = "KEYS_ONLY", []string{`expr:title == "Chair"`}
		}, "stream", "not protected", OK},
		"with an index": {func(i *installation) { byIndex(i); i.table.Index.Name = "staff" }, "index", "finds people by staff", OK},
		"first items": {func(i *installation) {
			for range 2000 {
				i.pages = append(i.pages, jane)
			}
		}, "sample", "1000 people fit, 1000 of them active (the first 1000 items of one scan", OK},
		"just as many items": {func(i *installation) {
			for len(i.pages) < 1000 {
				i.pages = append(i.pages, jane)
			}
		}, "sample", "(all items of the table)", OK},
		"only Okta":        {func(i *installation) { i.OktaOnly = true }, "sample", "only Okta's side", Unchecked},
		"session of a run": {func(i *installation) { i.dial = with(session(okta.StatusInProgress, time.Minute)) }, "sessions", "1 session is active", OK},
	} {
		t.Run(name, func(t *testing.T) {
			r := examine(t, c.edit)
			f := findingOf(t, r, c.check)
			if f.Result != c.result || !strings.Contains(f.Detail, c.says) {
				t.Errorf("%+v, want it %s and to say %q", f, c.result, c.says)
			}
		})
	}
}
