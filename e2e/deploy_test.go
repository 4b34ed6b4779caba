//go:build e2e

package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	sqsapi "github.com/aws/aws-sdk-go-v2/service/sqs"

	"rollcall/internal/config"
	"rollcall/internal/dist"
	"rollcall/internal/sample"
)

// deployedSource is the identity source of the deployed house.
const deployedSource = "0oa1a2b3c4d5e6f7g8h9"

// TestDeploy deploys the stack of infra/cdk onto an emulator of AWS and drives it as its users do: people come by the HTTP
// API and by the SDK, the scheduler starts the flusher every minute. Then the stack is updated with new zips while people
// change, and deleted.
func TestDeploy(t *testing.T) {
	e := startEmulator(t)
	s := newStacks(t, e)
	org := startOrg(t, "deploy-oktasim", "--identity-source", deployedSource)
	stack := map[string]any{
		"region": region, "account": "000000000000", "architecture": "amd64", "tableName": "people",
		"okta":               map[string]any{"orgUrl": org.url, "identitySourceId": deployedSource},
		"packages":           map[string]any{"bucket": releases, "prefix": "v1/"},
		"httpApi":            map[string]any{"authorizer": "IAM"},
		"deletionProtection": false,
	}
	s.publish(t, "v1", e.zips)
	s.create(t, "rollcall", s.synth(t, "rollcall", stack))
	outputs := s.must(t, "rollcall", types.StackStatusCreateComplete)
	h := s.house(t, org, outputs)

	// Each step needs the one before.
	_ = t.Run("first import", func(t *testing.T) { h.firstImport(t, s, outputs) }) &&
		t.Run("second stack", func(t *testing.T) { refusedSecond(t, s, stack) }) &&
		t.Run("update", func(t *testing.T) { h.updated(t, s, stack) }) &&
		t.Run("delete", func(t *testing.T) { h.deleted(t, s) })
}

// house is what the stack is, for looking into it; and it has Okta's token put into the secret, as its owner does.
func (s *stacks) house(t *testing.T, org *org, outputs map[string]string) *house {
	t.Helper()
	_, err := secretsmanager.NewFromConfig(s.sdk).PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(outputs["SecretArn"]), SecretString: aws.String(`{"token":"` + orgToken + `"}`),
	})
	if err != nil {
		t.Fatalf("put secret: %v", err)
	}
	h := &house{
		emulator: s.emulator, org: org, name: "rollcall", lambda: s.invoker(),
		dynamodb: dynamodb.NewFromConfig(s.sdk), sqs: sqsapi.NewFromConfig(s.sdk),
	}
	for _, function := range dist.Functions() {
		t.Cleanup(func() { h.signal(t, function, syscall.SIGKILL) })
	}
	settings := map[string]string{
		"ROLLCALL_TABLE": "people", "ROLLCALL_CONTROL": "rollcall-control", "ROLLCALL_QUEUE_INTENTS": outputs["IntentsUrl"],
		"ROLLCALL_OKTA_ORG_URL": org.url, "ROLLCALL_OKTA_IDENTITY_SOURCE_ID": deployedSource,
	}
	h.config, err = config.Load(nil, func(name string) (string, bool) { v, ok := settings[name]; return v, ok })
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// firstImport brings people in by both ways, and waits for the schedule to have them loaded.
func (h *house) firstImport(t *testing.T, s *stacks, outputs map[string]string) {
	api, err := url.Parse(outputs["HttpApiUrl"])
	if err != nil || api.Host == "" {
		t.Fatalf("the stack's HttpApiUrl is %q", outputs["HttpApiUrl"])
	}
	people := sample.People()
	h.write(t, people[:30])
	for _, p := range people[30:40] {
		if status, answer, err := s.call(t.Context(), api.Host, http.MethodPut, "/items", p, true); err != nil || status != http.StatusOK {
			t.Fatalf("PUT /items: %d %s %v", status, answer, err)
		}
	}
	if status, _, err := s.call(t.Context(), api.Host, http.MethodGet, "/items", nil, false); err != nil || status != http.StatusForbidden {
		t.Errorf("GET /items without a signature: %d %v, want 403", status, err)
	}
	h.becomesEqual(t, 4*time.Minute)
	leaver := people[30]["id"].(string)
	if status, answer, err := s.call(t.Context(), api.Host, http.MethodDelete, "/items/"+url.PathEscape(leaver), nil, true); err != nil || status != http.StatusOK {
		t.Fatalf("DELETE /items: %d %s %v", status, answer, err)
	}
	h.becomesEqual(t, 4*time.Minute)
	if p, ok := h.has(leaver); !ok || p.Status == "ACTIVE" {
		t.Errorf("who was deleted is %q in Okta", p.Status)
	}
}

// refusedSecond deploys another stack for the same identity source, which must not come to be.
func refusedSecond(t *testing.T, s *stacks, stack map[string]any) {
	second := maps.Clone(stack)
	second["name"], second["tableName"] = "second", "others"
	s.create(t, "second", s.synth(t, "second", second))
	s.must(t, "second", types.StackStatusRollbackComplete)
	if why := s.failures(t, "second"); why == nil || !strings.Contains(why.Error(), "RollcallClaim") {
		t.Errorf("the second stack was refused for %v, not for the identity source's parameter", why)
	}
	s.mustHaveNothing(t, "second", "others")
	_, err := s.cfn.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("second")})
	if err != nil {
		t.Fatalf("delete stack: %v", err)
	}
	s.settled(t, "second")
}

