package rollcall

import (
	"debug/elf"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
)

func TestMain(m *testing.M) {
	defer jsii.Close()
	m.Run()
}

// synth is the template of a stack with the deployment alone.
func synth(t *testing.T, props Props) assertions.Template {
	t.Helper()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("test"), &awscdk.StackProps{
		Env: &awscdk.Environment{Region: jsii.String("us-east-1"), Account: jsii.String("111122223333")},
	})
	New(stack, "Rollcall", props)
	return assertions.Template_FromStack(stack, nil)
}

// has fails the test unless a resource of the kind has the properties.
func has(template assertions.Template, kind string, properties map[string]any) {
	template.HasResourceProperties(&kind, properties)
}

func count(template assertions.Template, kind string, n float64) {
	template.ResourceCountIs(&kind, &n)
}

func TestMappingLosesNothing(t *testing.T) {
	has(synth(t, minimal()), "AWS::Lambda::EventSourceMapping", map[string]any{
		"StartingPosition": "TRIM_HORIZON", "BatchSize": 1000, "MaximumBatchingWindowInSeconds": 1, "ParallelizationFactor": 10,
		"BisectBatchOnFunctionError": true, "FunctionResponseTypes": []string{"ReportBatchItemFailures"},
		"MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": 82800,
		"DestinationConfig": map[string]any{"OnFailure": map[string]any{"Destination": assertions.Match_AnyValue()}},
	})
}

func TestQueues(t *testing.T) {
	template := synth(t, minimal())
	has(template, "AWS::SQS::Queue", map[string]any{
		"QueueName": "rollcall-intents", "MessageRetentionPeriod": 1209600, "VisibilityTimeout": 120,
		"RedrivePolicy": assertions.Match_Absent(), "SqsManagedSseEnabled": true,
	})
	has(template, "AWS::SQS::Queue", map[string]any{"QueueName": "rollcall-urgent", "MessageRetentionPeriod": 3600})
	count(template, "AWS::SQS::QueuePolicy", 2)
}

