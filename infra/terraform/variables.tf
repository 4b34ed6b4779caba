variable "name" {
  description = "Prefix of every name that the module gives: letters, digits and dashes. Two deployments in one account need two names."
  type        = string
  default     = "rollcall"
  nullable    = false

  validation {
    # The bucket's name adds 43 characters to it (account and region), and S3 allows 63.
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.name))
    error_message = "name must have 2 to 20 characters, a-z, 0-9 and dashes, and start with a letter."
  }
}

variable "table_name" {
  description = "Name of the DynamoDB table whose items are the people. The module creates it, with the partition key id, unless existing_table is set."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_.-]{3,255}$", var.table_name))
    error_message = "table_name must be a table's name (3 to 255 characters), not its ARN."
  }
}

variable "existing_table" {
  description = <<-EOT
    Use a table that exists already, by the ARN of its stream.
    kms_key_arn: the table's customer managed key, where it has one.
    view_types: the stream view types to accept. Add KEYS_ONLY or NEW_IMAGE only if externalId and match can be computed from the key alone.
    verify: read the table while planning, to refuse one without a stream or with another view type. Set to false where the planning role may not.
  EOT
  type = object({
    stream_arn  = string
    kms_key_arn = optional(string)
    view_types  = optional(set(string), ["NEW_AND_OLD_IMAGES"])
    verify      = optional(bool, true)
  })
  default = null

  validation {
    condition     = var.existing_table == null || can(regex("^arn:[a-z-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[^/]+/stream/.+$", var.existing_table.stream_arn))
    error_message = "existing_table.stream_arn must be the ARN of a stream, arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL. A table without a stream has none: enable it first."
  }

  validation {
    condition     = try(var.existing_table.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.existing_table.kms_key_arn))
    error_message = "existing_table.kms_key_arn must be the ARN of a key, not of an alias."
  }

  validation {
    condition     = var.existing_table == null || alltrue([for v in try(var.existing_table.view_types, []) : contains(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "KEYS_ONLY"], v)])
    error_message = "existing_table.view_types may hold NEW_AND_OLD_IMAGES, NEW_IMAGE and KEYS_ONLY. OLD_IMAGE does not say what a new person is."
  }
}

variable "external_id_index" {
  description = "Global secondary index on the externalId attribute, which the module creates with the table. Needed unless externalId is the table's partition key and the table has no sort key."
  type        = string
  default     = null

  validation {
    condition     = var.external_id_index == null || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.external_id_index))
    error_message = "external_id_index must be an index's name (3 to 255 characters)."
  }

  validation {
    condition     = var.external_id_index == null || var.existing_table != null || var.external_id_attribute != null
    error_message = "external_id_index: the module creates this index with the table, and needs external_id_attribute, the attribute that is its key."
  }

  validation {
    condition     = var.external_id_attribute == null || var.external_id_index != null
    error_message = "external_id_attribute goes with external_id_index. Without an index externalId is the table's partition key."
  }
}

variable "external_id_attribute" {
  description = "Attribute that holds externalId, a string: the partition key of external_id_index. Needed where the module creates that index; with an existing table the plan then checks the index's key. It is also set as mapping.externalId."
  type        = string
  default     = null

  validation {
    # It is an expression of the mapping as well.
    condition     = var.external_id_attribute == null || can(regex("^[A-Za-z_][A-Za-z0-9_]{0,254}$", var.external_id_attribute))
    error_message = "external_id_attribute must be an attribute's name of letters, digits and underscores, not starting with a digit. Where it has another, leave this out and name it in mapping.externalId."
  }

  validation {
    condition     = var.existing_table != null || var.external_id_attribute != "id"
    error_message = "external_id_attribute: id is the partition key of the table that the module creates, so it needs no index. Leave external_id_index and external_id_attribute out."
  }
}

