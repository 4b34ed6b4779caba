package parity

import "strings"

// acceptance is a difference between the two houses that is meant.
type acceptance struct {
	// kind is CloudFormation's; setting is a path, or the start of one where it ends with a dot.
	kind, setting string
	// terraform and template are the values that alone are accepted, any where they are empty.
	terraform, template string
	reason              string
}

func (a acceptance) covers(d Difference) bool {
	kind, _, _ := strings.Cut(d.Resource, " ")
	same := d.Setting == a.setting || strings.HasSuffix(a.setting, ".") && strings.HasPrefix(d.Setting, a.setting)
	return kind == a.kind && same && (a.terraform == "" || a.terraform == d.Terraform) && (a.template == "" || a.template == d.Template)
}

// accepted is the whole list of differences. One that has ceased to be fails the test.
var accepted = []acceptance{
	{"AWS::CloudWatch::Dashboard", "Tags.", absent, "", "Terraform's provider has no tags for dashboards."},
	{"AWS::IAM::ManagedPolicy", "Tags.", "", absent, "The CDK puts no tags on managed policies."},
	{"AWS::DynamoDB::Table", "SSESpecification.SSEType", absent, `"KMS"`, "CloudFormation wants the kind of encryption beside the key; Terraform's provider says KMS by itself."},
	{"AWS::Logs::LogGroup", "KmsKeyId", Unknown, absent, "Without a key of its own the provider asks AWS for the key afterwards."},
	{"AWS::SecretsManager::Secret", "KmsKeyId", Unknown, absent, "Without a key of its own the provider asks AWS for the key afterwards."},
	{"AWS::DynamoDB::Table", "DeletionPolicy", absent, stays, "A stack that is deleted leaves it; Terraform stops at its protection, and at what was taken out of the state."},
	{"AWS::DynamoDB::Table", "UpdateReplacePolicy", absent, `"Retain"`, "The same where it is replaced: a plan shows that, and the protection stops it."},
	{"AWS::S3::Bucket", "DeletionPolicy", absent, stays, "A stack that is deleted leaves it; Terraform cannot delete a bucket that is not empty."},
	{"AWS::S3::Bucket", "UpdateReplacePolicy", absent, `"Retain"`, "The same where it is replaced."},
	{"AWS::SecretsManager::Secret", "DeletionPolicy", absent, stays, "A stack that is deleted leaves it; Terraform's can be restored for 30 days."},
	{"AWS::SecretsManager::Secret", "UpdateReplacePolicy", absent, `"Retain"`, "The same where it is replaced."},
}

// stays is the policy of what outlives its stack, but not a first deployment that is rolled back.
const stays = `"RetainExceptOnCreate"`