// mustHaveNothing fails the test if something of the deployment is there, above all something that would outlive its stack.
func (s *stacks) mustHaveNothing(t *testing.T, name, table string) {
	t.Helper()
	tables, bucket := dynamodb.NewFromConfig(s.sdk), name+"-failed-records-000000000000-"+region
	for what, look := range map[string]func() error{
		"people's table": func() error {
			_, err := tables.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: &table})
			return err
		},
		"control table": func() error {
			_, err := tables.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(name + "-control")})
			return err
		},
		"bucket": func() error {
			_, err := s.s3.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &bucket})
			return err
		},
		"secret": func() error {
			_, err := secretsmanager.NewFromConfig(s.sdk).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String(name + "/okta")})
			return err
		},
		"queue": func() error {
			_, err := sqsapi.NewFromConfig(s.sdk).GetQueueUrl(t.Context(), &sqsapi.GetQueueUrlInput{QueueName: aws.String(name + "-intents")})
			return err
		},
		"flusher": func() error {
			_, err := lambda.NewFromConfig(s.sdk).GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(name + "-flusher")})
			return err
		},
	} {
		if look() == nil {
			t.Errorf("%s was refused, but its %s is there", name, what)
		}
	}
}

// updated deploys another release while people change.
func (h *house) updated(t *testing.T, s *stacks, stack map[string]any) {
	zips := map[string][]byte{}
	for _, function := range dist.Functions() {
		z, err := dist.Pack(t.Context(), dist.Options{Module: "..", Out: t.TempDir(), Version: "e2e-2", Config: "../rollcall.yaml"}, function, "amd64")
		if err != nil {
			t.Fatal(err)
		}
		if zips[function], err = os.ReadFile(z.Path); err != nil {
			t.Fatal(err)
		}
	}
	s.publish(t, "v2", zips)
	before := h.code(t)
	stack["packages"] = map[string]any{"bucket": releases, "prefix": "v2/"}
	templateURL := s.synth(t, "rollcall", stack)

	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	n, changed := 0, make(chan error, 1)
	go func() {
		var err error
		n, err = h.change(ctx)
		changed <- err
	}()
	s.update(t, "rollcall", templateURL)
	s.must(t, "rollcall", types.StackStatusUpdateComplete)
	time.Sleep(5 * time.Second) // changes meet the new functions too
	stop()
	if err := <-changed; err != nil {
		t.Fatalf("change people: %v", err)
	}
	t.Logf("%d changes were made meanwhile", n)
	if after := h.code(t); slices.Equal(before, after) {
		t.Error("the functions have the code that they had before")
	}
	h.becomesEqual(t, 4*time.Minute)
}

// change changes people, one after the other, until the context ends, and returns how many changes it made.
func (h *house) change(ctx context.Context) (n int, err error) {
	for people := sample.Generate(7, 50); ctx.Err() == nil; n++ {
		p := people[n%len(people)]
		p["title"] = fmt.Sprintf("Title %d", n)
		if n%5 == 4 {
			p["active"] = n%2 == 0
		}
		item, err := attributevalue.MarshalMap(p)
		if err != nil {
			return n, err
		}
		// A change that is under way when the context ends is made.
		_, err = h.dynamodb.PutItem(context.WithoutCancel(ctx), &dynamodb.PutItemInput{TableName: aws.String(h.config.Table), Item: item})
		if err != nil {
			return n, err
		}
		time.Sleep(50 * time.Millisecond)
	}
	return n, nil
}

// code is the hashes of the functions' code.
func (h *house) code(t *testing.T) (hashes []string) {
	t.Helper()
	for _, function := range dist.Functions() {
		out, err := h.lambda.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(h.function(function))})
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, *out.Configuration.CodeSha256)
	}
	return hashes
}

// mustKeepWhatStays fails the test unless the people's table, the bucket with failed records and the secret outlived the stack.
func (h *house) mustKeepWhatStays(t *testing.T, s *stacks) {
	t.Helper()
	if _, err := h.dynamodb.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(h.config.Table)}); err != nil {
		t.Errorf("the people's table is gone: %v", err)
	}
	bucket := "rollcall-failed-records-000000000000-" + region
	if _, err := s.s3.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: &bucket}); err != nil {
		t.Errorf("the bucket with failed records is gone: %v", err)
	}
	secret := &secretsmanager.DescribeSecretInput{SecretId: aws.String("rollcall/okta")}
	if _, err := secretsmanager.NewFromConfig(s.sdk).DescribeSecret(t.Context(), secret); err != nil {
		t.Errorf("the secret is gone: %v", err)
	}
}

// deleted deletes the stack: the functions and queues are gone, the people in Okta stay.
func (h *house) deleted(t *testing.T, s *stacks) {
	active, err := h.org.active()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfn.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("rollcall")}); err != nil {
		t.Fatalf("delete stack: %v", err)
	}
	if status, _ := s.settled(t, "rollcall"); status != "" && status != types.StackStatusDeleteComplete {
		t.Errorf("the deleted stack is %s", status)
	}
	for _, function := range dist.Functions() {
		if _, err := h.lambda.GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(h.function(function))}); err == nil {
			t.Errorf("%s is still there", function)
		}
	}
	if _, err := h.sqs.GetQueueUrl(t.Context(), &sqsapi.GetQueueUrlInput{QueueName: aws.String("rollcall-intents")}); err == nil {
		t.Error("the queue is still there")
	}
	h.mustKeepWhatStays(t, s)
	still, err := h.org.active()
	if err != nil {
		t.Fatal(err)
	}
	if len(still) != len(active) || len(still) == 0 {
		t.Errorf("%d people were active in Okta, %d are now", len(active), len(still))
	}
	h.mustBeKind(t)
}
