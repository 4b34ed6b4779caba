package rollcall

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	namePattern     = regexp.MustCompile(`^[a-z][a-z0-9-]{1,19}$`)
	tablePattern    = regexp.MustCompile(`^[A-Za-z0-9_.-]{3,255}$`)
	streamPattern   = regexp.MustCompile(`^arn:[a-z-]+:dynamodb:([a-z0-9-]+):([0-9]{12}):table/([^/]+)/stream/.+$`)
	secretPattern   = regexp.MustCompile(`^arn:[a-z-]+:secretsmanager:([a-z0-9-]+):[0-9]{12}:secret:.+$`)
	keyPattern      = regexp.MustCompile(`^arn:[a-z-]+:kms:([a-z0-9-]+):[0-9]{12}:key/.+$`)
	topicPattern    = regexp.MustCompile(`^arn:[a-z-]+:sns:([a-z0-9-]+):[0-9]{12}:[A-Za-z0-9_-]{1,256}$`)
	boundaryPattern = regexp.MustCompile(`^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$`)
	orgPattern      = regexp.MustCompile(`^(https://[a-zA-Z0-9.-]+(:[0-9]+)?|http://(127\.0\.0\.1|localhost):[0-9]+)$`)
	indexPattern    = tablePattern
	sourcePattern   = regexp.MustCompile(`^0oa[A-Za-z0-9]{17}$`)
	settingPattern  = regexp.MustCompile(`^ROLLCALL_[A-Z0-9_]+$`)
	schedulePattern = regexp.MustCompile(`^(cron|rate)\(.+\)$`)
	// attributePattern is of attributes that are expressions of the mapping as well.
	attributePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,254}$`)
	emailPattern     = regexp.MustCompile(`^[^@ ]+@[^@ ]+$`)
)

// ownSettings are the environment variables that the deployment sets itself.
var ownSettings = []string{
	"ROLLCALL_TABLE", "ROLLCALL_EXTERNAL_ID_INDEX", "ROLLCALL_CONTROL", "ROLLCALL_QUEUE_INTENTS", "ROLLCALL_QUEUE_URGENT",
	"ROLLCALL_OKTA_ORG_URL", "ROLLCALL_OKTA_IDENTITY_SOURCE_ID", "ROLLCALL_OKTA_SECRET_ARN", "ROLLCALL_URGENT_ENABLED",
}

// retentions are the periods that CloudWatch Logs knows, in days.
var retentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// Validate returns all that is wrong with the props, each problem naming its setting. Region and account are the stack's, or
// empty where the stack leaves them open; then what has to be in the same is not checked.
func (p Props) Validate(region, account string) error {
	var problems []error
	refuse := func(wrong bool, format string, args ...any) {
		if wrong {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	p = p.withDefaults()
	// The bucket's name adds 43 characters (account and region), and S3 allows 63.
	refuse(!namePattern.MatchString(p.Name), "name must have 2 to 20 characters, a-z, 0-9 and dashes, and start with a letter")
	refuse(!tablePattern.MatchString(p.TableName), "tableName must be a table's name (3 to 255 characters), not its ARN")
	if t := p.ExistingTable; t != nil {
		part := streamPattern.FindStringSubmatch(t.StreamARN)
		refuse(part == nil, "existingTable.streamArn must be the ARN of a stream, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL; a table without a stream has none: enable it first")
		if part != nil {
			refuse(region != "" && part[1] != region, "existingTable.streamArn is in another region than %s, where the functions are: Lambda reads streams of its own region only", region)
			refuse(account != "" && part[2] != account, "existingTable.streamArn is of another account than %s", account)
			refuse(part[3] != p.TableName, "tableName is %s, but existingTable.streamArn is of another table", p.TableName)
		}
	}
	refuse(p.ExternalIDIndex != "" && !indexPattern.MatchString(p.ExternalIDIndex), "externalIdIndex must be an index's name (3 to 255 characters)")
	refuse(p.ExternalIDIndex != "" && p.ExistingTable == nil && p.ExternalIDAttribute == "",
		"externalIdIndex: the deployment creates this index with the table, and needs externalIdAttribute, the attribute that is its key")
	refuse(p.ExternalIDAttribute != "" && !attributePattern.MatchString(p.ExternalIDAttribute),
		"externalIdAttribute must be an attribute's name of letters, digits and underscores, not starting with a digit; where it has another, leave this out and name it in mapping.externalId")
	refuse(p.ExternalIDAttribute != "" && p.ExternalIDIndex == "", "externalIdAttribute goes with externalIdIndex; without an index externalId is the table's partition key")
	refuse(p.ExternalIDAttribute == "id" && p.ExistingTable == nil, "externalIdAttribute: id is the partition key of the table that is created, so it needs no index")
	refuse(!orgPattern.MatchString(p.Okta.OrgURL) || strings.Contains(p.Okta.OrgURL, "-admin.okta"),
		"okta.orgUrl must be the org's own URL, https://example.okta.com: no path, no trailing slash, not the -admin host")
	refuse(!sourcePattern.MatchString(p.Okta.IdentitySourceID), "okta.identitySourceId must be the app instance's ID: 0oa and 17 letters or digits")
	refuse((p.Packages.Directory == "") == (p.Packages.Bucket == ""), "packages needs exactly one of directory and bucket")
	refuse(p.Packages.Prefix != "" && !strings.HasSuffix(p.Packages.Prefix, "/"), "packages.prefix must be empty or end with a slash")
	refuse(p.Architecture != "arm64" && p.Architecture != "amd64", "architecture must be arm64 or amd64, as in the zips' names")
	for _, name := range sortedKeys(p.Settings) {
		refuse(!settingPattern.MatchString(name), "settings may hold ROLLCALL_… variables only, not %s: credentials belong in the secret", name)
		refuse(slices.Contains(ownSettings, name), "settings must not hold %s, which the deployment sets itself", name)
		refuse(name == "ROLLCALL_MAPPING_EXTERNAL_ID" && p.ExternalIDAttribute != "", "settings must not hold %s beside externalIdAttribute, which sets it", name)
	}
	refuse(p.SyncSchedule != "" && !schedulePattern.MatchString(p.SyncSchedule), "syncSchedule must be a cron(…) or rate(…) expression")
	problems = append(problems, p.HTTPAPI.problems()...)
	for _, address := range p.AlarmEmails {
		refuse(!emailPattern.MatchString(address), "alarmEmails must hold e-mail addresses")
	}
	refuse(p.AlarmThresholds.OldestIntentSeconds < 300, "alarmThresholds.oldestIntentSeconds must be at least 300: a full session takes minutes")
	refuse(p.AlarmThresholds.DeactivationsADay < 1, "alarmThresholds.deactivationsADay must be at least 1")
	problems = append(problems, p.arnProblems(region)...)
	refuse(p.PermissionsBoundaryARN != "" && !boundaryPattern.MatchString(p.PermissionsBoundaryARN), "permissionsBoundaryArn must be the ARN of a policy")
	refuse(!slices.Contains(retentions, p.LogRetentionDays), "logRetentionDays must be one of the periods that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, …")
	refuse(p.FailedRecordsDays < 3 || p.FailedRecordsDays > 365, "failedRecordsDays must be 3 to 365")
	if p.Packages.Directory != "" {
		for _, function := range p.functions() {
			if err := checkZip(p.Packages.Directory, function, p.Architecture); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return errors.Join(problems...)
}

// arnProblems returns what is wrong with the ARNs of things that exist already and must be in the functions' region.
func (p Props) arnProblems(region string) (problems []error) {
	type input struct {
		setting, arn string
		form         *regexp.Regexp
		must         string
	}
	inputs := []input{{"kmsKeyArn", p.KMSKeyARN, keyPattern, "be the ARN of a key, not of an alias"}}
	if p.Secret != nil {
		inputs = append(inputs,
			input{"secret.arn", p.Secret.ARN, secretPattern, "be the full ARN of a Secrets Manager secret"},
			input{"secret.kmsKeyArn", p.Secret.KMSKeyARN, keyPattern, "be the ARN of a key, not of an alias"})
	}
	if p.ExistingTable != nil {
		inputs = append(inputs, input{"existingTable.kmsKeyArn", p.ExistingTable.KMSKeyARN, keyPattern, "be the ARN of a key, not of an alias"})
	}
	if p.AlarmTopic != nil {
		inputs = append(inputs, input{"alarmTopic.arn", p.AlarmTopic.ARN, topicPattern, "be the ARN of an SNS topic, and not of a FIFO one, to which alarms are not sent"})
	}
	for _, in := range inputs {
		part := in.form.FindStringSubmatch(in.arn)
		switch {
		case in.arn == "" && in.form == keyPattern: // AWS's own key
		case part == nil:
			problems = append(problems, fmt.Errorf("%s must %s", in.setting, in.must))
		case region != "" && part[1] != region:
			problems = append(problems, fmt.Errorf("%s is in another region than %s", in.setting, region))
		}
	}
	return problems
}

func (h *HTTPAPI) problems() []error {
	switch {
	case h == nil:
		return nil
	case h.Authorizer != "IAM" && h.Authorizer != "JWT":
		return []error{errors.New("httpApi.authorizer must be IAM or JWT: the API is never open")}
	case (h.Authorizer == "JWT") != (h.JWT != nil):
		return []error{errors.New("httpApi.jwt goes with authorizer JWT, and only with it")}
	case h.JWT != nil && (!strings.HasPrefix(h.JWT.Issuer, "https://") || len(h.JWT.Audience) == 0):
		return []error{errors.New("httpApi.jwt needs an https issuer and at least one audience")}
	}
	return nil
}
