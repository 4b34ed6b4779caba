package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"rollcall/okta"
)

const (
	// maxQuiet is one long poll of SQS.
	maxQuiet = 20 * time.Second
	// maxGather keeps the wait for a burst well within the lease of 90 s.
	maxGather = time.Minute
)

// The expressions are compiled when they are first asked: a function that starts pays for what it uses.
var (
	tableARN  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^arn:[a-z0-9-]+:dynamodb:[^/]+:table/(.*)$`) })
	secretARN = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^arn:[a-z0-9-]+:secretsmanager:.+:secret:.+$`) })
)

// isTable reports whether DynamoDB takes the text for a table: a name of 3 to 255 characters, or an ARN with one.
func isTable(text string) bool {
	if strings.HasPrefix(text, "arn:") {
		found := tableARN().FindStringSubmatch(text)
		if found == nil {
			return false
		}
		text = found[1]
	}
	return len(text) >= 3 && len(text) <= 255 && isMadeOf(text, "_.-")
}

// isMadeOf reports whether the text consists of ASCII letters, digits and the others.
func isMadeOf(text, others string) bool {
	for _, c := range []byte(text) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && strings.IndexByte(others, c) < 0 {
			return false
		}
	}
	return text != ""
}

// Validate checks everything that can be checked without asking anybody: ranges, forms, what goes together, and that the
// mapping compiles. The error joins all problems, each a *Problem. Settings that are empty are not missed; see Load.
func (c Config) Validate() error { return join(c.check()) }

func (c Config) check() []*Problem {
	var r rules
	c.checkTable(&r)
	c.checkOkta(&r)
	c.checkBounds(&r)
	c.checkMapping(&r)
	return r.problems
}

func (c Config) checkTable(r *rules) {
	r.must(isTable(c.Table), "table", "must be the name or the ARN of a DynamoDB table")
	r.must(isTable(c.Control), "control", "must be the name or the ARN of a DynamoDB table")
	r.must(c.Control != c.Table, "control", "must be another table than that of the people")
	r.must(c.Key.Partition != "", "key.partition", "must name an attribute")
	r.must(c.Key.Sort == "" || c.Key.Sort != c.Key.Partition, "key.sort", "must be another attribute than key.partition")
	r.must(c.ExternalIDIndex != "" || c.externalIDIsKey(), "externalIdIndex", "must name a secondary index on the "+
		"externalId attribute, unless mapping.externalId is the plain name of key.partition and there is no key.sort")
	r.must(c.ReadRate >= 0, "readRate", "must not be below 0")
	r.must(c.Queue.Intents == "" || isQueueURL(c.Queue.Intents), "queue.intents", wantQueue)
	r.must(c.Queue.Urgent == "" || isQueueURL(c.Queue.Urgent), "queue.urgent", wantQueue)
	r.must(c.Queue.Urgent == "" || c.Queue.Urgent != c.Queue.Intents, "queue.urgent", "must be another queue than queue.intents")
}

// externalIDIsKey reports whether a person's item is found by the externalId alone: it is the partition key's attribute by
// its plain name, or $env["by-name"] where that is no identifier, and there is no sort key.
func (c Config) externalIDIsKey() bool {
	expression := strings.TrimSpace(c.Mapping.ExternalID)
	return c.Key.Sort == "" && (expression == c.Key.Partition || expression == fmt.Sprintf("$env[%q]", c.Key.Partition))
}

func (c Config) checkOkta(r *rules) {
	o := c.Okta
	if o.OrgURL != "" {
		err := okta.CheckOrgURL(o.OrgURL)
		r.must(err == nil, "okta.orgUrl", fmt.Sprint(err))
	}
	r.must(o.IdentitySourceID == "" || isMadeOf(o.IdentitySourceID, "_-"), "okta.identitySourceId",
		"must be letters, digits, - and _, such as 0oa1b2c3d4")
	r.must(o.SecretARN == "" || secretARN().MatchString(o.SecretARN), "okta.secretArn", "must be the ARN of a Secrets Manager secret")
	r.must(o.RateShare > 0 && o.RateShare <= 1, "okta.rateShare", "must be above 0 and at most 1")
	key := o.PrivateKey != "" || o.PrivateKeyFile != ""
	r.must(o.PrivateKey == "" || o.PrivateKeyFile == "", "okta.privateKeyFile", "must be empty where OKTA_PRIVATE_KEY is set")
	r.must(!key || o.ClientID != "", "okta.clientId", "must be set together with a private key")
	r.must(!key || o.Token == "", "okta.privateKeyFile", "must be empty, and OKTA_PRIVATE_KEY too, where OKTA_API_TOKEN is set")
}

func (c Config) checkBounds(r *rules) {
	r.must(c.Guard.Min >= 0, "guard.min", "must not be below 0")
	r.must(c.Guard.Percent >= 0 && c.Guard.Percent <= 100, "guard.percent", "must be from 0 to 100")
	r.must(c.Guard.People >= 0, "guard.people", "must not be below 0")
	for i, who := range c.Guard.Protect {
		r.must(strings.TrimSpace(who) != "", fmt.Sprintf("guard.protect[%d]", i), "must not be empty")
	}
	r.must(c.Gather.Quiet >= 0 && c.Gather.Quiet <= maxQuiet, "gather.quiet", fmt.Sprintf("must be from 0s to %v", maxQuiet))
	r.must(c.Gather.Max >= c.Gather.Quiet && c.Gather.Max <= maxGather, "gather.max", fmt.Sprintf("must be from gather.quiet to %v", maxGather))
	r.must(c.Urgent.PerMinute >= 1 && c.Urgent.PerMinute <= 600, "urgent.perMinute", "must be from 1 to 600")
	r.must(slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level), "log.level", "must be debug, info, warn or error")
	r.must(c.Absent == "null" || c.Absent == "omit", "absent", `must be "null" (in quotes) or omit`)
}

// rules collects the problems of the rules that do not hold.
type rules struct{ problems []*Problem }

func (r *rules) must(holds bool, setting, reason string) {
	if !holds {
		r.problems = append(r.problems, &Problem{Setting: setting, Reason: reason})
	}
}

const wantQueue = "must be the URL of a standard SQS queue (a FIFO queue will not do)"

func isQueueURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && !strings.HasSuffix(u.Path, ".fifo")
}
