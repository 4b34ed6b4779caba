# Where things are: the table and the checks are here; stream.tf (mapping, failed records), queues.tf, control.tf, functions.tf,
# roles.tf (who may do what), schedule.tf, http_api.tf, alarms.tf, dashboard.tf.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  # ARNs are put together from names so that a plan can show every policy in full.
  arn_suffix = "${local.region}:${local.account}"
  arns = {
    table   = "arn:${local.partition}:dynamodb:${local.arn_suffix}:table/${var.table_name}"
    control = "arn:${local.partition}:dynamodb:${local.arn_suffix}:table/${local.names.control}"
    intents = "arn:${local.partition}:sqs:${local.arn_suffix}:${local.names.intents}"
    urgent  = "arn:${local.partition}:sqs:${local.arn_suffix}:${local.names.urgent}"
    bucket  = "arn:${local.partition}:s3:::${local.names.bucket}"
    # Secrets Manager adds six characters of its own to the name.
    secret = var.secret == null ? "arn:${local.partition}:secretsmanager:${local.arn_suffix}:secret:${local.names.secret}-??????" : var.secret.arn
    # A stream that is switched off and on again has a new label.
    stream = var.existing_table == null ? "arn:${local.partition}:dynamodb:${local.arn_suffix}:table/${var.table_name}/stream/*" : var.existing_table.stream_arn
    index  = "arn:${local.partition}:dynamodb:${local.arn_suffix}:table/${var.table_name}/index/${coalesce(var.external_id_index, "-")}"
    topic  = var.alarm_topic == null ? "arn:${local.partition}:sns:${local.arn_suffix}:${local.names.topic}" : var.alarm_topic.arn
    functions = {
      for function, name in local.names.functions : function => "arn:${local.partition}:lambda:${local.arn_suffix}:function:${name}"
    }
    logs = {
      for function, name in local.names.functions : function => "arn:${local.partition}:logs:${local.arn_suffix}:log-group:/aws/lambda/${name}"
    }
  }

  names = {
    functions = { for function in ["stream-handler", "flusher", "items-api"] : function => "${var.name}-${function}" }
    intents   = "${var.name}-intents"
    urgent    = "${var.name}-urgent"
    control   = "${var.name}-control"
    bucket    = "${var.name}-failed-records-${local.account}-${local.region}"
    secret    = "${var.name}/okta"
    topic     = "${var.name}-alarms"
    claim     = "/rollcall/identity-sources/${var.okta.identity_source_id}"
  }

  # The key of the people's table: its owner's, or the one given for what the module creates.
  table_key_arn = var.existing_table == null ? var.kms_key_arn : var.existing_table.kms_key_arn
  # And the secret's.
  secret_key_arn = var.secret == null ? var.kms_key_arn : var.secret.kms_key_arn

  # ARNs that must be of the functions' region.
  regional_inputs = { for input, arn in {
    "secret.arn"                 = try(var.secret.arn, null)
    "secret.kms_key_arn"         = try(var.secret.kms_key_arn, null)
    "existing_table.kms_key_arn" = try(var.existing_table.kms_key_arn, null)
    "alarm_topic.arn"            = try(var.alarm_topic.arn, null)
    "kms_key_arn"                = var.kms_key_arn
  } : input => arn if arn != null }

  tags = merge(var.tags, { rollcall = var.name })
}

