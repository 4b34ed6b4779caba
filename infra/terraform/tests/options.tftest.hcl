# What is off by default, on.

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
  packages   = { bucket = "releases", prefix = "v1.2.3/" }
  okta       = { org_url = "https://example.okta.com", identity_source_id = "0oa1a2b3c4d5e6f7g8h9" }
}

run "packages_in_s3" {
  command = plan
  variables { architecture = "amd64" }

  assert {
    condition     = aws_lambda_function.function["flusher"].s3_key == "v1.2.3/flusher_amd64.zip" && aws_lambda_function.function["flusher"].architectures == tolist(["x86_64"])
    error_message = "the zip of the architecture, under the prefix"
  }
}

run "http_api_iam" {
  command = plan
  variables { http_api = { authorizer = "IAM" } }

  assert {
    condition     = length(aws_apigatewayv2_route.items) == 4 && alltrue([for r in aws_apigatewayv2_route.items : r.authorization_type == "AWS_IAM"])
    error_message = "every route asks for a signature"
  }
  assert {
    condition     = length([for s in jsondecode(aws_iam_role_policy.function["items-api"].policy).Statement : s if contains(s.Resource, "arn:aws:dynamodb:us-east-1:111122223333:table/people")]) == 1
    error_message = "items-api writes to the people's table and to nothing else"
  }
}

run "http_api_jwt" {
  command = plan
  variables {
    http_api = { authorizer = "JWT", jwt = { issuer = "https://example.okta.com/oauth2/default", audience = ["api://rollcall"] } }
  }

  assert {
    condition     = alltrue([for r in aws_apigatewayv2_route.items : r.authorization_type == "JWT"]) && length(aws_apigatewayv2_authorizer.jwt) == 1
    error_message = "every route asks for a token"
  }
}

run "urgent_and_sync" {
  command = plan
  variables {
    urgent_lane   = true
    sync_schedule = "cron(0 3 * * ? *)"
  }

  assert {
    condition     = strcontains(aws_iam_role_policy.function["flusher"].policy, "rollcall-urgent") && strcontains(aws_iam_role_policy.function["stream-handler"].policy, "rollcall-urgent")
    error_message = "both may use the urgent queue"
  }
  assert {
    condition     = aws_scheduler_schedule.schedule["sync"].target[0].input == "{\"command\":\"sync\"}" && strcontains(aws_iam_role_policy.function["flusher"].policy, "dynamodb:Scan")
    error_message = "the sync says so to the flusher, which may scan"
  }
  assert {
    condition     = contains(keys(aws_cloudwatch_metric_alarm.alarm), "urgent-old")
    error_message = "the urgent queue is watched"
  }
}

run "index_on_the_external_id" {
  command = plan
  variables {
    external_id_index     = "by-number"
    external_id_attribute = "number"
  }

  assert {
    condition     = one(aws_dynamodb_table.people[0].global_secondary_index).hash_key == "number" && one(aws_dynamodb_table.people[0].global_secondary_index).projection_type == "KEYS_ONLY"
    error_message = "the index comes with the table"
  }
  assert {
    condition     = toset(aws_dynamodb_table.people[0].attribute[*].name) == toset(["id", "number"])
    error_message = "its key is declared"
  }
  assert {
    condition     = aws_lambda_function.function["flusher"].environment[0].variables.ROLLCALL_MAPPING_EXTERNAL_ID == "number"
    error_message = "the mapping goes by it"
  }
}

run "functions_know_what_they_read" {
  command = plan
  variables { http_api = { authorizer = "IAM" } }

  assert {
    condition     = [for function in ["flusher", "stream-handler", "items-api"] : contains(keys(aws_lambda_function.function[function].environment[0].variables), "ROLLCALL_OKTA_SECRET_ARN")] == [true, false, false]
    error_message = "the secret's ARN is for the flusher"
  }
}

run "customer_key" {
  command = plan
  variables { kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555" }

  assert {
    condition     = alltrue([for q in aws_sqs_queue.queue : q.kms_master_key_id == var.kms_key_arn]) && aws_dynamodb_table.control.server_side_encryption[0].kms_key_arn == var.kms_key_arn && aws_secretsmanager_secret.okta[0].kms_key_id == var.kms_key_arn
    error_message = "the key is used for everything"
  }
  assert {
    condition = alltrue(flatten([for p in aws_iam_role_policy.function : [
      for s in jsondecode(p.policy).Statement : can(s.Condition.StringEquals["kms:ViaService"]) if contains(s.Resource, var.kms_key_arn)
    ]]))
    error_message = "roles use the key through a service only"
  }
}

run "bring_your_own_secret_and_topic" {
  command = plan
  variables {
    secret                   = { arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:okta-AbCdEf" }
    alarm_topic              = { arn = "arn:aws:sns:us-east-1:111122223333:pager" }
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/boundary"
  }

  assert {
    condition     = length(aws_secretsmanager_secret.okta) == 0 && aws_lambda_function.function["flusher"].environment[0].variables.ROLLCALL_OKTA_SECRET_ARN == var.secret.arn
    error_message = "the given secret, and no other"
  }
  assert {
    condition     = length(aws_sns_topic.alarms) == 0 && alltrue([for a in aws_cloudwatch_metric_alarm.alarm : tolist(a.alarm_actions) == tolist([var.alarm_topic.arn])])
    error_message = "the given topic, and no other"
  }
  assert {
    condition     = alltrue([for r in concat(values(aws_iam_role.function), [aws_iam_role.scheduler]) : r.permissions_boundary == var.permissions_boundary_arn])
    error_message = "every role has the boundary"
  }
}
