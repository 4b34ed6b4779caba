package rollcall

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"
)

// recordSeconds is how long a record is retried: 23 of the 24 hours that DynamoDB keeps it. What fails until then goes to the
// bucket; what is only left to expire in the stream (-1) is delivered nowhere.
const recordSeconds = 23 * 60 * 60

// addStream maps the table's stream onto the stream-handler, and returns the mapping.
func (d *Deployment) addStream() awslambda.CfnEventSourceMapping {
	bucketPolicy := d.addBucket()
	stream := &d.arns.stream
	if d.props.ExistingTable == nil {
		stream = d.child("People").(awsdynamodb.CfnTable).AttrStreamArn()
	}
	mapping := awslambda.NewCfnEventSourceMapping(d.Construct, jsii.String("Stream"), &awslambda.CfnEventSourceMappingProps{
		EventSourceArn: stream,
		FunctionName:   jsii.String(d.names.function[streamHandler]),
		// LATEST may miss what is written while the mapping is being created. Old records do no harm.
		StartingPosition:               jsii.String("TRIM_HORIZON"),
		BatchSize:                      jsii.Number(1000),
		MaximumBatchingWindowInSeconds: jsii.Number(1),
		ParallelizationFactor:          jsii.Number(10),
		BisectBatchOnFunctionError:     jsii.Bool(true),
		FunctionResponseTypes:          jsii.Strings("ReportBatchItemFailures"),
		MaximumRetryAttempts:           jsii.Number(-1),
		MaximumRecordAgeInSeconds:      jsii.Number(recordSeconds),
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: &d.arns.bucket},
		},
		MetricsConfig: &awslambda.CfnEventSourceMapping_MetricsConfigProperty{Metrics: jsii.Strings("EventCount")},
	})
	mapping.AddDependency(d.child("StreamHandler"))
	mapping.AddDependency(bucketPolicy)
	return mapping
}

// addBucket adds the bucket for stream records that could not be handled, and returns its policy, which comes last. It has no
// versions: an expired record must be gone, since it is personal data.
func (d *Deployment) addBucket() awss3.CfnBucketPolicy {
	encryption := &awss3.CfnBucket_ServerSideEncryptionRuleProperty{
		BucketKeyEnabled:              jsii.Bool(d.props.KMSKeyARN != ""),
		ServerSideEncryptionByDefault: &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{SseAlgorithm: jsii.String("AES256")},
	}
	if d.props.KMSKeyARN != "" {
		encryption.ServerSideEncryptionByDefault = &awss3.CfnBucket_ServerSideEncryptionByDefaultProperty{
			SseAlgorithm: jsii.String("aws:kms"), KmsMasterKeyId: &d.props.KMSKeyARN,
		}
	}
	bucket := awss3.NewCfnBucket(d.Construct, jsii.String("FailedRecords"), &awss3.CfnBucketProps{
		BucketName: &d.names.bucket,
		BucketEncryption: &awss3.CfnBucket_BucketEncryptionProperty{
			ServerSideEncryptionConfiguration: []any{encryption},
		},
		PublicAccessBlockConfiguration: &awss3.CfnBucket_PublicAccessBlockConfigurationProperty{
			BlockPublicAcls: jsii.Bool(true), BlockPublicPolicy: jsii.Bool(true),
			IgnorePublicAcls: jsii.Bool(true), RestrictPublicBuckets: jsii.Bool(true),
		},
		OwnershipControls: &awss3.CfnBucket_OwnershipControlsProperty{
			Rules: []any{&awss3.CfnBucket_OwnershipControlsRuleProperty{ObjectOwnership: jsii.String("BucketOwnerEnforced")}},
		},
		LifecycleConfiguration: &awss3.CfnBucket_LifecycleConfigurationProperty{Rules: []any{
			&awss3.CfnBucket_RuleProperty{
				Id: jsii.String("expire"), Status: jsii.String("Enabled"),
				ExpirationInDays:               jsii.Number(d.props.FailedRecordsDays),
				AbortIncompleteMultipartUpload: &awss3.CfnBucket_AbortIncompleteMultipartUploadProperty{DaysAfterInitiation: jsii.Number(1)},
			},
		}},
	})
	stays(bucket)
	return awss3.NewCfnBucketPolicy(d.Construct, jsii.String("FailedRecordsPolicy"), &awss3.CfnBucketPolicyProps{
		Bucket:         bucket.Ref(),
		PolicyDocument: policy(denyPlainHTTP("s3:*", d.arns.bucket, d.arns.bucket+"/*")),
	})
}

// child is the resource of the deployment that was added under the ID.
func (d *Deployment) child(id string) awscdk.CfnResource {
	return d.Node().FindChild(&id).(awscdk.CfnResource)
}
