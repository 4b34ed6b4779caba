# The least: a table of its own, zips from make dist, alarms to a topic that nobody has subscribed to yet.

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
  source = "../.."

  table_name = "people"
  packages   = { directory = "../../../../dist" }

  okta = {
    org_url            = "https://example.okta.com"
    identity_source_id = "0oa1a2b3c4d5e6f7g8h9"
  }
}

output "secret_arn" {
  description = "Put Okta's credentials here."
  value       = module.rollcall.secret_arn
}
