# What each function, the scheduler and the operator of the command may do. The same lists, spelled out for one deployment,
# are infra/parity/testdata/*.golden: a change here shows there.

locals {
  queues_in_use = concat([local.arns.intents], var.urgent_lane ? [local.arns.urgent] : [])
  work_queue    = ["sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:ReceiveMessage", "sqs:SendMessage"]
  keep_control  = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:UpdateItem"]
  read_stream   = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"]

  # With a customer managed key a caller needs the key as well as the thing, and may use it through that service only.
  via = { for service in ["dynamodb", "sqs", "s3", "secretsmanager"] : service => "${service}.${local.region}.amazonaws.com" }

  read_with_key  = ["kms:Decrypt", "kms:DescribeKey"]
  write_with_key = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]

  # By role and statement ID: actions, resources, the services through which a key may be used, and when the statement applies.
  statements = {
    stream-handler = {
      ReadStream  = { actions = local.read_stream, resources = [local.arns.stream] }
      ListStreams = { actions = ["dynamodb:ListStreams"], resources = ["*"] } # has no resource level
      SendIntents = { actions = ["sqs:SendMessage"], resources = local.queues_in_use }
      # Lambda writes there in the function's name, under this prefix, having looked whether the bucket is there.
      KeepFailedRecords = { actions = ["s3:PutObject"], resources = ["${local.arns.bucket}/aws/lambda/*"] }
      FindBucket        = { actions = ["s3:ListBucket"], resources = [local.arns.bucket] }
      WriteLogs         = { actions = local.write_logs, resources = ["${local.arns.logs.stream-handler}:*"] }
      DecryptStream = {
        when    = local.table_key_arn != null
        actions = local.read_with_key, resources = [local.table_key_arn], via = [local.via.dynamodb]
      }
      EncryptIntentsAndRecords = {
        when    = var.kms_key_arn != null
        actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = [var.kms_key_arn], via = [local.via.s3, local.via.sqs]
      }
    }

    flusher = {
      ReadTable        = { actions = ["dynamodb:BatchGetItem", "dynamodb:DescribeTable"], resources = [local.arns.table] }
      FindByExternalId = { when = var.external_id_index != null, actions = ["dynamodb:Query"], resources = [local.arns.index] }
      ScanForSync      = { when = var.sync_schedule != null, actions = ["dynamodb:Scan"], resources = [local.arns.table] }
      KeepControl      = { actions = local.keep_control, resources = [local.arns.control] }
      WorkQueues       = { actions = local.work_queue, resources = local.queues_in_use }
      ReadOktaSecret   = { actions = ["secretsmanager:GetSecretValue"], resources = [local.arns.secret] }
      WriteLogs        = { actions = local.write_logs, resources = ["${local.arns.logs.flusher}:*"] }
      DecryptTable = {
        when    = local.table_key_arn != null
        actions = local.read_with_key, resources = [local.table_key_arn], via = [local.via.dynamodb]
      }
      EncryptControl = {
        when    = var.kms_key_arn != null
        actions = local.write_with_key, resources = [var.kms_key_arn], via = [local.via.dynamodb]
      }
      EncryptIntents = {
        when    = var.kms_key_arn != null
        actions = ["kms:Decrypt", "kms:GenerateDataKey"], resources = [var.kms_key_arn], via = [local.via.sqs]
      }
      DecryptSecret = {
        when    = local.secret_key_arn != null
        actions = ["kms:Decrypt"], resources = [local.secret_key_arn], via = [local.via.secretsmanager]
      }
    }

    items-api = {
      ServeItems = {
        actions   = ["dynamodb:DeleteItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Scan"]
        resources = [local.arns.table]
      }
      WriteLogs = { actions = local.write_logs, resources = ["${local.arns.logs.items-api}:*"] }
      EncryptTable = {
        when    = local.table_key_arn != null
        actions = local.write_with_key, resources = [local.table_key_arn], via = [local.via.dynamodb]
      }
    }

    scheduler = {
      StartFlusher = { actions = ["lambda:InvokeFunction"], resources = [for schedule in local.schedules : schedule.target] }
    }

    operator = {
      ReadTable         = { actions = ["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:Scan"], resources = [local.arns.table] }
      FindByExternalId  = { when = var.external_id_index != null, actions = ["dynamodb:Query"], resources = [local.arns.index] }
      ReadStream        = { actions = local.read_stream, resources = [local.arns.stream] }
      KeepControl       = { actions = local.keep_control, resources = [local.arns.control] }
      CheckControl      = { actions = ["dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"], resources = [local.arns.control] }
      WorkQueues        = { actions = local.work_queue, resources = [local.arns.intents, local.arns.urgent] }
      CheckQueues       = { actions = ["sqs:GetQueueAttributes"], resources = [local.arns.intents, local.arns.urgent] }
      ReadFailedRecords = { actions = ["s3:GetObject"], resources = ["${local.arns.bucket}/aws/lambda/*"] }
      ListFailedRecords = { actions = ["s3:ListBucket"], resources = [local.arns.bucket] }
      ReadOktaSecret    = { actions = ["secretsmanager:GetSecretValue"], resources = [local.arns.secret] }
      ReadMetrics       = { actions = ["cloudwatch:GetMetricStatistics"], resources = ["*"] } # has no resource level
      DecryptTable = {
        when    = local.table_key_arn != null
        actions = local.read_with_key, resources = [local.table_key_arn], via = [local.via.dynamodb]
      }
      UseKey = {
        when    = var.kms_key_arn != null
        actions = local.write_with_key, resources = [var.kms_key_arn], via = [local.via.dynamodb, local.via.s3, local.via.sqs]
      }
      DecryptSecret = {
        when    = local.secret_key_arn != null
        actions = ["kms:Decrypt"], resources = [local.secret_key_arn], via = [local.via.secretsmanager]
      }
    }
  }

  # Its own log group, which exists: no function can create another.
  write_logs = ["logs:CreateLogStream", "logs:PutLogEvents"]

  policies = { for role, statements in local.statements : role => jsonencode({
    Version = "2012-10-17"
    Statement = [for sid, s in statements : merge(
      { Sid = sid, Effect = "Allow", Action = s.actions, Resource = s.resources },
      try({ Condition = { StringEquals = { "kms:ViaService" = s.via } } }, {}),
    ) if try(s.when, true)]
  }) }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name                 = local.names.functions[each.key]
  description          = "Lambda function ${local.names.functions[each.key]}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name   = each.key
  role   = aws_iam_role.function[each.key].name
  policy = local.policies[each.key]
}

resource "aws_iam_role" "scheduler" {
  name                 = "${var.name}-scheduler"
  description          = "EventBridge Scheduler, to start ${local.names.functions.flusher}"
  permissions_boundary = var.permissions_boundary_arn
  tags                 = local.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = {
          "aws:SourceAccount" = local.account
          "aws:SourceArn"     = "arn:${local.partition}:scheduler:${local.arn_suffix}:schedule-group/${var.name}"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  name   = "scheduler"
  role   = aws_iam_role.scheduler.name
  policy = local.policies.scheduler
}

# For whoever runs the rollcall command against this deployment: attach it to their role.
resource "aws_iam_policy" "operator" {
  name        = "${var.name}-operator"
  description = "Run the rollcall command against ${var.name}"
  policy      = local.policies.operator
  tags        = local.tags
}
