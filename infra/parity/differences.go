package parity

import "strings"

// acceptance is a difference between the two houses that is meant.
type acceptance struct {
	// kind is CloudFormation's; setting is a path, or the start of one where it ends with a dot.
	kind, setting string
	// terraform is the value there that alone is accepted, any if it is empty.
	terraform string
	reason    string
}

func (a acceptance) covers(d Difference) bool {
	kind, _, _ := strings.Cut(d.Resource, " ")
	same := d.Setting == a.setting || strings.HasSuffix(a.setting, ".") && strings.HasPrefix(d.Setting, a.setting)
	return kind == a.kind && same && (a.terraform == "" || a.terraform == d.Terraform)
}

// accepted is the whole list of differences. One that has ceased to be fails the test.
var accepted = []acceptance{
	{"AWS::CloudWatch::Dashboard", "Tags.", absent, "Terraform's provider has no tags for dashboards."},
	{"AWS::IAM::ManagedPolicy", "Tags.", "", "The CDK puts no tags on managed policies."},
	{"AWS::DynamoDB::Table", "SSESpecification.SSEType", absent, "CloudFormation wants the kind of encryption beside the key; Terraform's provider says KMS by itself."},
	{"AWS::Logs::LogGroup", "KmsKeyId", Unknown, "Without a key of its own the provider asks AWS for the key afterwards."},
	{"AWS::SecretsManager::Secret", "KmsKeyId", Unknown, "Without a key of its own the provider asks AWS for the key afterwards."},
}
