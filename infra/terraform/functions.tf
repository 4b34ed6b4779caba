locals {
  function_settings = {
    stream-handler = { memory = 256, timeout = 60, reserved = null, description = "Turns stream records into intents" }
    # One flush at a time. Fifteen minutes are Lambda's most; a full session needs five at Okta's slowest.
    flusher   = { memory = 256, timeout = 900, reserved = 1, description = "Loads into Okta what the table says of the people in the queue" }
    items-api = { memory = 256, timeout = 10, reserved = null, description = "Serves /items" }
  }

  functions = { for function, settings in local.function_settings : function => settings if function != "items-api" || var.http_api != null }

  # The flusher's environment, and that of the rollcall command. The other functions go without what they do not read.
  environment = merge(var.settings, {
    ROLLCALL_TABLE                   = var.table_name
    ROLLCALL_CONTROL                 = local.names.control
    ROLLCALL_QUEUE_INTENTS           = aws_sqs_queue.queue["intents"].url
    ROLLCALL_QUEUE_URGENT            = aws_sqs_queue.queue["urgent"].url
    ROLLCALL_URGENT_ENABLED          = tostring(var.urgent_lane)
    ROLLCALL_OKTA_ORG_URL            = var.okta.org_url
    ROLLCALL_OKTA_IDENTITY_SOURCE_ID = var.okta.identity_source_id
    ROLLCALL_OKTA_SECRET_ARN         = var.secret == null ? one(aws_secretsmanager_secret.okta[*].arn) : var.secret.arn
    }, { for name, value in {
      ROLLCALL_EXTERNAL_ID_INDEX   = var.external_id_index
      ROLLCALL_MAPPING_EXTERNAL_ID = var.external_id_attribute
  } : name => value if value != null })

  unread = {
    stream-handler = ["ROLLCALL_CONTROL", "ROLLCALL_OKTA_ORG_URL", "ROLLCALL_OKTA_SECRET_ARN"]
    flusher        = []
    items-api = [
      "ROLLCALL_CONTROL", "ROLLCALL_QUEUE_INTENTS", "ROLLCALL_QUEUE_URGENT", "ROLLCALL_URGENT_ENABLED",
      "ROLLCALL_OKTA_ORG_URL", "ROLLCALL_OKTA_IDENTITY_SOURCE_ID", "ROLLCALL_OKTA_SECRET_ARN",
    ]
  }

  zips = { for function in keys(local.functions) : function => "${function}_${var.architecture}.zip" }
  # What make dist says of its zips, and which are as it says. A name alone says nothing of what is in a zip.
  manifest = try(jsondecode(file("${var.packages.directory}/manifest.json")).zips, {})
  as_built = { for function, zip in local.zips : function => try(
    local.manifest[zip].architecture == var.architecture && local.manifest[zip].sha256 == filesha256("${var.packages.directory}/${zip}"), false
  ) }
}

resource "aws_lambda_function" "function" {
  for_each = local.functions

  function_name                  = local.names.functions[each.key]
  description                    = each.value.description
  role                           = aws_iam_role.function[each.key].arn
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture == "amd64" ? "x86_64" : "arm64"]
  memory_size                    = each.value.memory
  timeout                        = each.value.timeout
  reserved_concurrent_executions = each.value.reserved
  tags                           = local.tags

  filename         = var.packages.directory == null ? null : "${var.packages.directory}/${local.zips[each.key]}"
  source_code_hash = var.packages.directory == null ? null : try(filebase64sha256("${var.packages.directory}/${local.zips[each.key]}"), null)
  s3_bucket        = var.packages.bucket
  s3_key           = var.packages.bucket == null ? null : "${var.packages.prefix}${local.zips[each.key]}"

  environment {
    variables = { for name, value in local.environment : name => value if !contains(local.unread[each.key], name) }
  }

  lifecycle {
    precondition {
      condition     = var.packages.directory == null || try(fileexists("${var.packages.directory}/${local.zips[each.key]}"), false)
      error_message = "packages.directory: ${coalesce(var.packages.directory, "-")} has no ${local.zips[each.key]}. Run make dist, or set architecture to that of the zips."
    }
    precondition {
      condition     = var.packages.directory == null || local.as_built[each.key]
      error_message = "packages.directory: ${local.zips[each.key]} in ${coalesce(var.packages.directory, "-")} is not the zip for ${var.architecture} that manifest.json tells of: it was renamed, exchanged, or not built by make dist. Run make dist."
    }
  }

  depends_on = [aws_cloudwatch_log_group.function, aws_iam_role_policy.function]
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${local.names.functions[each.key]}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

# The next minute's run is as good as a retry. Without this every long flush leaves hours of throttled retries behind.
resource "aws_lambda_function_event_invoke_config" "flusher" {
  function_name                = aws_lambda_function.function["flusher"].function_name
  qualifier                    = "$LATEST"
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60
}
