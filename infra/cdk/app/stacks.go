package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	rollcall "rollcall/infra/cdk"
)

// stack is one entry of a stacks file: where it goes and what it is. Region and account may be left out; then the stack goes
// wherever it is deployed to, and what depends on them is not checked beforehand.
type stack struct {
	Region  string `json:"region"`
	Account string `json:"account"`
	rollcall.Props
}

// readStacks reads a stacks file: a JSON object of stacks by their names. Paths in it are relative to the file.
func readStacks(path string) (map[string]stack, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read stacks: %w: copy stacks.example.json, or name a file by ROLLCALL_STACKS", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	stacks := map[string]stack{}
	if err := decoder.Decode(&stacks); err != nil {
		return nil, fmt.Errorf("parse %s: %w", path, err)
	}
	if len(stacks) == 0 {
		return nil, fmt.Errorf("parse %s: it has no stack", path)
	}
	for name, s := range stacks {
		if dir := s.Packages.Directory; dir != "" && !filepath.IsAbs(dir) {
			s.Packages.Directory = filepath.Join(filepath.Dir(path), dir)
			stacks[name] = s
		}
	}
	return stacks, check(path, stacks)
}

// check returns what is wrong with the stacks, each problem with its stack's name.
func check(path string, stacks map[string]stack) error {
	var problems []error
	servedBy := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(stacks)) {
		s := stacks[name]
		if err := s.Validate(s.Region, s.Account); err != nil {
			problems = append(problems, fmt.Errorf("%s: stack %s: %w", path, name, err))
		}
		source := s.Okta.OrgURL + " " + s.Okta.IdentitySourceID
		if other, taken := servedBy[source]; taken {
			problems = append(problems, fmt.Errorf("%s: stack %s: okta.identitySourceId: stack %s serves %s already", path, name, other, s.Okta.IdentitySourceID))
		}
		servedBy[source] = name
	}
	return errors.Join(problems...)
}

// addStack adds the stack to the app. One whose zips are in S3 has no assets, so it is deployed without bootstrap, by the
// CDK or by CloudFormation alone.
func addStack(app awscdk.App, name string, s stack) {
	props := &awscdk.StackProps{
		Description: jsii.String("rollcall: table " + s.TableName + " to Okta"),
		// A call of CloudFormation takes 51,200 bytes; without indentation most stacks stay below.
		SuppressTemplateIndentation: jsii.Bool(true),
	}
	if s.Region != "" || s.Account != "" {
		props.Env = &awscdk.Environment{}
		if s.Region != "" {
			props.Env.Region = &s.Region
		}
		if s.Account != "" {
			props.Env.Account = &s.Account
		}
	}
	if s.Packages.Bucket != "" {
		props.Synthesizer = awscdk.NewBootstraplessSynthesizer(nil)
	}
	it := awscdk.NewStack(app, &name, props)
	deployment := rollcall.New(it, "Rollcall", s.Props)
	awscdk.NewCfnOutput(it, jsii.String("SecretArn"), &awscdk.CfnOutputProps{
		Value: deployment.SecretARN, Description: jsii.String("Put Okta's credentials here"),
	})
	awscdk.NewCfnOutput(it, jsii.String("IntentsUrl"), &awscdk.CfnOutputProps{Value: deployment.QueueURLs["intents"]})
	awscdk.NewCfnOutput(it, jsii.String("UrgentUrl"), &awscdk.CfnOutputProps{Value: deployment.QueueURLs["urgent"]})
	if deployment.HTTPAPIURL != nil {
		awscdk.NewCfnOutput(it, jsii.String("HttpApiUrl"), &awscdk.CfnOutputProps{Value: deployment.HTTPAPIURL})
	}
}
