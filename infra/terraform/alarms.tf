# Each alarm's name is that of its section in docs/runbook.md. infra/parity plays what each is for, and a healthy house.
#
# Lambda tells of a run when it has ended, with the time at which it began: an alarm on the flusher, which may run for 15
# minutes, has to look back further than that.

locals {
  of_function = { for function, name in local.names.functions : function => { FunctionName = name } }
  of_mapping  = { EventSourceMappingUUID = aws_lambda_event_source_mapping.stream.uuid }
  # Asynchronous starts of the sync have its alias in the metric. Those of the flush are dropped whenever a run outlasts its
  # minute, which is as it should be.
  of_sync   = { FunctionName = local.names.functions.flusher, Resource = "${local.names.functions.flusher}:sync" }
  of_source = { IdentitySource = var.okta.identity_source_id }

  alarms = merge({
    stream-handler-errors = {
      description = "Whole batches of stream records failed: read the stream-handler's log"
      namespace   = "AWS/Lambda", metric = "Errors", dimensions = local.of_function.stream-handler
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }
    stream-handler-throttles = {
      description = "Lambda had no room for the stream-handler"
      namespace   = "AWS/Lambda", metric = "Throttles", dimensions = local.of_function.stream-handler
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }
    stream-handler-slow = {
      description = "Batches of stream records take more than 80 % of the timeout (p99)"
      namespace   = "AWS/Lambda", metric = "Duration", dimensions = local.of_function.stream-handler
      statistic   = "p99", above = 800 * local.functions.stream-handler.timeout, period = 300, periods = 3
    }
    stream-behind = {
      description = "The stream-handler is more than a minute behind the table"
      namespace   = "AWS/Lambda", metric = "IteratorAge", dimensions = local.of_function.stream-handler
      statistic   = "Maximum", above = 60000, period = 60, periods = 5
    }
    stream-about-to-lose = {
      description = "The stream-handler is half a day behind; at 23 hours records go to the bucket, at 24 they are gone"
      namespace   = "AWS/Lambda", metric = "IteratorAge", dimensions = local.of_function.stream-handler
      statistic   = "Maximum", above = 43200000, period = 300, periods = 1
    }
    failed-records = {
      description = "Stream records were given up on and lie in the bucket: rollcall replay bucket"
      namespace   = "AWS/Lambda", metric = "OnFailureDestinationDeliveredEventCount", dimensions = local.of_mapping
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }
    dropped-records = {
      description = "Stream records were given up on and did not reach the bucket: rollcall sync"
      namespace   = "AWS/Lambda", metric = "DroppedEventCount", dimensions = local.of_mapping
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }

    # A failing flusher waits up to 15 minutes before it tries again, and its runs in between succeed. One run that failed
    # wakes nobody.
    flusher-errors = {
      description = "Flushes fail, or the flusher does not start: read its log"
      namespace   = "AWS/Lambda", metric = "Errors", dimensions = local.of_function.flusher
      statistic   = "Sum", above = 0, period = 900, periods = 3, needed = 2
    }
    # One run after the other: the longest of the last 40 minutes says it.
    flusher-slow = {
      description = "A run of the flusher took more than 80 % of its timeout"
      namespace   = "AWS/Lambda", metric = "Duration", dimensions = local.of_function.flusher
      statistic   = "Maximum", above = 800 * local.functions.flusher.timeout, period = 2400, periods = 1
    }
    intents-old = {
      description = "A change has waited for long to be loaded: rollcall status"
      namespace   = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = local.names.intents }
      statistic   = "Maximum", above = var.alarm_thresholds.oldest_intent_seconds, period = 300, periods = 1
    }
    # SQS leaves messages out of its age once they were received three times, as those are that are given back; the flusher
    # counts them in whenever it receives them, in a lasting outage every 15 minutes or so.
    intents-returned = {
      description = "A change was taken from the queue and given back, and has waited for long: rollcall status"
      namespace   = "Rollcall", metric = "QueueAge", dimensions = local.of_source
      statistic   = "Maximum", above = var.alarm_thresholds.oldest_intent_seconds, period = 1800, periods = 1
    }
    watch-old = {
      description = "A session has been importing in Okta for more than an hour: rollcall sessions list"
      namespace   = "Rollcall", metric = "WatchAge", dimensions = local.of_source
      statistic   = "Maximum", above = 3600, period = 300, periods = 1
    }
    rejects = {
      description = "Somebody cannot be told to Okta until their item is mended: rollcall rejects list"
      namespace   = "Rollcall", metric = "RejectsOpen", dimensions = local.of_source
      statistic   = "Maximum", above = 0, period = 300, periods = 1
    }
    held = {
      description = "Deactivations are held by the guard: rollcall held list"
      namespace   = "Rollcall", metric = "HeldOpen", dimensions = local.of_source
      statistic   = "Maximum", above = 0, period = 300, periods = 1
    }
    many-deactivations = {
      description = "More people were deactivated in a day than usual"
      namespace   = "Rollcall", metric = "Deactivated", dimensions = local.of_source
      statistic   = "Sum", above = var.alarm_thresholds.deactivations_a_day, period = 86400, periods = 1
    }
    }, var.urgent_lane ? {
    urgent-old = {
      description = "A leaver has waited for ten minutes in the urgent queue, which forgets after an hour"
      namespace   = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", dimensions = { QueueName = local.names.urgent }
      statistic   = "Maximum", above = 600, period = 300, periods = 1
    }
    } : {}, var.sync_schedule == null ? {} : {
    sync-failed = {
      description = "A scheduled sync failed: read the flusher's log"
      namespace   = "Rollcall", metric = "SyncsFailed", dimensions = local.of_source
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }
    # Lambda's own word: also of a sync that was killed, or that found no moment between two flushes in six hours.
    sync-dropped = {
      description = "A scheduled sync did not run to its end"
      namespace   = "AWS/Lambda", metric = "AsyncEventsDropped", dimensions = local.of_sync
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }
    }, var.http_api == null ? {} : {
    # The function answers 500 and does not fail, so it is the API that knows. Who sees one of them tries again.
    items-api-errors = {
      description = "The HTTP API failed three times in a quarter of an hour: read the log of items-api"
      namespace   = "AWS/ApiGateway", metric = "5xx", dimensions = { ApiId = one(aws_apigatewayv2_api.items[*].id) }
      statistic   = "Sum", above = 2, period = 900, periods = 1
    }
    items-api-throttles = {
      description = "Lambda had no room for items-api"
      namespace   = "AWS/Lambda", metric = "Throttles", dimensions = local.of_function.items-api
      statistic   = "Sum", above = 0, period = 300, periods = 1
    }
    items-api-slow = {
      description = "Requests to the HTTP API take more than 80 % of the timeout of items-api (p99)"
      namespace   = "AWS/Lambda", metric = "Duration", dimensions = local.of_function.items-api
      statistic   = "p99", above = 800 * local.function_settings.items-api.timeout, period = 300, periods = 3
    }
  })
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
  datapoints_to_alarm = try(each.value.needed, null)
  treat_missing_data  = "notBreaching"
  alarm_actions       = [local.arns.topic]
  ok_actions          = [local.arns.topic]
  tags                = local.tags

  depends_on = [aws_sns_topic.alarms]
}

# The one alarm for which silence is bad: the schedule is off, or every start is refused. Starts beside a long run are refused
# too, which is as it should be; so the flusher's throttles have no alarm of their own. Two runs of 15 minutes, one after the
# other, keep Lambda from telling of a start for 31.
resource "aws_cloudwatch_metric_alarm" "flusher_silent" {
  alarm_name          = "${var.name}-flusher-silent"
  alarm_description   = "The flusher has not started for 40 minutes: is its schedule enabled, and is there concurrency for it?"
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = local.of_function.flusher
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 300
  evaluation_periods  = 8
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
