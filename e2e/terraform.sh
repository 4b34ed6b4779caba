#!/usr/bin/env bash
# e2e/terraform.sh: applies infra/terraform for real, looks whether a second plan is empty, and destroys it again.
#
# Where: an emulator, if AWS_ENDPOINT_URL names one, else the account and region of the AWS credentials in the environment.
# It needs Terraform or OpenTofu with their registry (for the provider hashicorp/aws), and says in one line what is missing
# where it cannot work. Everything that is made has the deployment's name as prefix: rollcall-e2e- and six random digits, so that
# a secret of an earlier run, which AWS keeps for 30 days, is not in the way; or ROLLCALL_E2E_NAME, 2 to 20 characters.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
random=$(od -An -N7 -tx1 /dev/urandom | tr -d ' \n')
name=${ROLLCALL_E2E_NAME:-rollcall-e2e-${random:0:6}}

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
  okta                = { org_url = "https://example.okta.com", identity_source_id = "0oaE2E$random" }
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
# destroy keeps the folder, which has the state, where something could not be destroyed.
destroy() {
  trap - EXIT
  if "$tf" destroy -auto-approve -input=false -no-color >destroy.log 2>&1; then
    rm -rf "$work"
    return
  fi
  tail -20 destroy.log >&2
  echo "e2e-terraform: some of $name is still there: see $work/destroy.log, then (cd $work && $(basename "$tf") destroy)" >&2
  return 1
}
trap destroy EXIT
"$tf" apply -auto-approve -input=false -no-color
# 0 is no change, 2 is changes: a deployment that was just made must need none.
"$tf" plan -detailed-exitcode -input=false -no-color >plan.log || { cat plan.log >&2; exit 1; }
destroy
echo "e2e-terraform: applied, needed no change, destroyed"
