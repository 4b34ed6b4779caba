mock_provider "okta" {}

variables {
  app_id      = "0oa1a2b3c4d5e6f7g8h9"
  org_url     = "https://example.okta.com"
  public_keys = { "k1" = { kty = "EC", x = "x", y = "y" } }
}

run "service_app_has_a_key_and_no_secret" {
  command = plan

  assert {
    condition     = okta_app_oauth.rollcall.type == "service" && okta_app_oauth.rollcall.token_endpoint_auth_method == "private_key_jwt" && okta_app_oauth.rollcall.omit_secret
    error_message = "private_key_jwt, and no secret in the state"
  }
  assert {
    condition     = okta_app_oauth.rollcall.jwks[0].kid == "k1"
    error_message = "the key is known by its ID"
  }
}

run "role_is_for_the_app_alone" {
  command = plan

  assert {
    condition     = okta_resource_set.rollcall.resources == toset(["https://example.okta.com/api/v1/apps/0oa1a2b3c4d5e6f7g8h9"])
    error_message = "the resource set holds the identity source and nothing else"
  }
  assert {
    condition     = okta_admin_role_custom.rollcall.permissions == toset(["okta.profilesources.import.run", "okta.apps.read"])
    error_message = "it may run imports and read the app"
  }
}

run "every_attribute_is_declared_and_pushed" {
  command = plan
  variables {
    attributes = { title = "Title", costCentre = "Cost centre" }
    profile    = { costCentre = "costCenter" }
  }

  assert {
    condition     = alltrue([for p in okta_app_user_schema_property.attribute : p.type == "string"]) && length(okta_app_user_schema_property.attribute) == 2
    error_message = "both attributes, as strings"
  }
  assert {
    condition     = { for m in okta_profile_mapping.people.mappings : m.id => "${m.expression} ${m.push_status}" } == { title = "appuser.title PUSH", costCenter = "appuser.costCentre PUSH" }
    error_message = "each is pushed, under its name in Okta"
  }
  assert {
    condition     = !okta_profile_mapping.people.delete_when_absent
    error_message = "mappings of others stay"
  }
}

run "no_key" {
  command = plan
  variables { public_keys = {} }
  expect_failures = [var.public_keys]
}

run "half_a_key" {
  command = plan
  variables { public_keys = { k = { kty = "RSA", n = "n" } } }
  expect_failures = [var.public_keys]
}

run "scopes_that_cannot_import" {
  command = plan
  variables { scopes = ["okta.identitySources.read"] }
  expect_failures = [var.scopes]
}

run "another_kind_of_id" {
  command = plan
  variables { app_id = "00u1a2b3c4d5e6f7g8h9" }
  expect_failures = [var.app_id]
}

run "mapping_of_an_attribute_that_is_not_there" {
  command = plan
  variables { profile = { nickname = "nickName" } }
  expect_failures = [var.profile]
}