# The people, unless they have a table already.
resource "aws_dynamodb_table" "people" {
  count = var.existing_table == null ? 1 : 0

  name                        = var.table_name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "id"
  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = var.deletion_protection
  tags                        = local.tags

  attribute {
    name = "id"
    type = "S"
  }

  dynamic "attribute" {
    for_each = var.external_id_attribute[*]

    content {
      name = attribute.value
      type = "S"
    }
  }

  # Only who is asked for is looked up in it; the items are read from the table.
  dynamic "global_secondary_index" {
    for_each = var.external_id_index[*]

    content {
      name            = global_secondary_index.value
      hash_key        = var.external_id_attribute
      projection_type = "KEYS_ONLY"
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = var.kms_key_arn != null
    kms_key_arn = var.kms_key_arn
  }
}

# tflint-ignore: terraform_unused_declarations # it is there to refuse a table
data "aws_dynamodb_table" "existing" {
  count = try(var.existing_table.verify, false) ? 1 : 0
  name  = var.table_name

  lifecycle {
    postcondition {
      condition     = self.stream_enabled
      error_message = "existing_table: table ${var.table_name} has no stream. Enable one with NEW_AND_OLD_IMAGES."
    }
    postcondition {
      condition     = !self.stream_enabled || contains(var.existing_table.view_types, self.stream_view_type)
      error_message = "existing_table.view_types: the stream of ${var.table_name} is ${self.stream_view_type}, which rollcall can live with only if externalId and match are computed from the key alone. Enable NEW_AND_OLD_IMAGES, or add this view type."
    }
    postcondition {
      condition     = !self.stream_enabled || self.stream_arn == var.existing_table.stream_arn
      error_message = "existing_table.stream_arn is not the current stream of table ${var.table_name}: that is ${coalesce(self.stream_arn, "none")}."
    }
    postcondition {
      condition     = var.external_id_index != null || coalesce(self.range_key, "none") == "none"
      error_message = "external_id_index: table ${var.table_name} has a sort key, so externalId cannot be its partition key alone. Name a secondary index on the externalId attribute."
    }
    postcondition {
      condition     = var.external_id_index == null || contains(self.global_secondary_index[*].name, coalesce(var.external_id_index, "-"))
      error_message = "external_id_index: table ${var.table_name} has no global secondary index ${coalesce(var.external_id_index, "-")}. Create it, with the externalId attribute as its partition key; KEYS_ONLY is enough."
    }
    postcondition {
      condition     = var.external_id_attribute == null || alltrue([for index in self.global_secondary_index[*] : index.hash_key == var.external_id_attribute if index.name == var.external_id_index])
      error_message = "external_id_attribute: index ${coalesce(var.external_id_index, "-")} of table ${var.table_name} has another partition key than ${coalesce(var.external_id_attribute, "-")}."
    }
  }
}

# One identity source has one deployment: two would cancel each other's sessions. The parameter says whose it is.
# tflint-ignore: terraform_unused_declarations # it is there to refuse an identity source
data "aws_ssm_parameters_by_path" "claims" {
  path = "/rollcall/identity-sources"

  lifecycle {
    postcondition {
      condition     = lookup(nonsensitive(zipmap(coalesce(self.names, []), coalesce(self.values, []))), local.names.claim, var.name) == var.name
      error_message = "okta.identity_source_id: another deployment in this account and region serves ${var.okta.identity_source_id}; parameter ${local.names.claim} names it. Remove that one first."
    }
  }
}

resource "aws_ssm_parameter" "claim" {
  name        = local.names.claim
  description = "The rollcall deployment that serves this identity source"
  type        = "String"
  value       = var.name
  tags        = local.tags
}

# What inputs cannot be compared with before it is known where they would be deployed. It makes nothing.
resource "terraform_data" "checks" {
  lifecycle {
    precondition {
      condition     = var.existing_table == null || try(split("/", var.existing_table.stream_arn)[1] == var.table_name, false)
      error_message = "table_name is ${var.table_name}, but existing_table.stream_arn is of another table."
    }
    precondition {
      condition     = var.existing_table == null || try(split(":", var.existing_table.stream_arn)[3] == local.region, false)
      error_message = "existing_table.stream_arn is in another region than ${local.region}, where the functions are. Lambda reads streams of its own region only."
    }
    precondition {
      condition     = var.existing_table == null || try(split(":", var.existing_table.stream_arn)[4] == local.account, false)
      error_message = "existing_table.stream_arn is of another account than ${local.account}."
    }
    precondition {
      condition     = alltrue([for input, arn in local.regional_inputs : split(":", arn)[3] == local.region])
      error_message = "In another region than ${local.region}: ${join(", ", [for input, arn in local.regional_inputs : input if try(split(":", arn)[3], "") != local.region])}."
    }
  }
}

# Okta's credentials. Created empty: whoever holds them puts them in (see docs/deploy.md), so no state ever has them.
resource "aws_secretsmanager_secret" "okta" {
  count = var.secret == null ? 1 : 0

  name        = local.names.secret
  description = "Okta credentials of ${var.name}: {\"clientId\", \"privateKey\", \"keyId\"} or {\"token\"}"
  kms_key_id  = var.kms_key_arn
  tags        = local.tags
}
