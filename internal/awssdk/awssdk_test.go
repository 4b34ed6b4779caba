package awssdk

import (
	"context"
	"maps"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func TestEndpointsOfTheEnvironmentAreHonoured(t *testing.T) {
	set(t, map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:2", "AWS_MAX_ATTEMPTS": "7"})
	cfg, err := FromEnvironment()
	if err != nil {
		t.Fatal(err)
	}
	queue, table := sqs.NewFromConfig(cfg).Options(), dynamodb.NewFromConfig(cfg).Options()
	if queue.BaseEndpoint == nil || *queue.BaseEndpoint != "http://127.0.0.1:2" {
		t.Error("the queue's own endpoint is not used")
	}
	if table.BaseEndpoint == nil || *table.BaseEndpoint != "http://127.0.0.1:1" {
		t.Error("the endpoint for all services is not used")
	}
	if table.Region != "eu-west-1" || table.Retryer.MaxAttempts() != 7 {
		t.Errorf("region %q, %d attempts", table.Region, table.Retryer.MaxAttempts())
	}
	given, err := table.Credentials.Retrieve(context.Background())
	if err != nil || given.AccessKeyID != "AKIA" || given.SessionToken != "session" {
		t.Errorf("credentials %v, %v", given.AccessKeyID, err)
	}
}

func TestEndpointsCanBeIgnored(t *testing.T) {
	set(t, map[string]string{"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"})
	cfg, err := FromEnvironment()
	if err != nil || cfg.BaseEndpoint != nil || sqs.NewFromConfig(cfg).Options().BaseEndpoint != nil {
		t.Errorf("endpoint %v, %v", cfg.BaseEndpoint, err)
	}
}

func TestWhatLambdaAlwaysGivesIsRequired(t *testing.T) {
	for _, missing := range []string{"AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"} {
		set(t, map[string]string{missing: ""})
		if _, err := FromEnvironment(); err == nil {
			t.Errorf("without %s there is no error", missing)
		}
	}
}

// set sets the environment of a function, changed as given.
func set(t *testing.T, changed map[string]string) {
	t.Helper()
	all := map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_SESSION_TOKEN": "session", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_SQS": "", "AWS_MAX_ATTEMPTS": "",
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "",
	}
	maps.Copy(all, changed)
	for name, value := range all {
		t.Setenv(name, value)
	}
}
