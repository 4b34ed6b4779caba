#!/usr/bin/env bash
# e2e/terraform.sh: applies infra/terraform for real, looks whether a second plan is empty, and destroys it again.
#
# Where: an emulator, if AWS_ENDPOINT_URL names one, else the account and region of the AWS credentials in the environment.
# It needs Terraform or OpenTofu with their registry (for the provider hashicorp/aws), and says in one line what is missing
# where it cannot work. ROLLCALL_E2E_NAME (rollcall-e2e) is the deployment's name: everything that is made has it as prefix.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
name=${ROLLCALL_E2E_NAME:-rollcall-e2e}

missing() { printf 'e2e-terraform: missing: %s\n' "$*" >&2; exit 1; }

tf=$(command -v terraform || command -v tofu) || missing "terraform or tofu"
if [ -z "${AWS_ENDPOINT_URL:-}" ] && [ -z "${AWS_ACCESS_KEY_ID:-}${AWS_PROFILE:-}${AWS_WEB_IDENTITY_TOKEN_FILE:-}" ]; then
  missing "somewhere to apply to: AWS_ENDPOINT_URL of an emulator, or credentials of an AWS account"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
architecture=arm64
provider='provider "aws" {}'
if [ -n "${AWS_ENDPOINT_URL:-}" ]; then
  # The emulator runs the functions on this machine.
  architecture=$(go env GOARCH)
  provider='provider "aws" {
  access_key                  = "local"
  secret_key                  = "local"
  region                      = "us-east-1"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_requesting_account_id  = false
}'
fi
cat >"$work/main.tf" <<EOF
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.25, < 7.0"
    }
  }
}

$provider

module "rollcall" {
  source              = "$root/infra/terraform"
  name                = "$name"
  table_name          = "$name-people"
  architecture        = "$architecture"
  packages            = { directory = "$work/dist" }
  okta                = { org_url = "https://example.okta.com", identity_source_id = "0oaE2Eterraform00000" }
  http_api            = { authorizer = "IAM" }
  sync_schedule       = "cron(0 3 * * ? *)"
  urgent_lane         = true
  schedule_enabled    = false
  deletion_protection = false
}
EOF
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
cd "$work"
timeout 180 "$tf" init -input=false -no-color >init.log 2>&1 ||
  missing "the provider hashicorp/aws, which $(basename "$tf") init cannot get: $(grep -m1 -iE 'error|could not|failed' init.log | tr -d '│╷' | xargs)"

(cd "$root" && go run ./internal/dist/pack -version e2e -config rollcall.yaml -out "$work/dist")
destroy() {
  "$tf" destroy -auto-approve -input=false -no-color >destroy.log 2>&1 || { tail -20 destroy.log >&2; return 1; }
}
trap 'destroy || echo "e2e-terraform: some of $name may still be there" >&2; rm -rf "$work"' EXIT
"$tf" apply -auto-approve -input=false -no-color
# 0 is no change, 2 is changes: a deployment that was just made must need none.
"$tf" plan -detailed-exitcode -input=false -no-color >plan.log || { cat plan.log >&2; exit 1; }
trap 'rm -rf "$work"' EXIT
destroy
echo "e2e-terraform: applied, needed no change, destroyed"
