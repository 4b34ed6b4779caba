output "table_name" {
  description = "Name of the table whose items are the people."
  value       = var.table_name
}

output "control_table_name" {
  description = "Name of the control table."
  value       = aws_dynamodb_table.control.name
}

output "queue_urls" {
  description = "URLs of the queues, by their names in rollcall: intents and urgent."
  value       = { for queue, it in aws_sqs_queue.queue : queue => it.url }
}

output "failed_records_bucket" {
  description = "Bucket with the stream records that could not be handled: rollcall replay bucket s3://…"
  value       = aws_s3_bucket.failed_records.id
}

output "secret_arn" {
  description = "ARN of the secret that holds Okta's credentials. Empty until somebody puts them in."
  value       = var.secret == null ? one(aws_secretsmanager_secret.okta[*].arn) : var.secret.arn
}

output "function_arns" {
  description = "ARNs of the functions, by their names."
  value       = { for function, it in aws_lambda_function.function : function => it.arn }
}

output "role_arns" {
  description = "ARNs of the functions' roles, by the functions' names."
  value       = { for function, it in aws_iam_role.function : function => it.arn }
}

output "operator_policy_arn" {
  description = "Policy for whoever runs the rollcall command against this deployment."
  value       = aws_iam_policy.operator.arn
}

output "alarm_topic_arn" {
  description = "Topic that the alarms are sent to."
  value       = local.arns.topic
}

output "http_api_url" {
  description = "URL of the HTTP API, null when it is off."
  value       = one(aws_apigatewayv2_api.items[*].api_endpoint)
}

output "cli_environment" {
  description = "Environment of the rollcall command against this deployment. Nothing in it is secret."
  value       = local.environment
}
