# Each alarm's name is that of its section in docs/runbook.md.

locals {
  # Alarms of every function. The flusher is throttled whenever a run outlasts its minute, which is as it should be; half an
  # hour of it, twice what a run may take, is not.
  function_alarms = merge([for function, settings in local.functions : {
    "${function}-errors" = {
      description = "${function} failed: read its log"
      namespace   = "AWS/Lambda", metric = "Errors", dimensions = { FunctionName = local.names.functions[function] }
      statistic   = "Sum", above = 0, period = 300, periods = function == "stream-handler" ? 1 : 3
    }
    "${function}-throttles" = {
      description = "${function} was not allowed to run"
      namespace   = "AWS/Lambda", metric = "Throttles", dimensions = { FunctionName = local.names.functions[function] }
      statistic   = "Sum", above = 0, period = 300, periods = function == "flusher" ? 6 : 1
    }
    "${function}-slow" = {
      description = "${function} takes more than 80 % of its timeout (p99)"
      namespace   = "AWS/Lambda", metric = "Duration", dimensions = { FunctionName = local.names.functions[function] }
      statistic   = "p99", above = settings.timeout * 800, period = 300, periods = 3
    }
  }]...)

  alarms = merge(local.function_alarms, {
    stream-behind = {
      description = "The stream-handler is more than a minute behind the table"
      namespace   = "AWS/Lambda", metric = "IteratorAge", dimensions = { FunctionName = local.names.functions["stream-handler"] }
      statistic   = "Maximum", above = 60000, period = 60, periods = 5
    }
    stream-about-to-lose = {
      description = "The stream-handler is half a day behind; at 23 hours records go to the bucket, at 24 they are gone"
      namespace   = "AWS/Lambda", metric = "IteratorAge", dimensions = { FunctionName = local.names.functions["stream-handler"] }
      statistic   = "Maximum", above = 43200000, period = 300, periods = 1
    }
    failed-records = {
      description = "Stream records were given up on and lie in the bucket: rollcall replay bucket"
      namespace   = "AWS/Lambda", metric = "OnFailureDestinationDeliveredEventCount"
      dimensions  = { EventSourceMappingUUID = aws_lambda_event_source_mapping.stream.uuid }
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }
    dropped-records = {
      description = "Stream records were given up on and did not reach the bucket: rollcall sync"
      namespace   = "AWS/Lambda", metric = "DroppedEventCount"
      dimensions  = { EventSourceMappingUUID = aws_lambda_event_source_mapping.stream.uuid }
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }
    rejects = {
      description = "Somebody cannot be told to Okta until their item is mended: rollcall rejects list"
      namespace   = "Rollcall", metric = "RejectsOpen", dimensions = { Table = var.table_name }
      statistic   = "Maximum", above = 0, period = 300, periods = 1
    }
    held = {
      description = "Deactivations are held by the guard: rollcall held list"
      namespace   = "Rollcall", metric = "HeldOpen", dimensions = { Table = var.table_name }
      statistic   = "Maximum", above = 0, period = 300, periods = 1
    }
    watch-old = {
      description = "A session has been importing in Okta for more than an hour: rollcall sessions list"
      namespace   = "Rollcall", metric = "WatchAge", dimensions = { Table = var.table_name }
      statistic   = "Maximum", above = 3600, period = 300, periods = 1
    }
    many-deactivations = {
      description = "More people were deactivated in a day than usual"
      namespace   = "Rollcall", metric = "Deactivated", dimensions = { Table = var.table_name }
      statistic   = "Sum", above = var.alarm_thresholds.deactivations_a_day, period = 86400, periods = 1
    }
    intents-old = {
      description = "A change has waited for long to be loaded: rollcall status"
      namespace   = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = local.names.intents }
      statistic   = "Maximum", above = var.alarm_thresholds.oldest_intent_seconds, period = 300, periods = 1
    }
    }, var.urgent_lane ? {
    urgent-old = {
      description = "A leaver has waited for ten minutes in the urgent queue, which forgets after an hour"
      namespace   = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = local.names.urgent }
      statistic   = "Maximum", above = 600, period = 300, periods = 1
    }
  } : {})
}

resource "aws_cloudwatch_metric_alarm" "alarm" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.arns.topic]
  ok_actions          = [local.arns.topic]
  tags                = local.tags

  depends_on = [aws_sns_topic.alarms]
}

# The one alarm for which silence is bad: a run of 15 minutes leaves no more than three periods without a start.
resource "aws_cloudwatch_metric_alarm" "flusher_silent" {
  alarm_name          = "${var.name}-flusher-silent"
  alarm_description   = "The flusher has not started for 20 minutes: is its schedule enabled?"
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = { FunctionName = local.names.functions["flusher"] }
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 300
  evaluation_periods  = 4
  treat_missing_data  = "breaching"
  actions_enabled     = var.schedule_enabled
  alarm_actions       = [local.arns.topic]
  ok_actions          = [local.arns.topic]
  tags                = local.tags

  depends_on = [aws_sns_topic.alarms]
}

resource "aws_sns_topic" "alarms" {
  count = var.alarm_topic == null ? 1 : 0

  name              = local.names.topic
  kms_master_key_id = var.kms_key_arn
  tags              = local.tags
}

resource "aws_sns_topic_policy" "alarms" {
  count = var.alarm_topic == null ? 1 : 0

  arn = aws_sns_topic.alarms[0].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AlarmsPublish"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = local.arns.topic
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        Sid       = "SecureTransportOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = local.arns.topic
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = var.alarm_topic == null ? var.alarm_emails : toset([])

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.key
}
