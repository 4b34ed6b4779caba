# The same deployment is in stacks.json.
terraform {
  required_version = ">= 1.9"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.25, < 7.0"
    }
  }
}

provider "aws" {
  region = "us-east-1"
}

module "rollcall" {
  source = "../../../terraform"

  table_name = "people"
  existing_table = {
    stream_arn  = "arn:aws:dynamodb:us-east-1:000000000000:table/people/stream/2026-01-01T00:00:00.000"
    kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/99999999-2222-3333-4444-555555555555"
    verify      = false # there is no table to look at here
  }
  packages            = { bucket = "releases", prefix = "v1.2.3/" }
  okta                = { org_url = "https://example.okta.com", identity_source_id = "0oa1a2b3c4d5e6f7g8h9" }
  secret              = { arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:okta-AbCdEf", kms_key_arn = "arn:aws:kms:us-east-1:000000000000:key/88888888-2222-3333-4444-555555555555" }
  alarm_topic         = { arn = "arn:aws:sns:us-east-1:000000000000:pager" }
  http_api            = { authorizer = "IAM" }
  schedule_enabled    = false
  deletion_protection = false
}
