package doctor

import (
	"context"
	"iter"
	"net/http"
	"slices"
	"time"

	"rollcall/internal/sqs"
	"rollcall/okta"
)

// told is an org of which the test changes what it answers.
type told struct {
	Org
	app      okta.App
	schema   []okta.Attribute
	mapping  okta.ProfileMapping
	sessions []okta.Session
	// forbid refuses to show the mapping.
	forbid bool
}

// with lets a test edit the answers that the org gives.
func with(edit func(*told)) func(Org) Org {
	return func(org Org) Org {
		ctx := context.Background()
		o := &told{Org: org}
		var err [3]error
		o.app, err[0] = org.GetApp(ctx)
		o.schema, err[1] = org.AppSchema(ctx)
		o.mapping, err[2] = org.ToOktaMapping(ctx)
		for _, err := range err {
			if err != nil {
				panic(err)
			}
		}
		edit(o)
		return o
	}
}

func (o *told) GetApp(context.Context) (okta.App, error)             { return o.app, nil }
func (o *told) AppSchema(context.Context) ([]okta.Attribute, error)  { return o.schema, nil }
func (o *told) ListSessions(context.Context) ([]okta.Session, error) { return o.sessions, nil }

func (o *told) ToOktaMapping(context.Context) (okta.ProfileMapping, error) {
	if o.forbid {
		return okta.ProfileMapping{}, &okta.APIError{Op: "find profile mapping", Status: http.StatusForbidden}
	}
	return o.mapping, nil
}

// forbidden and away are System Logs that cannot be read.
type (
	forbidden struct{}
	away      struct{}
)

func (forbidden) ImportFailures(context.Context, time.Time, time.Time) iter.Seq2[okta.LogEntry, error] {
	return failsWith(http.StatusForbidden)
}

func (away) ImportFailures(context.Context, time.Time, time.Time) iter.Seq2[okta.LogEntry, error] {
	return failsWith(http.StatusInternalServerError)
}

func failsWith(status int) iter.Seq2[okta.LogEntry, error] {
	return func(yield func(okta.LogEntry, error) bool) {
		yield(okta.LogEntry{}, &okta.APIError{Op: "read system log", Status: status})
	}
}

func (o *told) attribute(name string) *okta.Attribute {
	return &o.schema[slices.IndexFunc(o.schema, func(a okta.Attribute) bool { return a.Name == name })]
}

func (o *told) limit(name string, most int) { o.attribute(name).MaxLength = most }

func retype(name, kind string) func(*told) {
	return func(o *told) { o.attribute(name).Type = kind }
}

func require(o *told) {
	o.schema = append(o.schema, okta.Attribute{Name: "badge", Type: "string", Required: true, Custom: true})
}

func pushOnCreate(o *told) {
	o.mapping.Properties["title"] = okta.MappedProperty{Expression: `String.toUpperCase(appuser.title)`, PushStatus: okta.PushOnCreate}
}

// session has one session in a status since a while ago.
func session(status okta.Status, age time.Duration) func(*told) {
	return func(o *told) {
		at := time.Now().Add(-age)
		o.sessions = []okta.Session{{ID: "ses1", Status: status, Created: at, LastUpdated: at}}
	}
}

// byIndex makes people be found by an index: the table's key says nothing of them.
func byIndex(i *installation) {
	i.Config.ExternalIDIndex, i.Config.Mapping.ExternalID = "by-id", "staff"
	i.pages = pages{`{"id":{"S":"x"},"staff":{"S":"s1"},"active":{"BOOL":true},"email":{"S":"x@example.com"}}`}
}

func (i *installation) queue(edit func(*sqs.Shape)) {
	q := i.queues["queue.intents"]
	edit(&q)
	i.queues["queue.intents"] = q
}
