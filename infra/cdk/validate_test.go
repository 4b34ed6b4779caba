package rollcall

import (
	"strings"
	"testing"
)

const stream = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000"

// minimal are props with nothing but what is required.
func minimal() Props {
	return Props{
		TableName: "people",
		Packages:  Packages{Bucket: "releases", Prefix: "v1.2.3/"},
		Okta:      Okta{OrgURL: "https://example.okta.com", IdentitySourceID: "0oa1a2b3c4d5e6f7g8h9"},
	}
}

func TestValidateNamesTheSetting(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*Props)
		want   string
	}{
		"nothing wrong":          {func(*Props) {}, ""},
		"long name":              {func(p *Props) { p.Name = "rollcall-of-the-whole-company" }, "name must"},
		"table by ARN":           {func(p *Props) { p.TableName = "arn:aws:dynamodb:us-east-1:1:table/people" }, "tableName must"},
		"existing table":         {func(p *Props) { p.ExistingTable = &ExistingTable{StreamARN: stream} }, ""},
		"table without a stream": {func(p *Props) { p.ExistingTable = &ExistingTable{StreamARN: strings.Split(stream, "/stream")[0]} }, "existingTable.streamArn must"},
		"stream of another region": {func(p *Props) {
			p.ExistingTable = &ExistingTable{StreamARN: strings.Replace(stream, "us-east-1", "eu-west-1", 1)}
		}, "existingTable.streamArn is in another region"},
		"stream of another account": {
			func(p *Props) {
				p.ExistingTable = &ExistingTable{StreamARN: strings.Replace(stream, "111122223333", "444455556666", 1)}
			}, "existingTable.streamArn is of another account",
		},
		"stream of another table": {func(p *Props) {
			p.ExistingTable = &ExistingTable{StreamARN: strings.Replace(stream, "people", "staff", 1)}
		}, "existingTable.streamArn is of another table"},
		"admin host":              {func(p *Props) { p.Okta.OrgURL = "https://example-admin.okta.com" }, "okta.orgUrl"},
		"plain HTTP":              {func(p *Props) { p.Okta.OrgURL = "http://example.okta.com" }, "okta.orgUrl"},
		"a user's ID":             {func(p *Props) { p.Okta.IdentitySourceID = "00u1a2b3c4d5e6f7g8h9" }, "okta.identitySourceId"},
		"secret by name":          {func(p *Props) { p.Secret = &Secret{ARN: "okta"} }, "secret.arn"},
		"no packages":             {func(p *Props) { p.Packages = Packages{} }, "packages needs"},
		"packages twice":          {func(p *Props) { p.Packages.Directory = "dist" }, "packages needs"},
		"prefix without a slash":  {func(p *Props) { p.Packages.Prefix = "v1" }, "packages.prefix"},
		"unknown architecture":    {func(p *Props) { p.Architecture = "x86_64" }, "architecture must"},
		"credentials as settings": {func(p *Props) { p.Settings = map[string]string{"OKTA_API_TOKEN": "x"} }, "settings may hold"},
		"a FIFO queue": {
			func(p *Props) { p.Settings = map[string]string{"ROLLCALL_QUEUE_INTENTS": "https://sqs/1/people.fifo"} },
			"settings must not hold ROLLCALL_QUEUE_INTENTS",
		},
		"an index to create without its key": {func(p *Props) { p.ExternalIDIndex = "by-number" }, "externalIdIndex: the deployment creates"},
		"an index to create with its key":    {func(p *Props) { p.ExternalIDIndex, p.ExternalIDAttribute = "by-number", "number" }, ""},
		"an index on the key":                {func(p *Props) { p.ExternalIDIndex, p.ExternalIDAttribute = "by-id", "id" }, "externalIdAttribute: id is"},
		"a key without an index":             {func(p *Props) { p.ExternalIDAttribute = "number" }, "externalIdAttribute goes with"},
		"a key that is no expression":        {func(p *Props) { p.ExternalIDIndex, p.ExternalIDAttribute = "by-number", "employee-number" }, "externalIdAttribute must"},
		"a key that is said twice": {func(p *Props) {
			p.ExternalIDIndex, p.ExternalIDAttribute = "by-number", "number"
			p.Settings = map[string]string{"ROLLCALL_MAPPING_EXTERNAL_ID": "number"}
		}, "settings must not hold ROLLCALL_MAPPING_EXTERNAL_ID beside"},
		"an existing index":   {func(p *Props) { p.ExternalIDIndex, p.ExistingTable = "by-number", &ExistingTable{StreamARN: stream} }, ""},
		"schedule by words":   {func(p *Props) { p.SyncSchedule = "daily" }, "syncSchedule"},
		"open HTTP API":       {func(p *Props) { p.HTTPAPI = &HTTPAPI{Authorizer: "NONE"} }, "httpApi.authorizer"},
		"JWT without issuer":  {func(p *Props) { p.HTTPAPI = &HTTPAPI{Authorizer: "JWT"} }, "httpApi.jwt"},
		"JWT without anybody": {func(p *Props) { p.HTTPAPI = &HTTPAPI{Authorizer: "JWT", JWT: &JWT{Issuer: "https://i"}} }, "httpApi.jwt"},
		"not an address":      {func(p *Props) { p.AlarmEmails = []string{"nobody"} }, "alarmEmails"},
		"impatient":           {func(p *Props) { p.AlarmThresholds.OldestIntentSeconds = 10 }, "alarmThresholds.oldestIntentSeconds"},
		"key by alias":        {func(p *Props) { p.KMSKeyARN = "alias/staff" }, "kmsKeyArn must"},
		"topic by name":       {func(p *Props) { p.AlarmTopic = &Resource{ARN: "pager"} }, "alarmTopic.arn must"},
		"topic elsewhere":     {func(p *Props) { p.AlarmTopic = &Resource{ARN: "arn:aws:sns:eu-west-1:111122223333:pager"} }, "alarmTopic.arn is in another region"},
		"boundary by name":    {func(p *Props) { p.PermissionsBoundaryARN = "boundary" }, "permissionsBoundaryArn must"},
		"secret's key by alias": {func(p *Props) {
			p.Secret = &Secret{ARN: "arn:aws:secretsmanager:us-east-1:111122223333:secret:okta-AbCdEf", KMSKeyARN: "alias/staff"}
		}, "secret.kmsKeyArn must"},
		"table's key by alias": {func(p *Props) { p.ExistingTable = &ExistingTable{StreamARN: stream, KMSKeyARN: "alias/staff"} }, "existingTable.kmsKeyArn must"},
		"odd retention":        {func(p *Props) { p.LogRetentionDays = 8 }, "logRetentionDays"},
		"kept for a day":       {func(p *Props) { p.FailedRecordsDays = 1 }, "failedRecordsDays"},
		"no zips":              {func(p *Props) { p.Packages = Packages{Directory: "testdata"} }, "packages.directory"},
	} {
		t.Run(name, func(t *testing.T) {
			p := minimal()
			tc.change(&p)
			err := p.Validate("us-east-1", "111122223333")
			switch {
			case tc.want == "" && err != nil:
				t.Fatalf("refused: %v", err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Fatalf("got error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestValidateReportsEverythingAtOnce(t *testing.T) {
	p := minimal()
	p.Architecture, p.LogRetentionDays, p.TableName = "sparc", 8, ""
	err := p.Validate("", "")
	for _, setting := range []string{"architecture", "logRetentionDays", "tableName"} {
		if err == nil || !strings.Contains(err.Error(), setting) {
			t.Errorf("got error %v, want one that names %s", err, setting)
		}
	}
}

func TestValidateLeavesOpenWhatTheStackLeavesOpen(t *testing.T) {
	p := minimal()
	p.ExistingTable = &ExistingTable{StreamARN: strings.Replace(stream, "us-east-1", "eu-west-1", 1)}
	if err := p.Validate("", ""); err != nil {
		t.Errorf("refused: %v", err)
	}
}