variable "okta" {
  description = "The Okta org's URL and the identity source (the app instance's ID, 0oa…)."
  type = object({
    org_url            = string
    identity_source_id = string
  })
  nullable = false

  validation {
    condition     = can(regex("^(https://[a-zA-Z0-9.-]+(:[0-9]+)?|http://(127\\.0\\.0\\.1|localhost):[0-9]+)$", var.okta.org_url)) && !can(regex("-admin\\.okta", var.okta.org_url))
    error_message = "okta.org_url must be the org's own URL, https://example.okta.com: no path, no trailing slash, not the -admin host."
  }

  validation {
    condition     = can(regex("^0oa[A-Za-z0-9]{17}$", var.okta.identity_source_id))
    error_message = "okta.identity_source_id must be the app instance's ID: 0oa and 17 letters or digits."
  }
}

variable "secret" {
  description = "An existing Secrets Manager secret with Okta's credentials, and the customer managed key that it may have. Without it an empty one is created; its value never passes through Terraform."
  type = object({
    arn         = string
    kms_key_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.secret == null || can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:.+$", var.secret.arn))
    error_message = "secret.arn must be the full ARN of a Secrets Manager secret."
  }

  validation {
    condition     = try(var.secret.kms_key_arn, null) == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.secret.kms_key_arn))
    error_message = "secret.kms_key_arn must be the ARN of a key, not of an alias."
  }
}

variable "packages" {
  description = <<-EOT
    Where the functions' zips are, as `make dist` names them (stream-handler_arm64.zip, …): in a directory here, or in an S3 bucket under a prefix.
    In S3 every release needs a prefix of its own, since Lambda loads new code only when the key changes.
  EOT
  type = object({
    directory = optional(string)
    bucket    = optional(string)
    prefix    = optional(string, "")
  })
  nullable = false

  validation {
    condition     = (var.packages.directory == null) != (var.packages.bucket == null)
    error_message = "packages needs exactly one of directory and bucket."
  }

  validation {
    condition     = var.packages.prefix == "" || endswith(coalesce(var.packages.prefix, "-"), "/")
    error_message = "packages.prefix must be empty or end with a slash."
  }
}

variable "architecture" {
  description = "Processor of the functions, arm64 or amd64. The zips must be built for it."
  type        = string
  default     = "arm64"
  nullable    = false

  validation {
    condition     = contains(["arm64", "amd64"], var.architecture)
    error_message = "architecture must be arm64 or amd64, as in the zips' names."
  }
}

variable "settings" {
  description = "Further settings of rollcall by their environment variables (ROLLCALL_GUARD_MIN = \"50\"). They win over rollcall.yaml in the zips."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for k in keys(var.settings) : can(regex("^ROLLCALL_[A-Z0-9_]+$", k))])
    error_message = "settings may hold ROLLCALL_… variables only. Credentials belong in the secret, never here."
  }

  validation {
    condition = length(setintersection(keys(var.settings), [
      "ROLLCALL_TABLE", "ROLLCALL_EXTERNAL_ID_INDEX", "ROLLCALL_CONTROL", "ROLLCALL_QUEUE_INTENTS", "ROLLCALL_QUEUE_URGENT",
      "ROLLCALL_OKTA_ORG_URL", "ROLLCALL_OKTA_IDENTITY_SOURCE_ID", "ROLLCALL_OKTA_SECRET_ARN", "ROLLCALL_URGENT_ENABLED",
    ])) == 0
    error_message = "settings must not hold what the module sets itself: use table_name, external_id_index, okta, secret and urgent_lane."
  }

  validation {
    condition     = var.external_id_attribute == null || !contains(keys(var.settings), "ROLLCALL_MAPPING_EXTERNAL_ID")
    error_message = "settings must not hold ROLLCALL_MAPPING_EXTERNAL_ID beside external_id_attribute, which sets it."
  }
}

variable "urgent_lane" {
  description = "Take leavers out of Okta within seconds, one call each, while no import session can be opened."
  type        = bool
  default     = false
  nullable    = false
}

