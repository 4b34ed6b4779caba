# One screen, three rows: is it in step, how long does a change take, what is stuck.

locals {
  widgets = [
    { title = "In step? Waiting: the oldest change, seconds", stat = "Maximum", metrics = [
      ["Rollcall", "QueueAge", "Table", var.table_name],
      ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.names.intents],
    ] },
    { title = "In step? Changes seen and people told to Okta", stat = "Sum", metrics = [
      ["Rollcall", "IntentsUpsert", "Table", var.table_name],
      ["Rollcall", "IntentsDeactivate", "Table", var.table_name],
      ["Rollcall", "Upserted", "Table", var.table_name],
      ["Rollcall", "Deactivated", "Table", var.table_name],
    ] },
    { title = "In step? Stream-handler behind the table, milliseconds", stat = "Maximum", metrics = [
      ["AWS/Lambda", "IteratorAge", "FunctionName", local.names.functions["stream-handler"]],
    ] },
    { title = "How long? From change to trigger, seconds", stat = "p90", metrics = [
      ["Rollcall", "ChangeToTrigger", "Table", var.table_name],
    ] },
    { title = "How long? From change to completed, seconds", stat = "p90", metrics = [
      ["Rollcall", "ChangeToCompleted", "Table", var.table_name],
    ] },
    { title = "How long? Okta calls, and what its rate limit leaves", stat = "Sum", metrics = [
      [{ id = "calls", label = "calls", expression = "SEARCH('{Rollcall,Table,Class} MetricName=\"OktaCalls\" Table=\"${var.table_name}\"', 'Sum', 60)" }],
      ["Rollcall", "RateLimitRemaining", "Table", var.table_name, { stat = "Minimum" }],
    ] },
    { title = "Stuck? People held and rejected", stat = "Maximum", metrics = [
      ["Rollcall", "HeldOpen", "Table", var.table_name],
      ["Rollcall", "RejectsOpen", "Table", var.table_name],
    ] },
    { title = "Stuck? The oldest import in Okta, seconds", stat = "Maximum", metrics = [
      ["Rollcall", "WatchAge", "Table", var.table_name],
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
