package rollcall

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/jsii-runtime-go"
)

// flusherSeconds are fifteen minutes, Lambda's most; a full session needs five at Okta's slowest.
const flusherSeconds = 900

// functionSettings says how a function runs.
type functionSettings struct {
	description string
	memoryMB    float64
	seconds     float64
	// reserved is the reserved concurrency, nil for none.
	reserved *float64
}

var settingsOf = map[string]functionSettings{
	streamHandler: {description: "Turns stream records into intents", memoryMB: 256, seconds: 60},
	// One flush at a time.
	flusher:  {description: "Loads into Okta what the table says of the people in the queue", memoryMB: 256, seconds: flusherSeconds, reserved: jsii.Number(1)},
	itemsAPI: {description: "Serves /items", memoryMB: 256, seconds: 10},
}

// constructID is a function's name as construct IDs are written.
var constructID = map[string]string{streamHandler: "StreamHandler", flusher: "Flusher", itemsAPI: "ItemsApi"}

func (d *Deployment) addFunctions() {
	d.Environment = d.environment()
	for _, function := range d.props.functions() {
		d.addFunction(function)
	}
	// The next minute's run is as good as a retry. Without this every long flush leaves hours of throttled retries behind.
	d.limitStarts("FlusherStarts", "$LATEST", 60)
}

func (d *Deployment) addFunction(function string) {
	id, name, settings := constructID[function], d.names.function[function], settingsOf[function]
	logs := awslogs.NewCfnLogGroup(d.Construct, jsii.String(id+"Logs"), &awslogs.CfnLogGroupProps{
		LogGroupName:    jsii.String("/aws/lambda/" + name),
		RetentionInDays: jsii.Number(d.props.LogRetentionDays),
		KmsKeyId:        optional(d.props.KMSKeyARN),
	})
	role := d.addRole(id+"Role", name, "Lambda function "+name, "lambda.amazonaws.com", nil, function)
	architecture := map[string]string{"arm64": "arm64", "amd64": "x86_64"}[d.props.Architecture]
	it := awslambda.NewCfnFunction(d.Construct, &id, &awslambda.CfnFunctionProps{
		FunctionName:                 &name,
		Description:                  &settings.description,
		Role:                         role,
		Runtime:                      jsii.String("provided.al2023"),
		Handler:                      jsii.String("bootstrap"),
		Architectures:                jsii.Strings(architecture),
		MemorySize:                   &settings.memoryMB,
		Timeout:                      &settings.seconds,
		ReservedConcurrentExecutions: settings.reserved,
		Code:                         d.code(function),
		Environment:                  &awslambda.CfnFunction_EnvironmentProperty{Variables: d.environmentOf(function)},
	})
	it.AddDependency(logs)
}

// code is the function's zip: an asset that is uploaded when the stack is deployed, or an object that is in S3 already.
func (d *Deployment) code(function string) *awslambda.CfnFunction_CodeProperty {
	zip := zipName(function, d.props.Architecture)
	if d.props.Packages.Bucket != "" {
		return &awslambda.CfnFunction_CodeProperty{S3Bucket: &d.props.Packages.Bucket, S3Key: jsii.String(d.props.Packages.Prefix + zip)}
	}
	asset := awss3assets.NewAsset(d.Construct, jsii.String(constructID[function]+"Zip"), &awss3assets.AssetProps{
		Path: jsii.String(filepath.Join(d.props.Packages.Directory, zip)),
	})
	return &awslambda.CfnFunction_CodeProperty{S3Bucket: asset.S3BucketName(), S3Key: asset.S3ObjectKey()}
}

func (d *Deployment) environment() map[string]*string {
	p, environment := d.props, map[string]*string{}
	for name, value := range p.Settings {
		environment[name] = &value
	}
	urgent := map[bool]string{true: "true", false: "false"}[p.UrgentLane]
	environment["ROLLCALL_TABLE"] = &p.TableName
	environment["ROLLCALL_CONTROL"] = &d.names.control
	environment["ROLLCALL_QUEUE_INTENTS"] = d.QueueURLs["intents"]
	environment["ROLLCALL_QUEUE_URGENT"] = d.QueueURLs["urgent"]
	environment["ROLLCALL_URGENT_ENABLED"] = &urgent
	environment["ROLLCALL_OKTA_ORG_URL"] = &p.Okta.OrgURL
	environment["ROLLCALL_OKTA_IDENTITY_SOURCE_ID"] = &p.Okta.IdentitySourceID
	environment["ROLLCALL_OKTA_SECRET_ARN"] = d.SecretARN
	if p.ExternalIDIndex != "" {
		environment["ROLLCALL_EXTERNAL_ID_INDEX"] = &p.ExternalIDIndex
	}
	if p.ExternalIDAttribute != "" {
		environment["ROLLCALL_MAPPING_EXTERNAL_ID"] = &p.ExternalIDAttribute
	}
	return environment
}

// unread are the variables that a function goes without.
var unread = map[string][]string{
	streamHandler: {"ROLLCALL_CONTROL", "ROLLCALL_OKTA_ORG_URL", "ROLLCALL_OKTA_SECRET_ARN"},
	itemsAPI: {
		"ROLLCALL_CONTROL", "ROLLCALL_QUEUE_INTENTS", "ROLLCALL_QUEUE_URGENT", "ROLLCALL_URGENT_ENABLED",
		"ROLLCALL_OKTA_ORG_URL", "ROLLCALL_OKTA_IDENTITY_SOURCE_ID", "ROLLCALL_OKTA_SECRET_ARN",
	},
}

// environmentOf is what of the environment the function reads.
func (d *Deployment) environmentOf(function string) *map[string]*string {
	environment := maps.Clone(d.Environment)
	maps.DeleteFunc(environment, func(name string, _ *string) bool { return slices.Contains(unread[function], name) })
	return &environment
}

// limitStarts says that a start of the flusher which fails is not repeated, and that one which finds no room is forgotten
// after so many seconds.
func (d *Deployment) limitStarts(id, qualifier string, maxAgeSeconds float64) awslambda.CfnEventInvokeConfig {
	limits := awslambda.NewCfnEventInvokeConfig(d.Construct, &id, &awslambda.CfnEventInvokeConfigProps{
		FunctionName:             jsii.String(d.names.function[flusher]),
		Qualifier:                &qualifier,
		MaximumRetryAttempts:     jsii.Number(0),
		MaximumEventAgeInSeconds: &maxAgeSeconds,
	})
	limits.AddDependency(d.child("Flusher"))
	return limits
}
