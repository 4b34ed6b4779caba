# What rollcall needs in an Okta org besides the Custom Identity Source app itself and its To Okta settings, which no API sets
# (docs/okta-setup.md): a service app with as little as it needs, the profile's attributes, and their mapping.

resource "okta_app_oauth" "rollcall" {
  label                      = var.label
  type                       = "service"
  grant_types                = ["client_credentials"]
  response_types             = ["token"]
  token_endpoint_auth_method = "private_key_jwt"

  # There is no client secret to keep, so none is kept in the state either.
  omit_secret = true

  dynamic "jwks" {
    for_each = var.public_keys

    content {
      kid = jwks.key
      kty = jwks.value.kty
      n   = jwks.value.n
      e   = jwks.value.e
      x   = jwks.value.x
      y   = jwks.value.y
    }
  }
}

resource "okta_app_oauth_api_scope" "rollcall" {
  app_id = okta_app_oauth.rollcall.id
  issuer = var.org_url
  scopes = var.scopes
}

# A scope says what a token may ask for, a role what the app may have. Both are needed.
resource "okta_admin_role_custom" "rollcall" {
  label       = var.label
  description = "Run the imports of the identity source that rollcall feeds"
  permissions = var.permissions
}

resource "okta_resource_set" "rollcall" {
  label       = var.label
  description = "The identity source that rollcall feeds"
  resources   = ["${var.org_url}/api/v1/apps/${var.app_id}"]
}

resource "okta_app_oauth_role_assignment" "rollcall" {
  client_id    = okta_app_oauth.rollcall.id # an app's client ID is its ID, where none was asked for
  type         = "CUSTOM"
  role         = okta_admin_role_custom.rollcall.id
  resource_set = okta_resource_set.rollcall.id
}

resource "okta_app_user_schema_property" "attribute" {
  for_each = var.attributes

  app_id        = var.app_id
  index         = each.key
  external_name = each.key
  title         = each.value
  type          = "string" # an identity source knows no other
}

data "okta_user_profile_mapping_source" "user" {}

resource "okta_profile_mapping" "people" {
  source_id = var.app_id
  target_id = data.okta_user_profile_mapping_source.user.id

  # Mappings that are not listed here (Okta's own, an admin's) stay.
  delete_when_absent = false
  always_apply       = true

  dynamic "mappings" {
    for_each = var.attributes

    content {
      id          = lookup(var.profile, mappings.key, mappings.key)
      expression  = "appuser.${mappings.key}"
      push_status = "PUSH"
    }
  }

  depends_on = [okta_app_user_schema_property.attribute]
}
