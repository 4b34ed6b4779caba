package parity

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const planned = `{
  "resource_changes": [
    {"address": "aws_sqs_queue.q", "mode": "managed", "type": "aws_sqs_queue", "change": {
      "after": {"name": "intents", "visibility_timeout_seconds": 960, "fifo_queue": false, "tags": {"team": "x"}},
      "after_unknown": {"kms_master_key_id": true, "url": true}}},
    {"address": "aws_iam_role_policy.r", "mode": "managed", "type": "aws_iam_role_policy", "change": {
      "after": {"name": "flusher", "policy": "{\"Statement\": [{\"Sid\": \"A\", \"Action\": \"sqs:SendMessage\", \"Resource\": [\"arn:aws:sqs:mars-1:1:intents\"]}]}"}}}
  ],
  "prior_state": {"values": {"root_module": {"child_modules": [{"resources": [
    {"type": "aws_partition", "values": {"partition": "aws"}},
    {"type": "aws_region", "values": {"region": "mars-1"}},
    {"type": "aws_caller_identity", "values": {"account_id": "1"}}]}]}}}
}`

const synthesised = `{"Resources": {
  "Q": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "intents", "VisibilityTimeout": 960,
    "KmsMasterKeyId": {"Ref": "Key"}, "Tags": [{"Key": "team", "Value": "x"}]}},
  "R": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyName": "flusher", "PolicyDocument": {"Statement": [
    {"Sid": "A", "Action": ["sqs:SendMessage"], "Resource": {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":sqs:", {"Ref": "AWS::Region"}, ":1:intents"]]}}]}}]}}
}}`

// both reads a plan and a template that were given as text.
func both(t *testing.T, plan, template string) (House, House, Place) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"plan": plan, "template": template} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ours, place, err := ReadPlan(filepath.Join(dir, "plan"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := ReadTemplate(filepath.Join(dir, "template"), place)
	if err != nil {
		t.Fatal(err)
	}
	delete(theirs.Resources, "AWS::IAM::Role") // the plan has the policy alone
	return ours, theirs, place
}

func TestCompareFindsNothingInTheSameHouse(t *testing.T) {
	ours, theirs, place := both(t, planned, synthesised)
	if d := Compare(ours, theirs); len(d) > 0 {
		t.Errorf("got differences %v", d)
	}
	if a, b := list(ours.Roles["flusher"], place), list(theirs.Roles["flusher"], place); a != b || !strings.Contains(a, "on arn:aws:sqs:REGION:ACCOUNT:intents") {
		t.Errorf("got statements\n%s\nand\n%s", a, b)
	}
}

func TestCompareFinds(t *testing.T) {
	for name, tc := range map[string]struct{ from, to, want string }{
		"another value":            {`960`, `30`, "VisibilityTimeout: Terraform has 960, the template has 30"},
		"a missing setting":        {`"VisibilityTimeout": 960,`, ``, "the template has (nothing)"},
		"a missing reference":      {`"KmsMasterKeyId": {"Ref": "Key"},`, ``, "KmsMasterKeyId: Terraform has " + Unknown},
		"a setting too many":       {`"VisibilityTimeout"`, `"FifoQueue": true, "VisibilityTimeout"`, "FifoQueue: Terraform has (nothing), the template has true"},
		"a setting off that is on": {`"VisibilityTimeout"`, `"SqsManagedSseEnabled": false, "VisibilityTimeout"`, "SqsManagedSseEnabled: Terraform has (nothing), the template has false"},
		"a policy of deletion":     {`"Properties": {"QueueName"`, `"DeletionPolicy": "Retain", "Properties": {"QueueName"`, `DeletionPolicy: Terraform has (nothing), the template has "Retain"`},
		"a resource of another":    {`"QueueName": "intents"`, `"QueueName": "other"`, "AWS::SQS::Queue other"},
		"a missing tag":            {`{"Key": "team", "Value": "x"}`, ``, "Tags.team"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(synthesised, tc.from, tc.to, 1)
			ours, theirs, _ := both(t, planned, changed)
			var found strings.Builder
			for _, d := range Compare(ours, theirs) {
				found.WriteString(d.String() + "\n")
			}
			if !strings.Contains(found.String(), tc.want) {
				t.Errorf("got differences\n%swant one with %q", found.String(), tc.want)
			}
		})
	}
}

func TestListShowsWhatAStatementAllows(t *testing.T) {
	ours, theirs, place := both(t, planned, strings.Replace(synthesised, `["sqs:SendMessage"]`, `["sqs:SendMessage", "sqs:PurgeQueue"]`, 1))
	if list(ours.Roles["flusher"], place) == list(theirs.Roles["flusher"], place) {
		t.Error("one action more makes no difference")
	}
}