func TestFlusherRunsOnceAtATime(t *testing.T) {
	template := synth(t, minimal())
	has(template, "AWS::Lambda::Function", map[string]any{"FunctionName": "rollcall-flusher", "ReservedConcurrentExecutions": 1, "Timeout": 900})
	has(template, "AWS::Lambda::EventInvokeConfig", map[string]any{"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60})
	has(template, "AWS::Scheduler::Schedule", map[string]any{
		"ScheduleExpression": "rate(1 minute)",
		"Target":             map[string]any{"RetryPolicy": map[string]any{"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}},
	})
}

func TestTablesAreProtectedAndStay(t *testing.T) {
	template := synth(t, minimal())
	for _, name := range []string{"people", "rollcall-control"} {
		template.HasResource(jsii.String("AWS::DynamoDB::Table"), map[string]any{
			"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain",
			"Properties": map[string]any{
				"TableName": name, "DeletionProtectionEnabled": true, "BillingMode": "PAY_PER_REQUEST",
				"PointInTimeRecoverySpecification": map[string]any{"PointInTimeRecoveryEnabled": true},
			},
		})
	}
	template.HasResource(jsii.String("AWS::S3::Bucket"), map[string]any{"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"})
	template.HasResource(jsii.String("AWS::SecretsManager::Secret"), map[string]any{
		"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain",
		"Properties": map[string]any{"SecretString": assertions.Match_Absent(), "GenerateSecretString": assertions.Match_Absent()},
	})
}

func TestNothingIsMadeBeforeTheClaim(t *testing.T) {
	props := minimal()
	props.UrgentLane, props.SyncSchedule, props.AlarmEmails = true, "rate(1 day)", []string{"identity@example.com"}
	props.HTTPAPI = &HTTPAPI{Authorizer: "JWT", JWT: &JWT{Issuer: "https://example.okta.com", Audience: []string{"api://rollcall"}}}
	resources, _ := (*synth(t, props).ToJSON())["Resources"].(map[string]any)
	claim := ""
	for id, it := range resources {
		if it.(map[string]any)["Type"] == "AWS::SSM::Parameter" {
			claim = id
		}
	}
	for id, it := range resources {
		after, _ := it.(map[string]any)["DependsOn"].([]any)
		if id != claim && !slices.Contains(after, any(claim)) {
			t.Errorf("%s does not wait for %s", id, claim)
		}
	}
}

// TestProtectedTablesComeLate has them made after the functions: a rollback cannot delete them.
func TestProtectedTablesComeLate(t *testing.T) {
	after := assertions.Match_ArrayWith(&[]any{
		assertions.Match_StringLikeRegexp(jsii.String("^RollcallFlusher")), assertions.Match_StringLikeRegexp(jsii.String("^RollcallStreamHandler")),
	})
	template := synth(t, minimal())
	for _, name := range []string{"people", "rollcall-control"} {
		template.HasResource(jsii.String("AWS::DynamoDB::Table"), map[string]any{"Properties": map[string]any{"TableName": name}, "DependsOn": after})
	}
}

func TestOffByDefault(t *testing.T) {
	template := synth(t, minimal())
	count(template, "AWS::ApiGatewayV2::Api", 0)
	count(template, "AWS::Lambda::Function", 2)
	count(template, "AWS::Scheduler::Schedule", 1)
}

func TestIndexComesWithTheTable(t *testing.T) {
	props := minimal()
	props.ExternalIDIndex, props.ExternalIDAttribute = "by-number", "number"
	template := synth(t, props)
	has(template, "AWS::DynamoDB::Table", map[string]any{
		"TableName": "people",
		"AttributeDefinitions": []any{
			map[string]any{"AttributeName": "id", "AttributeType": "S"}, map[string]any{"AttributeName": "number", "AttributeType": "S"},
		},
		"GlobalSecondaryIndexes": []any{map[string]any{
			"IndexName": "by-number", "KeySchema": []any{map[string]any{"AttributeName": "number", "KeyType": "HASH"}},
			"Projection": map[string]any{"ProjectionType": "KEYS_ONLY"},
		}},
	})
	has(template, "AWS::Lambda::Function", map[string]any{"Environment": map[string]any{"Variables": assertions.Match_ObjectLike(&map[string]any{
		"ROLLCALL_EXTERNAL_ID_INDEX": "by-number", "ROLLCALL_MAPPING_EXTERNAL_ID": "number",
	})}})
}

// TestFunctionsKnowWhatTheyRead keeps the secret's ARN from functions that have no business with it.
func TestFunctionsKnowWhatTheyRead(t *testing.T) {
	props := minimal()
	props.HTTPAPI = &HTTPAPI{Authorizer: "IAM"}
	template := synth(t, props)
	for function, secret := range map[string]any{
		"rollcall-flusher": assertions.Match_AnyValue(), "rollcall-stream-handler": assertions.Match_Absent(), "rollcall-items-api": assertions.Match_Absent(),
	} {
		has(template, "AWS::Lambda::Function", map[string]any{
			"FunctionName": function,
			"Environment":  map[string]any{"Variables": assertions.Match_ObjectLike(&map[string]any{"ROLLCALL_TABLE": "people", "ROLLCALL_OKTA_SECRET_ARN": secret})},
		})
	}
}

func TestHTTPAPIIsNeverOpen(t *testing.T) {
	props := minimal()
	props.HTTPAPI = &HTTPAPI{Authorizer: "IAM"}
	template := synth(t, props)
	count(template, "AWS::ApiGatewayV2::Route", 4)
	template.AllResourcesProperties(jsii.String("AWS::ApiGatewayV2::Route"), map[string]any{"AuthorizationType": "AWS_IAM"})

	props.HTTPAPI = &HTTPAPI{Authorizer: "JWT", JWT: &JWT{Issuer: "https://example.okta.com", Audience: []string{"api://rollcall"}}}
	synth(t, props).AllResourcesProperties(jsii.String("AWS::ApiGatewayV2::Route"), map[string]any{
		"AuthorizationType": "JWT", "AuthorizerId": assertions.Match_AnyValue(),
	})
}

func TestExistingThingsAreUsed(t *testing.T) {
	props := minimal()
	props.ExistingTable = &ExistingTable{StreamARN: stream}
	props.Secret = &Secret{ARN: "arn:aws:secretsmanager:us-east-1:111122223333:secret:okta-AbCdEf"}
	props.AlarmTopic = &Resource{ARN: "arn:aws:sns:us-east-1:111122223333:pager"}
	template := synth(t, props)
	count(template, "AWS::DynamoDB::Table", 1)
	count(template, "AWS::SecretsManager::Secret", 0)
	count(template, "AWS::SNS::Topic", 0)
	has(template, "AWS::Lambda::EventSourceMapping", map[string]any{"EventSourceArn": stream})
	template.AllResourcesProperties(jsii.String("AWS::CloudWatch::Alarm"), map[string]any{"AlarmActions": []string{props.AlarmTopic.ARN}})
}

func TestZipsFromADirectoryAreAssets(t *testing.T) {
	dir := t.TempDir()
	for _, function := range []string{streamHandler, flusher} {
		writeZip(t, dir, zipName(function, "amd64"), "bootstrap", program(t, elf.EM_X86_64))
	}
	props := minimal()
	props.Packages, props.Architecture = Packages{Directory: dir}, "amd64"
	has(synth(t, props), "AWS::Lambda::Function", map[string]any{
		"Architectures": []string{"x86_64"}, "Code": map[string]any{"S3Key": assertions.Match_StringLikeRegexp(jsii.String(`\.zip$`))},
	})
}

func TestNewRefusesWithEveryProblem(t *testing.T) {
	props := minimal()
	props.Okta.OrgURL, props.ExistingTable = "", &ExistingTable{StreamARN: strings.Replace(stream, "us-east-1", "eu-west-1", 1)}
	defer func() {
		err, _ := recover().(error)
		if err == nil || !strings.Contains(err.Error(), "okta.orgUrl") || !strings.Contains(err.Error(), "another region than us-east-1") {
			t.Errorf("got panic %v, want one that names both settings", err)
		}
	}()
	synth(t, props)
}