variable "schedule_enabled" {
  description = "Run the flusher every minute. False installs everything and calls Okta not once: changes wait in the queue, 14 days at most."
  type        = bool
  default     = true
  nullable    = false
}

variable "sync_schedule" {
  description = "When to enqueue everybody who is active in the table: a Scheduler expression such as cron(0 3 * * ? *), UTC. Null is never."
  type        = string
  default     = null

  validation {
    condition     = var.sync_schedule == null || can(regex("^(cron|rate)\\(.+\\)$", var.sync_schedule))
    error_message = "sync_schedule must be a cron(…) or rate(…) expression."
  }
}

variable "http_api" {
  description = "Serve PUT, GET and DELETE /items over HTTPS. Null is off. authorizer is IAM, or JWT with jwt's issuer and audience."
  type = object({
    authorizer = string
    jwt = optional(object({
      issuer   = string
      audience = set(string)
      scopes   = optional(set(string), [])
    }))
  })
  default = null

  validation {
    condition     = var.http_api == null || contains(["IAM", "JWT"], try(var.http_api.authorizer, ""))
    error_message = "http_api.authorizer must be IAM or JWT: the API is never open."
  }

  validation {
    condition     = var.http_api == null || (try(var.http_api.authorizer, "") == "JWT") == (try(var.http_api.jwt, null) != null)
    error_message = "http_api.jwt goes with authorizer JWT, and only with it."
  }

  validation {
    condition     = try(var.http_api.jwt, null) == null || (startswith(try(var.http_api.jwt.issuer, ""), "https://") && try(length(var.http_api.jwt.audience), 0) > 0)
    error_message = "http_api.jwt needs an https issuer and at least one audience."
  }
}

variable "alarm_topic" {
  description = "An existing SNS topic for the alarms. Without it one is created. Its policy must let cloudwatch.amazonaws.com publish."
  type        = object({ arn = string })
  default     = null

  validation {
    condition     = var.alarm_topic == null || can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}$", var.alarm_topic.arn))
    error_message = "alarm_topic.arn must be the ARN of an SNS topic, and not of a FIFO one, to which alarms are not sent."
  }
}

variable "alarm_emails" {
  description = "Addresses to subscribe to the topic that the module creates. Each is asked to confirm."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@ ]+@[^@ ]+$", address))])
    error_message = "alarm_emails must hold e-mail addresses."
  }
}

variable "alarm_thresholds" {
  description = <<-EOT
    oldest_intent_seconds: the oldest message in the intents queue, as SQS counts and as the flusher does.
    deactivations_a_day: people deactivated in 24 h; set it somewhat above a usual day.
  EOT
  type = object({
    oldest_intent_seconds = optional(number, 1800)
    deactivations_a_day   = optional(number, 100)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.alarm_thresholds.oldest_intent_seconds >= 300 && var.alarm_thresholds.deactivations_a_day >= 1
    error_message = "alarm_thresholds.oldest_intent_seconds must be at least 300 (a full session takes minutes), deactivations_a_day at least 1."
  }
}

variable "kms_key_arn" {
  description = "Customer managed key for the tables that the module creates, queues, bucket, secret, logs and alarm topic. Null uses AWS's own keys. See the README for what its policy must allow."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, not of an alias."
  }
}

variable "permissions_boundary_arn" {
  description = "Permissions boundary of every role that the module creates."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a policy."
  }
}

variable "log_retention_days" {
  description = "How long the functions' logs are kept. They hold no item, profile, token or message body."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be one of the periods that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, …"
  }
}

variable "failed_records_days" {
  description = "How long stream records that could not be handled are kept. They hold whole items: keep it short, but longer than it takes you to notice."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.failed_records_days >= 3 && var.failed_records_days <= 365
    error_message = "failed_records_days must be 3 to 365."
  }
}

variable "deletion_protection" {
  description = "Protect the tables that the module creates from being deleted."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of everything that can be tagged."
  type        = map(string)
  default     = {}
  nullable    = false
}
