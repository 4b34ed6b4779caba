locals {
  queues = {
    intents = {
      # Two weeks, the most that SQS keeps a message: Okta may be away for long. No redrive either: each giving back counts
      # as a receive, and a dead-letter queue would fill with the company.
      retention_seconds = 1209600
    }
    urgent = {
      # A leaver who was not taken out within the hour is left to the import, where every deactivation travels as well.
      retention_seconds = 3600
    }
  }
}

resource "aws_sqs_queue" "queue" {
  for_each = local.queues

  name                       = local.names[each.key]
  message_retention_seconds  = each.value.retention_seconds
  visibility_timeout_seconds = 120 # the flusher extends it while it has a message in work
  receive_wait_time_seconds  = 20
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  kms_master_key_id          = var.kms_key_arn
  tags                       = local.tags
}

resource "aws_sqs_queue_policy" "queue" {
  for_each = local.queues

  queue_url = aws_sqs_queue.queue[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "SecureTransportOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = local.arns[each.key]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
