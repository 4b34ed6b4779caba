# What is refused while planning, before anything is made.

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
  mock_data "aws_dynamodb_table" {
    defaults = {
      stream_enabled   = true
      stream_view_type = "NEW_AND_OLD_IMAGES"
      stream_arn       = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000"
      range_key        = ""
    }
  }
}

variables {
  table_name     = "people"
  packages       = { directory = "tests/packages" }
  okta           = { org_url = "https://example.okta.com", identity_source_id = "0oa1a2b3c4d5e6f7g8h9" }
  existing_table = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000" }
}

run "existing_table_that_fits" {
  command = plan

  assert {
    condition     = length(aws_dynamodb_table.people) == 0 && aws_lambda_event_source_mapping.stream.event_source_arn == var.existing_table.stream_arn
    error_message = "the existing stream is mapped"
  }
}

run "table_without_a_stream" {
  command = plan
  override_data {
    target = data.aws_dynamodb_table.existing
    values = { stream_enabled = false, stream_view_type = "", stream_arn = "", range_key = "" }
  }
  expect_failures = [data.aws_dynamodb_table.existing]
}

run "stream_of_keys_only" {
  command = plan
  override_data {
    target = data.aws_dynamodb_table.existing
    values = { stream_enabled = true, stream_view_type = "KEYS_ONLY", stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000", range_key = "" }
  }
  expect_failures = [data.aws_dynamodb_table.existing]
}

run "stream_of_keys_only_accepted" {
  command = plan
  variables {
    existing_table = {
      stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000"
      view_types = ["KEYS_ONLY"]
    }
  }
  override_data {
    target = data.aws_dynamodb_table.existing
    values = { stream_enabled = true, stream_view_type = "KEYS_ONLY", stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000", range_key = "" }
  }
}

run "old_stream_arn" {
  command = plan
  override_data {
    target = data.aws_dynamodb_table.existing
    values = { stream_enabled = true, stream_view_type = "NEW_AND_OLD_IMAGES", stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-06-01T00:00:00.000", range_key = "" }
  }
  expect_failures = [data.aws_dynamodb_table.existing]
}

run "sort_key_without_an_index" {
  command = plan
  override_data {
    target = data.aws_dynamodb_table.existing
    values = { stream_enabled = true, stream_view_type = "NEW_AND_OLD_IMAGES", stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000", range_key = "sk" }
  }
  expect_failures = [data.aws_dynamodb_table.existing]
}

run "table_without_the_index" {
  command = plan
  variables { external_id_index = "by-number" }
  expect_failures = [data.aws_dynamodb_table.existing]
}

run "table_with_the_index" {
  command = plan
  variables {
    external_id_index     = "by-number"
    external_id_attribute = "number"
  }
  override_data {
    target = data.aws_dynamodb_table.existing
    values = {
      stream_enabled         = true, stream_view_type = "NEW_AND_OLD_IMAGES", stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000", range_key = "sk"
      global_secondary_index = [{ name = "by-number", hash_key = "number", range_key = "", projection_type = "ALL", non_key_attributes = [], read_capacity = 0, write_capacity = 0 }]
    }
  }
}

run "index_with_another_key" {
  command = plan
  variables {
    external_id_index     = "by-number"
    external_id_attribute = "number"
  }
  override_data {
    target = data.aws_dynamodb_table.existing
    values = {
      stream_enabled         = true, stream_view_type = "NEW_AND_OLD_IMAGES", stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000", range_key = ""
      global_secondary_index = [{ name = "by-number", hash_key = "email", range_key = "", projection_type = "ALL", non_key_attributes = [], read_capacity = 0, write_capacity = 0 }]
    }
  }
  expect_failures = [data.aws_dynamodb_table.existing]
}

run "index_to_create_without_its_key" {
  command = plan
  variables {
    existing_table    = null
    external_id_index = "by-number"
  }
  expect_failures = [var.external_id_index]
}

run "key_without_an_index" {
  command = plan
  variables { external_id_attribute = "number" }
  expect_failures = [var.external_id_index]
}

run "stream_in_another_region" {
  command = plan
  variables {
    existing_table = { stream_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/people/stream/2026-01-01T00:00:00.000", verify = false }
  }
  expect_failures = [terraform_data.checks]
}

run "stream_of_another_table" {
  command = plan
  variables {
    existing_table = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/staff/stream/2026-01-01T00:00:00.000", verify = false }
  }
  expect_failures = [terraform_data.checks]
}

run "not_a_stream" {
  command = plan
  variables { existing_table = { stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/people" } }
  expect_failures = [var.existing_table]
}

run "zips_that_are_missing" {
  command = plan
  variables { architecture = "amd64" }
  expect_failures = [aws_lambda_function.function["stream-handler"], aws_lambda_function.function["flusher"]]
}

# Zips for arm64 that were given the names of those for amd64.
run "zip_of_another_architecture" {
  command = plan
  variables {
    architecture = "amd64"
    packages     = { directory = "tests/renamed" }
  }
  expect_failures = [aws_lambda_function.function["stream-handler"], aws_lambda_function.function["flusher"]]
}

run "identity_source_that_is_taken" {
  command = plan
  override_data {
    target = data.aws_ssm_parameters_by_path.claims
    values = { names = ["/rollcall/identity-sources/0oa1a2b3c4d5e6f7g8h9"], values = ["rollcall-other"] }
  }
  expect_failures = [data.aws_ssm_parameters_by_path.claims]
}

run "identity_source_that_is_ours" {
  command = plan
  override_data {
    target = data.aws_ssm_parameters_by_path.claims
    values = { names = ["/rollcall/identity-sources/0oa1a2b3c4d5e6f7g8h9"], values = ["rollcall"] }
  }
}

run "open_http_api" {
  command = plan
  variables { http_api = { authorizer = "NONE" } }
  expect_failures = [var.http_api]
}

run "jwt_without_issuer" {
  command = plan
  variables { http_api = { authorizer = "JWT" } }
  expect_failures = [var.http_api]
}

run "admin_host" {
  command = plan
  variables { okta = { org_url = "https://example-admin.okta.com", identity_source_id = "0oa1a2b3c4d5e6f7g8h9" } }
  expect_failures = [var.okta]
}

run "identity_source_that_is_none" {
  command = plan
  variables { okta = { org_url = "https://example.okta.com", identity_source_id = "00u1a2b3c4d5e6f7g8h9" } }
  expect_failures = [var.okta]
}

run "queue_as_a_setting" {
  command = plan
  variables { settings = { ROLLCALL_QUEUE_INTENTS = "https://sqs.us-east-1.amazonaws.com/111122223333/people.fifo" } }
  expect_failures = [var.settings]
}

run "credentials_as_a_setting" {
  command = plan
  variables { settings = { OKTA_API_TOKEN = "secret" } }
  expect_failures = [var.settings]
}

run "topic_by_name" {
  command = plan
  variables { alarm_topic = { arn = "pager" } }
  expect_failures = [var.alarm_topic]
}

run "boundary_by_name" {
  command = plan
  variables { permissions_boundary_arn = "boundary" }
  expect_failures = [var.permissions_boundary_arn]
}

run "key_of_the_table_by_alias" {
  command = plan
  variables {
    existing_table = {
      stream_arn  = "arn:aws:dynamodb:us-east-1:111122223333:table/people/stream/2026-01-01T00:00:00.000"
      kms_key_arn = "arn:aws:kms:us-east-1:111122223333:alias/staff"
    }
  }
  expect_failures = [var.existing_table]
}

run "key_of_the_secret_by_alias" {
  command = plan
  variables {
    secret = { arn = "arn:aws:secretsmanager:us-east-1:111122223333:secret:okta-AbCdEf", kms_key_arn = "alias/staff" }
  }
  expect_failures = [var.secret]
}

run "topic_in_another_region" {
  command = plan
  variables { alarm_topic = { arn = "arn:aws:sns:eu-west-1:111122223333:pager" } }
  expect_failures = [terraform_data.checks]
}

run "packages_twice" {
  command = plan
  variables { packages = { directory = "tests/packages", bucket = "releases" } }
  expect_failures = [var.packages]
}

run "name_too_long_for_the_bucket" {
  command = plan
  variables { name = "rollcall-of-the-whole-company" }
  expect_failures = [var.name]
}
