// Package rollcall is rollcall on AWS as a CDK construct. It declares the same resources as the Terraform module in
// infra/terraform; infra/parity compares the two.
//
// Resources are declared one by one (CloudFormation's own kinds), so that nothing is added that is not written here: roles
// have the statements of roles.go and no others.
package rollcall

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// The functions, by the names of their commands and zips.
const (
	streamHandler = "stream-handler"
	flusher       = "flusher"
	itemsAPI      = "items-api"
)

// Deployment is one table kept in step with one identity source.
type Deployment struct {
	constructs.Construct
	// SecretARN is where Okta's credentials go. The secret is created empty.
	SecretARN *string
	// QueueURLs are by the queues' names, intents and urgent.
	QueueURLs map[string]*string
	// HTTPAPIURL is nil where the HTTP API is off.
	HTTPAPIURL *string
	// Environment is that of the flusher, and of the rollcall command against this deployment. Nothing in it is secret.
	Environment map[string]*string

	props Props
	names names
	arns  arns
	stack awscdk.Stack
	// claim is made before anything else: it fails where another deployment serves the identity source.
	claim awscdk.CfnResource
	// alarmARNs are sorted.
	alarmARNs []string
}

// New declares a deployment. It panics, as constructs do, with every problem of the props.
func New(scope constructs.Construct, id string, props Props) *Deployment {
	stack := awscdk.Stack_Of(scope)
	region, account := resolved(stack.Region()), resolved(stack.Account())
	if err := props.Validate(region, account); err != nil {
		panic(fmt.Errorf("rollcall %s: %w", id, err))
	}
	d := &Deployment{Construct: constructs.NewConstruct(scope, &id), props: props.withDefaults(), stack: stack}
	d.name()
	d.claimIdentitySource()
	d.addSecret()
	d.addQueues()
	d.addFunctions()
	d.addTables()
	mapping := d.addStream()
	d.addSchedules()
	d.addHTTPAPI()
	d.addAlarms(mapping)
	d.addDashboard()
	d.addOperator()
	d.makeClaimFirst()
	d.tag()
	return d
}

// makeClaimFirst lets everything else wait for the claim, so that a deployment that is refused there has made nothing.
func (d *Deployment) makeClaimFirst() {
	for _, child := range *d.Node().Children() {
		if *child.Node().Id() != claimID && *awscdk.CfnResource_IsCfnResource(child) {
			child.(awscdk.CfnResource).AddDependency(d.claim)
		}
	}
}

// resolved returns the value, or "" where it will be known only when the stack is deployed.
func resolved(value *string) string {
	if *awscdk.Token_IsUnresolved(value) {
		return ""
	}
	return *value
}

func (d *Deployment) tag() {
	tags := awscdk.Tags_Of(d.Construct)
	for _, key := range sortedKeys(d.props.Tags) {
		tags.Add(&key, jsii.String(d.props.Tags[key]), nil)
	}
	tags.Add(jsii.String("rollcall"), &d.props.Name, nil)
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// optional is a property that is left out where the value is empty.
func optional(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
