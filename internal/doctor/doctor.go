// Package doctor checks an installation, from its configuration to the settings of the Okta org, and says of each thing
// that is wrong what to do about it. It changes nothing. What no API tells it asks the operator.
package doctor

import (
	"context"
	"fmt"
	"time"

	"rollcall/intent"
	"rollcall/internal/config"
	"rollcall/internal/dynamo"
	"rollcall/internal/sqs"
	"rollcall/mapping"
	"rollcall/okta"
)

// Org is what is asked of Okta.
type Org interface {
	ListSessions(ctx context.Context) ([]okta.Session, error)
	GetApp(ctx context.Context) (okta.App, error)
	AppSchema(ctx context.Context) ([]okta.Attribute, error)
	ToOktaMapping(ctx context.Context) (okta.ProfileMapping, error)
	Skew() (ahead time.Duration, known bool)
}

// Pages reads the table, page by page.
type Pages interface {
	// ScanPage reads a page of one of the segments of a table: the items after this key, as DynamoDB JSON, and the key to
	// go on after, empty at the segment's end.
	ScanPage(ctx context.Context, segment, segments int, after intent.Key) (items [][]byte, last intent.Key, err error)
}

// AWS is what is asked of AWS.
type AWS interface {
	// DescribeTable returns a *dynamo.MissingIndexError, besides the shape, where the table lacks the index.
	DescribeTable(ctx context.Context) (dynamo.Shape, error)
	DescribeControl(ctx context.Context) (dynamo.StoreShape, error)
	// DescribeQueues returns the queues in use by the settings that name them.
	DescribeQueues(ctx context.Context) (map[string]sqs.Shape, error)
}

var _ Org = (*okta.Client)(nil)

// Subject is what is examined.
type Subject struct {
	Config config.Config
	// Unknown are environment variables that look like settings and are none.
	Unknown []string
	// Err is what is wrong with the configuration. Those of the parts below that could not be made for it are nil, and not
	// looked at.
	Err     error
	Mapping *mapping.Mapping
	Org     Org
	// Log is there where Org is.
	Log SystemLog
	// Scopes returns the scopes of the access token, and none for an API token. Nil stands for an API token.
	Scopes func(ctx context.Context) ([]string, error)
	Pages  Pages
	AWS    AWS
	// Folder means that nothing of the subject is on AWS.
	Folder bool
	// OktaOnly leaves out all that is not Okta's side: before there is anything on AWS.
	OktaOnly bool
}

// Result is what came of a check.
type Result string

const (
	OK     Result = "ok"
	Failed Result = "failed"
	// Unchecked is a check that could not be made; the finding says what it needs.
	Unchecked Result = "not checked"
)

// Finding is what came of one check. It never holds values of items.
type Finding struct {
	Check  string `json:"check"`
	Result Result `json:"result"`
	// Detail is what was found, or what the check needs.
	Detail string `json:"detail,omitempty"`
	// Advice is what to do about a check that failed.
	Advice string `json:"advice,omitempty"`
}

// Report is everything that was found.
type Report struct {
	// Healthy means that no check failed.
	Healthy   bool       `json:"healthy"`
	Checks    []Finding  `json:"checks"`
	Questions []Question `json:"questions"`
}

// check is one check.
type check struct {
	name string
	// needs is what must be there for it, scope what an access token must have been granted.
	needs need
	scope string
	run   func(*examination, context.Context) Finding
}

// need is what a check cannot do without.
type need uint8

const (
	nothing need = iota
	client       // of Okta
	org          // the client, and Okta lets it in
	reader       // of the table
	cloud        // AWS
)

// checks are made in this order; what an earlier one learned is there for the later ones.
var checks = []check{
	{"config", nothing, "", (*examination).config},
	{"mapping", nothing, "", (*examination).mapping},
	{"token", client, "", (*examination).token},
	{"identity source", org, okta.ScopeSourcesRead, (*examination).source},
	{"app", org, okta.ScopeAppsRead, (*examination).app},
	{"profile attributes", org, okta.ScopeSchemasRead, (*examination).declared},
	{"profile mapping", org, okta.ScopeMappingsRead, (*examination).pushed},
	{"system log", org, okta.ScopeLogsRead, (*examination).outcomes},
	{"sample", reader, "", (*examination).sample},
	{"table", cloud, "", (*examination).table},
	{"index", cloud, "", (*examination).index},
	{"stream", cloud, "", (*examination).stream},
	{"queues", cloud, "", (*examination).queues},
	{"control table", cloud, "", (*examination).control},
	{"clock", org, "", (*examination).clock},
	{"sessions", org, "", (*examination).stale},
}

// examination is one run through the checks and what they learned so far.
type examination struct {
	Subject
	// shut is why Okta cannot be asked, empty if it can.
	shut string
	// scopes are those of the access token; nil for an API token.
	scopes []string
	// sessions are those of the identity source, or listErr says why they are not known, once listed.
	sessions []okta.Session
	listErr  error
	listed   bool
	// attributes are the app's profile schema, nil where it could not be read.
	attributes []okta.Attribute
	// shape is nil where the table could not be described.
	shape *dynamo.Shape
	// indexErr is what is wrong with the index.
	indexErr error
}

// Examine makes all checks.
func Examine(ctx context.Context, s Subject) Report {
	e := &examination{Subject: s}
	report := Report{Healthy: true, Questions: questions()}
	for _, c := range checks {
		found := unchecked("%s", e.lacks(c))
		if found.Detail == "" {
			found = c.run(e, ctx)
		}
		found.Check = c.name
		report.Healthy = report.Healthy && found.Result != Failed
		report.Checks = append(report.Checks, found)
	}
	return report
}

// lacks returns what a check needs that is not there.
func (e *examination) lacks(c check) string {
	switch {
	case (c.needs == cloud || c.needs == reader) && e.OktaOnly:
		return "left out: only Okta's side was asked for"
	case c.needs == cloud && e.Folder:
		return "there is nothing on AWS: this is a folder of rollcall local"
	case (c.needs == client || c.needs == org) && e.Org == nil, c.needs == reader && e.Pages == nil, c.needs == cloud && e.AWS == nil:
		return "needs a configuration without mistakes"
	case c.needs == org && e.shut != "":
		return e.shut
	case c.scope != "" && e.scopes != nil && !granted(e.scopes, c.scope):
		return lacksScope(c.scope)
	}
	return ""
}

func lacksScope(scope string) string {
	if scope == okta.ScopeLogsRead {
		return "needs " + scope + unseen
	}
	return "needs " + scope
}

func ok(format string, args ...any) Finding {
	return Finding{Result: OK, Detail: fmt.Sprintf(format, args...)}
}

func unchecked(format string, args ...any) Finding {
	return Finding{Result: Unchecked, Detail: fmt.Sprintf(format, args...)}
}

func failed(advice, format string, args ...any) Finding {
	return Finding{Result: Failed, Detail: fmt.Sprintf(format, args...), Advice: advice}
}
