# One screen, three rows: is it in step, how long does a change take, what is stuck.

locals {
  source = var.okta.identity_source_id

  widgets = [
    { title = "In step? Waiting: the oldest change, seconds", stat = "Maximum", metrics = [
      ["Rollcall", "QueueAge", "IdentitySource", local.source],
      ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.names.intents],
    ] },
    { title = "In step? Changes seen and people told to Okta", stat = "Sum", metrics = [
      ["Rollcall", "IntentsUpsert", "IdentitySource", local.source],
      ["Rollcall", "IntentsDeactivate", "IdentitySource", local.source],
      ["Rollcall", "Upserted", "IdentitySource", local.source],
      ["Rollcall", "Deactivated", "IdentitySource", local.source],
    ] },
    { title = "In step? Stream-handler behind the table, milliseconds", stat = "Maximum", metrics = [
      ["AWS/Lambda", "IteratorAge", "FunctionName", local.names.functions["stream-handler"]],
    ] },
    { title = "How long? From change to trigger, seconds", stat = "p90", metrics = [
      ["Rollcall", "ChangeToTrigger", "IdentitySource", local.source],
    ] },
    { title = "How long? From change to completed, seconds", stat = "p90", metrics = [
      ["Rollcall", "ChangeToCompleted", "IdentitySource", local.source],
    ] },
    { title = "How long? Okta calls, and what its rate limit leaves", stat = "Sum", metrics = [
      [{ id = "calls", label = "calls", expression = "SEARCH('{Rollcall,IdentitySource,Class} MetricName=\"OktaCalls\" IdentitySource=\"${local.source}\"', 'Sum', 60)" }],
      ["Rollcall", "RateLimitRemaining", "IdentitySource", local.source, { stat = "Minimum" }],
    ] },
    { title = "Stuck? People held and rejected", stat = "Maximum", metrics = [
      ["Rollcall", "HeldOpen", "IdentitySource", local.source],
      ["Rollcall", "RejectsOpen", "IdentitySource", local.source],
    ] },
    { title = "Stuck? Age of the oldest import in Okta, seconds", stat = "Maximum", metrics = [
      ["Rollcall", "WatchAge", "IdentitySource", local.source],
    ] },
  ]

  # The functions' failures, and whatever else is wrong, by name.
  alarm_arns = [
    for alarm in sort(concat(keys(local.alarms), ["flusher-silent"])) : "arn:${local.partition}:cloudwatch:${local.arn_suffix}:alarm:${var.name}-${alarm}"
  ]
}

resource "aws_cloudwatch_dashboard" "rollcall" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [for i, widget in local.widgets : {
        type   = "metric"
        x      = 8 * (i % 3)
        y      = 6 * floor(i / 3)
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          region  = local.region
          stat    = widget.stat
          period  = 60
          view    = "timeSeries"
          metrics = widget.metrics
        }
      }],
      [{
        type       = "alarm"
        x          = 16
        y          = 12
        width      = 8
        height     = 6
        properties = { title = "Stuck? Alarms", alarms = local.alarm_arns }
      }],
    )
  })
}
