# Everything: an existing table with a customer managed key, the urgent lane, a nightly sync, the HTTP API behind a JWT
# authorizer, alarms by mail, a permissions boundary.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.25, < 7.0"
    }
  }
}

variable "release" {
  description = "Release to install: the folder of the bucket that its zips are in."
  type        = string
  default     = "v1.0.0"
}

provider "aws" {
  region = "eu-central-1"
}

data "aws_caller_identity" "current" {}

module "rollcall" {
  source = "../.."

  name       = "rollcall-staff"
  table_name = "staff"
  existing_table = {
    stream_arn  = "arn:aws:dynamodb:eu-central-1:${data.aws_caller_identity.current.account_id}:table/staff/stream/2026-01-01T00:00:00.000"
    kms_key_arn = aws_kms_key.staff.arn
  }
  external_id_index     = "by-employee-number"
  external_id_attribute = "employee_number"

  packages     = { bucket = "example-releases", prefix = "rollcall/${var.release}/" }
  architecture = "arm64"

  okta = {
    org_url            = "https://example.okta.com"
    identity_source_id = "0oa1a2b3c4d5e6f7g8h9"
  }
  settings = {
    ROLLCALL_OKTA_RATE_SHARE = "0.5"
    ROLLCALL_GUARD_MIN       = "50"
  }

  urgent_lane   = true
  sync_schedule = "cron(30 3 * * ? *)"
  http_api = {
    authorizer = "JWT"
    jwt = {
      issuer   = "https://example.okta.com/oauth2/default"
      audience = ["api://rollcall"]
      scopes   = ["items"]
    }
  }

  alarm_emails     = ["identity@example.com"]
  alarm_thresholds = { oldest_intent_seconds = 900, deactivations_a_day = 40 }

  kms_key_arn              = aws_kms_key.staff.arn
  permissions_boundary_arn = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:policy/boundary"
  log_retention_days       = 90
  failed_records_days      = 14
  tags                     = { team = "identity" }
}
