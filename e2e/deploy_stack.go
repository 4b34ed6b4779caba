//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// releases is the bucket that zips and templates are published in.
const releases = "releases"

// stacks deploys what infra/cdk synthesises, by CloudFormation, as a user without the CDK's own tools does.
type stacks struct {
	*emulator
	s3  *s3.Client
	cfn *cloudformation.Client
	app string // the CDK app, built
}

func newStacks(t *testing.T, e *emulator) *stacks {
	t.Helper()
	Need(t, "node", "Node.js 20 or newer, for the CDK")
	s := &stacks{
		emulator: e, cfn: cloudformation.NewFromConfig(e.sdk), app: filepath.Join(t.TempDir(), "app"),
		s3: s3.NewFromConfig(e.sdk, func(o *s3.Options) { o.UsePathStyle = true }),
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-o", s.app, "./app")
	build.Dir = filepath.Join("..", "infra", "cdk")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build CDK app: %v\n%s", err, out)
	}
	if _, err := s.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String(releases)}); err != nil {
		t.Fatalf("create bucket: %v", err)
	}
	return s
}

// publish puts a release's zips into the bucket.
func (s *stacks) publish(t *testing.T, release string, zips map[string][]byte) {
	t.Helper()
	for function, zip := range zips {
		s.upload(t, release+"/"+function+"_amd64.zip", zip)
	}
}

func (s *stacks) upload(t *testing.T, key string, content []byte) {
	t.Helper()
	_, err := s.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String(releases), Key: &key, Body: bytes.NewReader(content)})
	if err != nil {
		t.Fatalf("upload %s: %v", key, err)
	}
}

// synth synthesises the one stack of a stacks file, puts the template into the bucket and returns its address: this
// template is too long for a call.
func (s *stacks) synth(t *testing.T, name string, stack map[string]any) (templateURL string) {
	t.Helper()
	file, out := filepath.Join(t.TempDir(), "stacks.json"), t.TempDir()
	text, err := json.Marshal(map[string]any{name: stack})
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	synth := exec.CommandContext(t.Context(), s.app)
	synth.Env = append(os.Environ(), "ROLLCALL_STACKS="+file, "CDK_OUTDIR="+out, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20")
	if said, err := synth.CombinedOutput(); err != nil {
		t.Fatalf("synthesise: %v\n%s", err, said)
	}
	template, err := os.ReadFile(filepath.Join(out, name+".template.json"))
	if err != nil {
		t.Fatal(err)
	}
	key := fmt.Sprintf("templates/%s-%x.json", name, sha256.Sum256(template))
	s.upload(t, key, template)
	return *s.sdk.BaseEndpoint + "/" + releases + "/" + key
}

func (s *stacks) create(t *testing.T, name, templateURL string) {
	t.Helper()
	_, err := s.cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: &name, TemplateURL: &templateURL, Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
	})
	if err != nil {
		t.Fatalf("create stack: %v", err)
	}
}

func (s *stacks) update(t *testing.T, name, templateURL string) {
	t.Helper()
	_, err := s.cfn.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{
		StackName: &name, TemplateURL: &templateURL, Capabilities: []types.Capability{types.CapabilityCapabilityNamedIam},
	})
	if err != nil {
		t.Fatalf("update stack: %v", err)
	}
}

// settled waits until the stack is no longer being changed, and returns its status and outputs. One that is not there has
// no status.
func (s *stacks) settled(t *testing.T, name string) (types.StackStatus, map[string]string) {
	t.Helper()
	var stack types.Stack
	eventually(t, 2*time.Minute, func() error {
		out, err := s.cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil && strings.Contains(err.Error(), "does not exist") {
			stack = types.Stack{}
			return nil
		}
		if err != nil {
			return err
		}
		if stack = out.Stacks[0]; strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS") {
			return fmt.Errorf("the stack is %s", stack.StackStatus)
		}
		return nil
	})
	outputs := map[string]string{}
	for _, o := range stack.Outputs {
		outputs[*o.OutputKey] = *o.OutputValue
	}
	return stack.StackStatus, outputs
}

// must waits for the stack and fails the test unless it has the status; the failed resources are in the message.
func (s *stacks) must(t *testing.T, name string, want types.StackStatus) map[string]string {
	t.Helper()
	status, outputs := s.settled(t, name)
	if status == want {
		return outputs
	}
	t.Fatalf("stack %s is %q, not %s: %v", name, status, want, s.failures(t, name))
	return nil
}

// failures are what the stack's resources failed of.
func (s *stacks) failures(t *testing.T, name string) error {
	t.Helper()
	events, err := s.cfn.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &name})
	if err != nil {
		return err
	}
	var why []error
	for _, e := range events.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			why = append(why, fmt.Errorf("%s: %s", *e.LogicalResourceId, aws.ToString(e.ResourceStatusReason)))
		}
	}
	return errors.Join(why...)
}

// call sends a request to the HTTP API, signed as by somebody with AWS credentials or not at all. The API's host name need
// not resolve: the request goes to the emulator, which tells APIs apart by the Host header.
func (s *stacks) call(ctx context.Context, host, method, path string, body any, signed bool) (status int, answer []byte, err error) {
	text := []byte{}
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return 0, nil, err
		}
	}
	request, err := http.NewRequestWithContext(ctx, method, *s.sdk.BaseEndpoint+path, bytes.NewReader(text))
	if err != nil {
		return 0, nil, err
	}
	request.Host = host
	request.Header.Set("Content-Type", "application/json")
	if signed {
		as, err := s.sdk.Credentials.Retrieve(ctx)
		if err != nil {
			return 0, nil, err
		}
		hash := fmt.Sprintf("%x", sha256.Sum256(text))
		if err := v4.NewSigner().SignHTTP(ctx, as, request, hash, "execute-api", region, time.Now()); err != nil {
			return 0, nil, err
		}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	answer, err = io.ReadAll(response.Body)
	return response.StatusCode, answer, err
}
