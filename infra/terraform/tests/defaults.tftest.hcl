# What a deployment with nothing but the required inputs is.

mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111122223333" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }
}

variables {
  table_name = "people"
  packages   = { directory = "tests/packages" }
  okta       = { org_url = "https://example.okta.com", identity_source_id = "0oa1a2b3c4d5e6f7g8h9" }
}

run "mapping_loses_nothing" {
  command = plan

  assert {
    condition     = aws_lambda_event_source_mapping.stream.starting_position == "TRIM_HORIZON"
    error_message = "LATEST may miss records while the mapping is created"
  }
  assert {
    condition     = aws_lambda_event_source_mapping.stream.batch_size == 1000 && aws_lambda_event_source_mapping.stream.maximum_batching_window_in_seconds == 1 && aws_lambda_event_source_mapping.stream.parallelization_factor == 10
    error_message = "batch 1,000, window 1 s, parallelisation 10"
  }
  assert {
    condition     = aws_lambda_event_source_mapping.stream.bisect_batch_on_function_error && tolist(aws_lambda_event_source_mapping.stream.function_response_types) == tolist(["ReportBatchItemFailures"])
    error_message = "a bad record must not take its batch along"
  }
  assert {
    condition     = aws_lambda_event_source_mapping.stream.maximum_retry_attempts == -1 && aws_lambda_event_source_mapping.stream.maximum_record_age_in_seconds < 86400
    error_message = "retried without end, but given to the bucket before the stream forgets the record"
  }
}

run "queues" {
  command = plan

  assert {
    condition     = aws_sqs_queue.queue["intents"].message_retention_seconds == 1209600 && aws_sqs_queue.queue["urgent"].message_retention_seconds == 3600
    error_message = "intents are kept 14 days, urgent ones an hour"
  }
  assert {
    condition     = aws_sqs_queue.queue["intents"].redrive_policy == null
    error_message = "the intents queue has no redrive: Okta may be away for days"
  }
  assert {
    condition     = alltrue([for q in aws_sqs_queue.queue : q.visibility_timeout_seconds == 120])
    error_message = "a message is hidden for two minutes, which the flusher extends"
  }
  assert {
    condition     = alltrue([for q in aws_sqs_queue.queue : q.sqs_managed_sse_enabled])
    error_message = "queues are encrypted"
  }
  assert {
    condition     = alltrue([for p in aws_sqs_queue_policy.queue : jsondecode(p.policy).Statement[0].Effect == "Deny" && jsondecode(p.policy).Statement[0].Condition.Bool["aws:SecureTransport"] == "false"])
    error_message = "queues refuse plain HTTP"
  }
}

run "flusher_runs_once_at_a_time" {
  command = plan

  assert {
    condition     = aws_lambda_function.function["flusher"].reserved_concurrent_executions == 1 && aws_lambda_function.function["flusher"].timeout == 900
    error_message = "one flush at a time, of at most 15 minutes"
  }
  assert {
    condition     = aws_scheduler_schedule.schedule["flush"].schedule_expression == "rate(1 minute)" && one(aws_scheduler_schedule.schedule["flush"].target[0].retry_policy).maximum_retry_attempts == 0 && one(aws_scheduler_schedule.schedule["flush"].target[0].retry_policy).maximum_event_age_in_seconds == 60
    error_message = "every minute, no retries, forgotten after a minute"
  }
  assert {
    condition     = aws_lambda_function_event_invoke_config.flusher.maximum_retry_attempts == 0 && aws_lambda_function_event_invoke_config.flusher.maximum_event_age_in_seconds == 60
    error_message = "throttled starts must not pile up"
  }
}

run "tables_are_protected" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.people[0].stream_view_type == "NEW_AND_OLD_IMAGES" && aws_dynamodb_table.people[0].deletion_protection_enabled
    error_message = "the people's table streams both images and is protected"
  }
  assert {
    condition     = aws_dynamodb_table.control.hash_key == "kind" && aws_dynamodb_table.control.range_key == "id" && aws_dynamodb_table.control.ttl[0].attribute_name == "expires"
    error_message = "the control table's keys are the adapter's"
  }
  assert {
    condition     = aws_dynamodb_table.control.deletion_protection_enabled && aws_dynamodb_table.control.point_in_time_recovery[0].enabled && aws_dynamodb_table.control.billing_mode == "PAY_PER_REQUEST"
    error_message = "the control table is protected, can be restored, costs nothing when idle"
  }
}

run "bucket_is_private_and_forgets" {
  command = plan

  assert {
    condition     = aws_s3_bucket_public_access_block.failed_records.block_public_acls && aws_s3_bucket_public_access_block.failed_records.block_public_policy && aws_s3_bucket_public_access_block.failed_records.ignore_public_acls && aws_s3_bucket_public_access_block.failed_records.restrict_public_buckets
    error_message = "no public access of any kind"
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.failed_records.rule[0].expiration[0].days == 30
    error_message = "records are personal data: they expire"
  }
}

run "off_by_default" {
  command = plan

  assert {
    condition     = length(aws_apigatewayv2_api.items) == 0 && !contains(keys(aws_lambda_function.function), "items-api")
    error_message = "the HTTP API is off"
  }
  assert {
    condition     = !contains(keys(aws_scheduler_schedule.schedule), "sync") && aws_lambda_function.function["flusher"].environment[0].variables.ROLLCALL_URGENT_ENABLED == "false"
    error_message = "neither sync nor the urgent lane"
  }
}

run "least_privilege" {
  command = plan

  assert {
    condition = alltrue(flatten([for p in aws_iam_role_policy.function : [
      for s in jsondecode(p.policy).Statement : !contains(s.Resource, "*") || s.Sid == "ListStreams"
    ]]))
    error_message = "no * resource but where AWS has no resource level"
  }
  assert {
    condition     = alltrue(flatten([for p in aws_iam_role_policy.function : [for s in jsondecode(p.policy).Statement : [for a in s.Action : !strcontains(a, "*")]]]))
    error_message = "no * in an action"
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.function["stream-handler"].policy, "rollcall-control") && !strcontains(aws_iam_role_policy.function["stream-handler"].policy, "secretsmanager")
    error_message = "the stream-handler touches neither the control table nor the secret"
  }
  assert {
    condition     = !strcontains(aws_iam_role_policy.function["flusher"].policy, "dynamodb:Scan") && !strcontains(aws_iam_role_policy.function["flusher"].policy, "rollcall-urgent")
    error_message = "what is off is not allowed"
  }
}
