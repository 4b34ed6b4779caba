locals {
  # Six hours are the most that Lambda keeps an asynchronous invocation. A sync has to find a moment between two flushes,
  # since the flusher runs once at a time; through an alias of its own it may wait longer than a flush's minute.
  sync_max_age_seconds = 21600

  schedules = merge({
    flush = {
      description = "Flush what is in the queue"
      expression  = "rate(1 minute)"
      target      = local.arns.functions["flusher"]
      input       = jsonencode({})
      state       = var.schedule_enabled ? "ENABLED" : "DISABLED"
    }
    }, var.sync_schedule == null ? {} : {
    sync = {
      description = "Enqueue everybody who is active in the table"
      expression  = var.sync_schedule
      target      = "${local.arns.functions["flusher"]}:sync"
      input       = jsonencode({ command = "sync" })
      state       = var.schedule_enabled ? "ENABLED" : "DISABLED"
    }
  })
}

resource "aws_scheduler_schedule_group" "rollcall" {
  name = var.name
  tags = local.tags
}

resource "aws_scheduler_schedule" "schedule" {
  for_each = local.schedules

  name                = each.key
  group_name          = aws_scheduler_schedule_group.rollcall.name
  description         = each.value.description
  schedule_expression = each.value.expression
  state               = each.value.state

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = each.value.target
    role_arn = aws_iam_role.scheduler.arn
    input    = each.value.input

    # Who misses a minute waits for the next.
    retry_policy {
      maximum_retry_attempts       = 0
      maximum_event_age_in_seconds = 60
    }
  }

  depends_on = [
    aws_lambda_function.function,
    aws_lambda_function_event_invoke_config.flusher,
    aws_lambda_function_event_invoke_config.sync,
    aws_iam_role_policy.scheduler,
    aws_ssm_parameter.claim,
  ]
}

resource "aws_lambda_alias" "sync" {
  count = var.sync_schedule == null ? 0 : 1

  name             = "sync"
  description      = "The scheduled sync's way in"
  function_name    = aws_lambda_function.function["flusher"].function_name
  function_version = "$LATEST"
}

resource "aws_lambda_function_event_invoke_config" "sync" {
  count = var.sync_schedule == null ? 0 : 1

  function_name                = aws_lambda_function.function["flusher"].function_name
  qualifier                    = aws_lambda_alias.sync[0].name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = local.sync_max_age_seconds
}
