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

  name                  = "rollcall-staff"
  table_name            = "staff"
  external_id_index     = "by-employee-number"
  external_id_attribute = "employee_number"
  packages              = { bucket = "releases", prefix = "v1.2.3/" }
  architecture          = "amd64"
  okta                  = { org_url = "https://example.okta.com", identity_source_id = "0oa1a2b3c4d5e6f7g8h9" }
  settings              = { ROLLCALL_GUARD_MIN = "50" }
  urgent_lane           = true
  sync_schedule         = "cron(30 3 * * ? *)"
  http_api = {
    authorizer = "JWT"
    jwt = {
      issuer   = "https://example.okta.com/oauth2/default"
      audience = ["api://rollcall"]
      scopes   = ["items"]
    }
  }
  alarm_emails             = ["identity@example.com"]
  alarm_thresholds         = { oldest_intent_seconds = 900, deactivations_a_day = 40 }
  kms_key_arn              = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"
  permissions_boundary_arn = "arn:aws:iam::000000000000:policy/boundary"
  log_retention_days       = 90
  failed_records_days      = 14
  tags                     = { team = "identity" }
}
