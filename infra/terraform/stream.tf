resource "aws_lambda_event_source_mapping" "stream" {
  event_source_arn = var.existing_table == null ? one(aws_dynamodb_table.people[*].stream_arn) : var.existing_table.stream_arn
  function_name    = aws_lambda_function.function["stream-handler"].function_name
  tags             = local.tags

  # TRIM_HORIZON, since LATEST may miss what is written while the mapping is being created. Old records do no harm.
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 1000
  maximum_batching_window_in_seconds = 1
  parallelization_factor             = 10
  bisect_batch_on_function_error     = true
  function_response_types            = ["ReportBatchItemFailures"]

  # Retried for 23 of the 24 hours that DynamoDB keeps a record. What fails until then goes to the bucket; what is only
  # left to expire in the stream (-1) is delivered nowhere.
  maximum_retry_attempts        = -1
  maximum_record_age_in_seconds = 82800

  destination_config {
    on_failure {
      destination_arn = local.arns.bucket
    }
  }

  metrics_config {
    metrics = ["EventCount"]
  }

  # Lambda checks when it creates the mapping that the function may read the stream and write to the bucket.
  depends_on = [aws_iam_role_policy.function, aws_s3_bucket_policy.failed_records, aws_ssm_parameter.claim]
}

# Stream records that could not be handled for 23 hours, whole. Nothing else holds items outside the table.
resource "aws_s3_bucket" "failed_records" {
  bucket = local.names.bucket
  tags   = local.tags
}

resource "aws_s3_bucket_public_access_block" "failed_records" {
  bucket                  = aws_s3_bucket.failed_records.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "failed_records" {
  bucket = aws_s3_bucket.failed_records.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "failed_records" {
  bucket = aws_s3_bucket.failed_records.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

# No versioning: an expired record must be gone, since it is personal data.
resource "aws_s3_bucket_lifecycle_configuration" "failed_records" {
  bucket = aws_s3_bucket.failed_records.id

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.failed_records_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}

resource "aws_s3_bucket_policy" "failed_records" {
  bucket = aws_s3_bucket.failed_records.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "SecureTransportOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.arns.bucket, "${local.arns.bucket}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })

  depends_on = [aws_s3_bucket_public_access_block.failed_records]
}
