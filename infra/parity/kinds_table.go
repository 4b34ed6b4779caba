package parity

// kinds are the resources that are compared, by Terraform's names.
var kinds = map[string]kind{
	"aws_apigatewayv2_api": {"AWS::ApiGatewayV2::Api", "Name", computed("api_endpoint", "execution_arn", "api_key_selection_expression", "ip_address_type")},
	"aws_apigatewayv2_authorizer": {"AWS::ApiGatewayV2::Authorizer", "Name", map[string]string{
		"identity_sources": "IdentitySource", "authorizer_result_ttl_in_seconds": "",
	}},
	"aws_apigatewayv2_integration": {"AWS::ApiGatewayV2::Integration", "IntegrationUri", computed("integration_response_selection_expression")},
	"aws_apigatewayv2_route":       {"AWS::ApiGatewayV2::Route", "RouteKey", nil},
	"aws_apigatewayv2_stage": {"AWS::ApiGatewayV2::Stage", "StageName", map[string]string{
		"name": "StageName", "deployment_id": "", "execution_arn": "", "invoke_url": "",
	}},
	"aws_cloudwatch_dashboard": {"AWS::CloudWatch::Dashboard", "DashboardName", computed("dashboard_arn")},
	"aws_cloudwatch_log_group": {"AWS::Logs::LogGroup", "LogGroupName", map[string]string{
		"name": "LogGroupName", "log_group_class": "", "deletion_protection_enabled": "",
	}},
	"aws_cloudwatch_metric_alarm": {"AWS::CloudWatch::Alarm", "AlarmName", map[string]string{
		"dimensions.": "Dimensions.", "ok_actions": "OKActions", "evaluate_low_sample_count_percentiles": "",
		"evaluation_criteria.": "", "evaluation_interval": "",
	}},
	"aws_dynamodb_table": {"AWS::DynamoDB::Table", "TableName", map[string]string{
		"name": "TableName", "hash_key": "KeySchema.HASH", "range_key": "KeySchema.RANGE",
		"attribute.":                             "AttributeDefinitions.",
		"global_secondary_index.name":            "GlobalSecondaryIndexes.IndexName",
		"global_secondary_index.hash_key":        "GlobalSecondaryIndexes.KeySchema.HASH",
		"global_secondary_index.projection_type": "GlobalSecondaryIndexes.Projection.ProjectionType",
		"global_secondary_index.":                "",
		"point_in_time_recovery.enabled":         "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled",
		"server_side_encryption.enabled":         "SSESpecification.SSEEnabled",
		"server_side_encryption.kms_key_arn":     "SSESpecification.KMSMasterKeyId",
		"stream_enabled":                         "",
		"stream_view_type":                       "StreamSpecification.StreamViewType",
		"ttl.":                                   "TimeToLiveSpecification.",
		"ttl.attribute_name":                     "TimeToLiveSpecification.AttributeName",
		"ttl.enabled":                            "TimeToLiveSpecification.Enabled",
		"read_capacity":                          "",
		"write_capacity":                         "",
		"stream_arn":                             "",
		"stream_label":                           "",
	}},
	"aws_iam_policy": {"AWS::IAM::ManagedPolicy", "ManagedPolicyName", map[string]string{
		"name": "ManagedPolicyName", "policy": "PolicyDocument", "path": "", "policy_id": "", "attachment_count": "",
	}},
	"aws_iam_role": {"AWS::IAM::Role", "RoleName", map[string]string{
		"name": "RoleName", "assume_role_policy": "AssumeRolePolicyDocument", "create_date": "", "unique_id": "", "managed_policy_arns": "", "path": "", "inline_policy": "",
	}},
	"aws_iam_role_policy": {cloudFormation: "AWS::IAM::Role"},
	"aws_lambda_alias":    {"AWS::Lambda::Alias", "Name", computed("invoke_arn")},
	"aws_lambda_event_source_mapping": {"AWS::Lambda::EventSourceMapping", "FunctionName", map[string]string{
		"destination_config.on_failure.destination_arn": "DestinationConfig.OnFailure.Destination",
		"function_arn": "", "last_modified": "", "last_processing_result": "", "state": "", "state_transition_reason": "", "uuid": "",
	}},
	"aws_lambda_function": {"AWS::Lambda::Function", "FunctionName", map[string]string{
		"s3_bucket": "Code.S3Bucket", "s3_key": "Code.S3Key", "environment.variables.": "Environment.Variables.",
		"code_sha256": "", "invoke_arn": "", "last_modified": "", "publish": "", "qualified_arn": "", "qualified_invoke_arn": "", "signing_job_arn": "",
		"signing_profile_version_arn": "", "source_code_size": "", "version": "",
	}},
	"aws_lambda_function_event_invoke_config": {"AWS::Lambda::EventInvokeConfig", "Qualifier", nil},
	"aws_lambda_permission":                   {"AWS::Lambda::Permission", "FunctionName", computed("statement_id", "statement_id_prefix", "qualifier")},
	"aws_s3_bucket": {"AWS::S3::Bucket", "", map[string]string{
		"bucket": "BucketName", "acceleration_status": "", "acl": "", "bucket_domain_name": "", "bucket_prefix": "", "bucket_region": "",
		"bucket_regional_domain_name": "", "hosted_zone_id": "", "object_lock_enabled": "", "policy": "", "request_payer": "", "website_domain": "", "website_endpoint": "",
		"force_destroy": "",
	}},
	"aws_s3_bucket_lifecycle_configuration": {"AWS::S3::Bucket", "", map[string]string{
		"bucket": "", "expected_bucket_owner": "", "transition_default_minimum_object_size": "", "rule.filter": "", "rule.filter.": "",
		"rule.expiration.days": "LifecycleConfiguration.Rules.ExpirationInDays",
		"rule.id":              "LifecycleConfiguration.Rules.Id", "rule.status": "LifecycleConfiguration.Rules.Status",
		"rule.abort_incomplete_multipart_upload.days_after_initiation": "LifecycleConfiguration.Rules.AbortIncompleteMultipartUpload.DaysAfterInitiation",
		"rule.prefix": "",
	}},
	"aws_s3_bucket_ownership_controls": {"AWS::S3::Bucket", "", map[string]string{
		"bucket": "", "rule.object_ownership": "OwnershipControls.Rules.ObjectOwnership",
	}},
	"aws_s3_bucket_policy": {"AWS::S3::BucketPolicy", "", map[string]string{"policy": "PolicyDocument"}},
	"aws_s3_bucket_public_access_block": {"AWS::S3::Bucket", "", map[string]string{
		"bucket": "", "skip_destroy": "",
		"block_public_acls":       "PublicAccessBlockConfiguration.BlockPublicAcls",
		"block_public_policy":     "PublicAccessBlockConfiguration.BlockPublicPolicy",
		"ignore_public_acls":      "PublicAccessBlockConfiguration.IgnorePublicAcls",
		"restrict_public_buckets": "PublicAccessBlockConfiguration.RestrictPublicBuckets",
	}},
	"aws_s3_bucket_server_side_encryption_configuration": {"AWS::S3::Bucket", "", map[string]string{
		"bucket": "", "expected_bucket_owner": "", "rule.blocked_encryption_types": "",
		"rule.bucket_key_enabled":                                        "BucketEncryption.ServerSideEncryptionConfiguration.BucketKeyEnabled",
		"rule.apply_server_side_encryption_by_default.sse_algorithm":     "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.SSEAlgorithm",
		"rule.apply_server_side_encryption_by_default.kms_master_key_id": "BucketEncryption.ServerSideEncryptionConfiguration.ServerSideEncryptionByDefault.KMSMasterKeyID",
	}},
	"aws_scheduler_schedule":       {"AWS::Scheduler::Schedule", "Name", nil},
	"aws_scheduler_schedule_group": {"AWS::Scheduler::ScheduleGroup", "Name", computed("creation_date", "last_modification_date", "state")},
	"aws_secretsmanager_secret":    {"AWS::SecretsManager::Secret", "Name", computed("policy", "recovery_window_in_days", "force_overwrite_replica_secret")},
	"aws_sns_topic": {"AWS::SNS::Topic", "TopicName", map[string]string{
		"name": "TopicName", "beginning_archive_time": "", "owner": "", "policy": "", "signature_version": "", "tracing_config": "", "fifo_throughput_scope": "",
	}},
	"aws_sns_topic_policy": {"AWS::SNS::TopicPolicy", "", map[string]string{"arn": "Topics", "policy": "PolicyDocument", "owner": ""}},
	"aws_sns_topic_subscription": {"AWS::SNS::Subscription", "Endpoint", computed(
		"confirmation_was_authenticated", "filter_policy_scope", "owner_id", "pending_confirmation", "confirmation_timeout_in_minutes", "endpoint_auto_confirms")},
	"aws_sqs_queue": {"AWS::SQS::Queue", "QueueName", map[string]string{
		"name": "QueueName", "message_retention_seconds": "MessageRetentionPeriod", "visibility_timeout_seconds": "VisibilityTimeout",
		"receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
		"deduplication_scope":       "", "fifo_throughput_limit": "", "kms_data_key_reuse_period_seconds": "", "policy": "", "redrive_allow_policy": "", "redrive_policy": "", "url": "",
	}},
	"aws_sqs_queue_policy": {"AWS::SQS::QueuePolicy", "PolicyDocument", map[string]string{"queue_url": "Queues", "policy": "PolicyDocument"}},
	"aws_ssm_parameter":    {"AWS::SSM::Parameter", "Name", computed("data_type", "has_value_wo", "insecure_value", "key_id", "overwrite", "tier", "value_wo", "version")},
}
