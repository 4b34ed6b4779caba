// Package parity compares what infra/terraform plans with what infra/cdk synthesises: the resources by kind and count, every
// setting of each, and every statement of every role. Both sides are brought into one form, a House in CloudFormation's
// words, with ARNs filled in.
package parity

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// House is what one side declares.
type House struct {
	// Resources are by kind and key: "AWS::SQS::Queue rollcall-intents".
	Resources map[string]Resource
	// Roles are the policies by the names of roles and of managed policies.
	Roles map[string][]Statement
}

// Resource is the settings of a resource: values in canonical JSON by their paths in CloudFormation's words
// ("Target.RetryPolicy.MaximumRetryAttempts").
type Resource map[string]string

// Unknown stands for a value that is known only after the resource was made.
const Unknown = "(known after it was made)"

// Statement is what a policy allows.
type Statement struct {
	ID        string
	Actions   []string
	Resources []string
	// Condition is canonical JSON, empty where there is none.
	Condition string
}

// Difference is something in which two houses differ: a resource, or a setting of one.
type Difference struct {
	Resource, Setting   string
	Terraform, Template string
}

func (d Difference) String() string {
	return fmt.Sprintf("%s %s: Terraform has %s, the template has %s", d.Resource, d.Setting, d.Terraform, d.Template)
}

const absent = "(nothing)"

// onByDefault are the settings that are true where nothing is said, by kind.
var onByDefault = map[string][]string{
	"AWS::CloudWatch::Alarm":          {"ActionsEnabled"},
	"AWS::Lambda::EventSourceMapping": {"Enabled"},
	"AWS::SQS::Queue":                 {"SqsManagedSseEnabled"},
	"AWS::S3::Bucket": {
		"PublicAccessBlockConfiguration.BlockPublicAcls", "PublicAccessBlockConfiguration.BlockPublicPolicy",
		"PublicAccessBlockConfiguration.IgnorePublicAcls", "PublicAccessBlockConfiguration.RestrictPublicBuckets",
	},
}

// Compare returns in what two houses differ, in order. A value that is unknown on one side is the same as any on the other;
// a setting that is empty or null is the same as none, and so is one that is as AWS has it where nothing is said.
func Compare(terraform, template House) []Difference {
	var differences []Difference
	for _, name := range union(terraform.Resources, template.Resources) {
		ours, planned := terraform.Resources[name]
		theirs, synthesised := template.Resources[name]
		if !planned || !synthesised {
			differences = append(differences, Difference{Resource: name, Terraform: presence(planned), Template: presence(synthesised)})
			continue
		}
		for _, setting := range union(ours, theirs) {
			kind, _, _ := strings.Cut(name, " ")
			a, b := value(ours, kind, setting), value(theirs, kind, setting)
			if a == b || a != absent && b != absent && (a == Unknown || b == Unknown) {
				continue
			}
			differences = append(differences, Difference{Resource: name, Setting: setting, Terraform: a, Template: b})
		}
	}
	return differences
}

func value(r Resource, kind, setting string) string {
	byDefault := map[bool]string{true: "true", false: "false"}[slices.Contains(onByDefault[kind], setting)]
	switch v, ok := r[setting]; {
	case !ok, v == "null", v == byDefault, v == `""`, v == "[]", v == "{}":
		return absent
	default:
		return v
	}
}

func presence(there bool) string {
	if there {
		return "it"
	}
	return absent
}

func union[V any](a, b map[string]V) []string {
	names := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(names)
	return slices.Compact(names)
}
