# The attributes of rollcall.yaml's own mapping, and one of the company's.

terraform {
  required_version = ">= 1.9"

  required_providers {
    okta = {
      source  = "okta/okta"
      version = ">= 6.0, < 7.0"
    }
  }
}

provider "okta" {
  org_name = "example"
  base_url = "okta.com"
}

module "rollcall_in_okta" {
  source = "../.."

  app_id  = "0oa1a2b3c4d5e6f7g8h9"
  org_url = "https://example.okta.com"
  public_keys = {
    "rollcall-2026-11" = {
      kty = "EC"
      x   = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
      y   = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
    }
  }
  attributes = {
    title      = "Title"
    costCentre = "Cost centre"
  }
  profile = { costCentre = "costCenter" }
}

output "by_hand" {
  description = "What is left to do in the Admin Console."
  value       = module.rollcall_in_okta.by_hand
}

output "client_id" {
  description = "Goes into rollcall's secret."
  value       = module.rollcall_in_okta.client_id
}
