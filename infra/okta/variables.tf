variable "app_id" {
  description = "ID of the Custom Identity Source app, which is the identity source's too: 0oa…. The app itself is made by hand, see docs/okta-setup.md."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^0oa[A-Za-z0-9]{17}$", var.app_id))
    error_message = "app_id must be the app instance's ID: 0oa and 17 letters or digits."
  }
}

variable "org_url" {
  description = "The org's URL, https://example.okta.com."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^https://[a-zA-Z0-9.-]+$", var.org_url)) && !can(regex("-admin\\.okta", var.org_url))
    error_message = "org_url must be the org's own URL, https://example.okta.com: no path, no trailing slash, not the -admin host."
  }
}

variable "label" {
  description = "Name of the service app, its role and its resource set in Okta's Admin Console."
  type        = string
  default     = "rollcall"
  nullable    = false
}

variable "public_keys" {
  description = "Public keys of the service app as JWKs, by key ID. Two of them while a key is being changed. The private key never comes here."
  type = map(object({
    kty = string
    n   = optional(string)
    e   = optional(string)
    x   = optional(string)
    y   = optional(string)
  }))
  nullable = false

  validation {
    condition     = length(var.public_keys) > 0
    error_message = "public_keys needs at least one key."
  }

  validation {
    condition = alltrue([for key in var.public_keys :
      (key.kty == "RSA" && key.n != null && key.e != null) || (key.kty == "EC" && key.x != null && key.y != null)
    ])
    error_message = "public_keys must be RSA keys with n and e, or EC keys with x and y."
  }
}

variable "scopes" {
  description = "Scopes of the service app. Those after the first two may be left out: reading users is for sync --deactivate-missing and plan, logs for each person's outcome, schemas and profile mappings for doctor."
  type        = set(string)
  default = [
    "okta.identitySources.manage",
    "okta.identitySources.read",
    "okta.apps.read",
    "okta.logs.read",
    "okta.schemas.read",
    "okta.profileMappings.read",
  ]
  nullable = false

  validation {
    condition     = length(setintersection(var.scopes, ["okta.identitySources.manage", "okta.identitySources.read"])) == 2
    error_message = "scopes needs okta.identitySources.manage and okta.identitySources.read."
  }
}

variable "permissions" {
  description = "Permissions of the custom admin role, on the app alone: to run its imports, and to read it."
  type        = set(string)
  default     = ["okta.profilesources.import.run", "okta.apps.read"]
  nullable    = false
}

variable "attributes" {
  description = "Custom attributes of the app's profile, beside those that it has from the start (userName, email, firstName, lastName, secondEmail, mobilePhone, homeAddress): their titles by their names, as in the mapping of rollcall.yaml. All are strings."
  type        = map(string)
  default = {
    primaryPhone  = "Primary phone"
    title         = "Title"
    displayName   = "Display name"
    streetAddress = "Street address"
    city          = "City"
    state         = "State"
    zipCode       = "Zip code"
    countryCode   = "Country code"
  }
  nullable = false
}

variable "profile" {
  description = "Attributes of the Okta profile by the app's attributes that they are taken from, where the names differ. The others have the same name on both sides."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for from in keys(var.profile) : contains(keys(var.attributes), from)])
    error_message = "profile may name attributes of attributes only."
  }
}
