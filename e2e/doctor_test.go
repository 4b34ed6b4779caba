//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rollcall/internal/contract"
	"rollcall/internal/items"
)

// TestDoctor runs rollcall doctor on what an operator has: tables, queues and the secret on AWS, and an org. At first all
// is as infra makes it; then one thing after the other is not.
func TestDoctor(t *testing.T) {
	sdk, _ := startMiniStack(t)
	tables, queues := dynamodb.NewFromConfig(sdk), sqsapi.NewFromConfig(sdk)
	table := newTable(t, tables, contract.TableOptions{Schema: items.Schema{Partition: items.Attribute{Name: "id"}}})
	put := func(country string) {
		t.Helper()
		item := map[string]types.AttributeValue{
			"id": text("jane"), "active": text("yes"), "email": text("jane@example.com"), "country": text(country),
		}
		if _, err := tables.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &table, Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	put("NO")
	twoKeys := contract.TableOptions{Schema: items.Schema{Partition: items.Attribute{Name: "kind"}, Sort: items.Attribute{Name: "id"}}}
	control, another := newTable(t, tables, twoKeys), newTable(t, tables, twoKeys)
	expire := func(on bool) {
		t.Helper()
		_, err := tables.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
			TableName: &control, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: &on},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	expire(true)
	good := newQueue(t, queues, map[string]string{"VisibilityTimeout": "960", "MessageRetentionPeriod": "1209600"})
	short := newQueue(t, queues, map[string]string{"VisibilityTimeout": "30"})
	secret, err := secretsmanager.NewFromConfig(sdk).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("doctor-okta"), SecretString: aws.String(`{"token":"` + orgToken + `"}`),
	})
	if err != nil {
		t.Fatalf("create secret: %v", err)
	}
	org := startOrg(t, "doctor-oktasim")
	settings := map[string]string{
		"AWS_ENDPOINT_URL": *sdk.BaseEndpoint, "AWS_REGION": region, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local",
		"ROLLCALL_TABLE": table, "ROLLCALL_CONTROL": control, "ROLLCALL_QUEUE_INTENTS": good, "ROLLCALL_OKTA_ORG_URL": org.url,
		"ROLLCALL_OKTA_IDENTITY_SOURCE_ID": "0oa1", "ROLLCALL_OKTA_SECRET_ARN": *secret.ARN,
	}
	wants := func(code int, lines ...string) {
		t.Helper()
		out, got := run(t, settings, "doctor")
		if got != code {
			t.Errorf("exit code %d, want %d\n%s", got, code, out)
		}
		for _, line := range lines {
			if !strings.Contains(out, line) {
				t.Errorf("no line %q in\n%s", line, out)
			}
		}
	}

	wants(0, "healthy: 16 ok, 0 failed, 0 not checked", "queue.intents keeps messages for 336h0m0s", "NEW_AND_OLD_IMAGES", "1 person fit")
	put("Norway")
	wants(4, "1: countryCode has more than 2 characters", "15 ok, 1 failed")
	put("NO")
	expire(false)
	wants(4, "expired entries stay in the control table", "15 ok, 1 failed")
	expire(true)
	settings["ROLLCALL_QUEUE_INTENTS"] = short
	wants(4, "queue.intents shows messages again after 30s", "15 ok, 1 failed")
	settings["ROLLCALL_QUEUE_INTENTS"] = good
	settings["ROLLCALL_TABLE"] = another
	wants(4, "the table's key is kind, id, the configuration's id")
	settings["ROLLCALL_TABLE"] = table
	settings["ROLLCALL_EXTERNAL_ID_INDEX"] = "by-id"
	wants(4, fmt.Sprintf("table %s has no global secondary index by-id", table))
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

// run runs the command and returns what it prints and its exit code.
func run(t *testing.T, settings map[string]string, args ...string) (output string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), rollcall(t), args...)
	cmd.Dir = t.TempDir()
	cmd.Env = os.Environ()
	for name, value := range settings {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if exit, failed := errors.AsType[*exec.ExitError](err); failed {
		return string(out), exit.ExitCode()
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(out), 0
}
