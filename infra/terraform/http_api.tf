locals {
  routes = var.http_api == null ? toset([]) : toset(["PUT /items", "GET /items", "GET /items/{id}", "DELETE /items/{id}"])
}

resource "aws_apigatewayv2_api" "items" {
  count = var.http_api == null ? 0 : 1

  name          = "${var.name}-items"
  description   = "Reads and writes the people's items"
  protocol_type = "HTTP"
  tags          = local.tags
}

resource "aws_apigatewayv2_authorizer" "jwt" {
  count = try(var.http_api.authorizer, "") == "JWT" ? 1 : 0

  api_id           = aws_apigatewayv2_api.items[0].id
  name             = "jwt"
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = var.http_api.jwt.issuer
    audience = var.http_api.jwt.audience
  }
}

resource "aws_apigatewayv2_integration" "items" {
  count = var.http_api == null ? 0 : 1

  api_id                 = aws_apigatewayv2_api.items[0].id
  integration_type       = "AWS_PROXY"
  integration_uri        = local.arns.functions["items-api"]
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "items" {
  for_each = local.routes

  api_id               = aws_apigatewayv2_api.items[0].id
  route_key            = each.key
  target               = "integrations/${aws_apigatewayv2_integration.items[0].id}"
  authorization_type   = var.http_api.authorizer == "IAM" ? "AWS_IAM" : "JWT"
  authorizer_id        = one(aws_apigatewayv2_authorizer.jwt[*].id)
  authorization_scopes = try(var.http_api.jwt.scopes, null)
}

resource "aws_apigatewayv2_stage" "default" {
  count = var.http_api == null ? 0 : 1

  api_id      = aws_apigatewayv2_api.items[0].id
  name        = "$default"
  auto_deploy = true
  tags        = local.tags

  default_route_settings {
    throttling_burst_limit = 200
    throttling_rate_limit  = 100
  }

  # The route, not the path: a path holds a person's ID.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.http_api[0].arn
    format = jsonencode({
      requestId = "$context.requestId"
      route     = "$context.routeKey"
      status    = "$context.status"
      latency   = "$context.responseLatency"
      error     = "$context.integrationErrorMessage"
    })
  }
}

resource "aws_cloudwatch_log_group" "http_api" {
  count = var.http_api == null ? 0 : 1

  name              = "/aws/apigateway/${var.name}-items"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_lambda_permission" "http_api" {
  count = var.http_api == null ? 0 : 1

  statement_id  = "http-api"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.function["items-api"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.items[0].execution_arn}/*/*"
}
