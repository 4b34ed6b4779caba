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
  packages   = { bucket = "releases", prefix = "v1.2.3/" }
  okta       = { org_url = "https://example.okta.com", identity_source_id = "0oa1a2b3c4d5e6f7g8h9" }
}
