#!/usr/bin/env bash
# infra/check.sh [STEP...]: checks what infra declares. Steps, all of them in this order where none is named:
#   terraform  format, validate, test the Terraform folders; tflint
#   cdk        build, vet, test the CDK app; synthesise it
#   parity     compare the two
#   nag        cdk-nag on the templates, with the exceptions of infra/nag/exceptions.json
# Needs Go and Node. What else it needs it installs into ${XDG_CACHE_HOME:-~/.cache}/rollcall: tflint, cdk-nag, and OpenTofu where
# neither that nor Terraform is installed.
#
# TERRAFORM_CHECK names a program that checks folders without a provider registry, called as `PROGRAM [--plan FILE] DIR…`;
# ../shared/tools/terraform-check beside the repository is taken where it is there. Without either, Terraform gets the
# providers from their registry, and a plan needs AWS credentials that may read (sts:GetCallerIdentity is enough).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/rollcall
tflint_version=v0.64.0
tofu_version=v1.12.6
variants=(minimal complete existing)
# jsii warns in a box about every Node that is past its end of life; the versions here are known to work.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=18,20
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say() { printf 'infra-check: %s\n' "$*"; }
die() { printf 'infra-check: %s\n' "$*" >&2; exit 1; }

# need PROGRAM HOW: fails with a line that says what is missing.
need() { command -v "$1" >/dev/null || die "missing: $1 ($2)"; }

checker() {
  local it=${TERRAFORM_CHECK:-$root/../shared/tools/terraform-check}
  [ -x "$it" ] && echo "$it"
}

# have_terraform puts OpenTofu on the PATH where neither it nor Terraform is. go install refuses its replace directives, so it is
# built in a copy of the module.
have_terraform() {
  if command -v terraform >/dev/null; then return; fi
  local tools=$cache/tools/tofu-$tofu_version
  if ! command -v tofu >/dev/null && [ ! -x "$tools/tofu" ]; then
    need go "https://go.dev"
    say "building OpenTofu $tofu_version, which takes six minutes once"
    local module
    module=$(cd "$work" && go mod download -json "github.com/opentofu/opentofu@$tofu_version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
    [ -d "$module" ] || die "cannot download OpenTofu $tofu_version"
    cp -R "$module" "$work/tofu"
    chmod -R u+w "$work/tofu"
    (cd "$work/tofu" && go build -o "$work/bin/tofu" ./cmd/tofu) || die "cannot build OpenTofu $tofu_version"
    mkdir -p "$tools"
    mv "$work/bin/tofu" "$tools/tofu"
  fi
  export PATH=$PATH:$tools
  follow_links
}

# follow_links puts the checker's stand-ins for providers where OpenTofu finds them: it looks behind no links.
follow_links() {
  local check mirror link
  check=$(checker) || return 0
  if [ -d "$work/nothing" ]; then return; fi
  mirror=${TERRAFORM_STUB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-stub}/mirror/registry.opentofu.org
  mkdir -p "$work/nothing"
  "$check" "$work/nothing" >/dev/null # makes them
  for link in "$mirror"/*/*; do
    [ -L "$link" ] || continue
    cp -RL "$link" "$link.copy"
    rm "$link"
    mv "$link.copy" "$link"
  done
}

# declared copies what infra declares, and nothing else of the repository, so that checks leave nothing behind in it.
declared() {
  [ -d "$work/repo" ] && return
  mkdir -p "$work/repo"
  tar -C "$root" --exclude=node_modules --exclude=.terraform --exclude=cdk.out -cf - infra | tar -C "$work/repo" -xf -
  # The examples plan with the zips of make dist; validating them needs none.
  git init --quiet "$work/repo"
}

check_folder() { # [--plan FILE] DIR
  local plan= check tf
  have_terraform
  [ "$1" = --plan ] && { plan=$2; shift 2; }
  check=$(checker) || true
  if [ -n "$check" ]; then
    "$check" ${plan:+--plan "$plan"} "$1"
    return
  fi
  tf=$(command -v terraform || command -v tofu)
  (
    cd "$1"
    "$tf" fmt -check -diff -recursive .
    "$tf" init -backend=false -input=false -no-color >/dev/null
    "$tf" validate -no-color
    if [ -d tests ]; then "$tf" test -no-color; fi
    if [ -n "$plan" ]; then
      "$tf" plan -input=false -no-color -out=check.tfplan >/dev/null
      "$tf" show -json check.tfplan >"$plan"
    fi
  )
}

step_terraform() {
  declared
  local dir
  for dir in terraform terraform/examples/minimal terraform/examples/complete okta okta/examples/people; do
    check_folder "$work/repo/infra/$dir"
  done
  local tflint=$cache/tools/tflint-$tflint_version
  if [ ! -x "$tflint" ]; then
    need go "https://go.dev"
    say "installing tflint $tflint_version, which takes two minutes once"
    GOBIN=$work/bin go install "github.com/terraform-linters/tflint@$tflint_version"
    mkdir -p "$cache/tools"
    mv "$work/bin/tflint" "$tflint"
  fi
  for dir in terraform okta; do
    "$tflint" --config="$here/.tflint.hcl" --chdir="$here/$dir"
  done
  # An example is one file that can be read from top to bottom.
  for dir in terraform/examples/minimal terraform/examples/complete okta/examples/people; do
    "$tflint" --config="$here/.tflint.hcl" --disable-rule=terraform_standard_module_structure --chdir="$here/$dir"
  done
}

step_cdk() {
  need go "https://go.dev"
  need node "https://nodejs.org, 20 or newer"
  (cd "$here/cdk" && go vet ./... && go test ./...)
  templates
}

# templates synthesises every variant once.
templates() {
  [ -d "$work/templates" ] && return
  (cd "$here/cdk" && go build -o "$work/app" ./app)
  mkdir -p "$work/templates"
  local variant
  for variant in "${variants[@]}"; do
    ROLLCALL_STACKS=$here/parity/testdata/$variant/stacks.json CDK_OUTDIR=$work/out/$variant "$work/app" 2>"$work/synth.log" ||
      { cat "$work/synth.log" >&2; die "cannot synthesise $variant"; }
    mv "$work/out/$variant/$variant.template.json" "$work/templates/"
  done
  say "synthesised ${variants[*]}"
}

step_parity() {
  need go "https://go.dev"
  declared
  templates
  local variant
  for variant in "${variants[@]}"; do
    check_folder --plan "$work/templates/$variant.plan.json" "$work/repo/infra/parity/testdata/$variant"
  done
  (cd "$here/parity" && go vet ./... && PARITY_DIR=$work/templates go test -count=1 ./... "${PARITY_FLAGS[@]}")
}

step_nag() {
  need npm "https://nodejs.org, 20 or newer"
  templates
  local version modules
  version=$(sha256sum "$here/nag/package-lock.json" | cut -c1-12)
  modules=$cache/nag-$version
  if [ ! -d "$modules/node_modules" ]; then
    say "installing cdk-nag"
    mkdir -p "$modules"
    cp "$here"/nag/package{,-lock}.json "$modules/"
    npm ci --prefix "$modules" --silent --no-audit --no-fund 2>"$work/npm.log" || { cat "$work/npm.log" >&2; die "cannot install cdk-nag"; }
  fi
  # Node looks for packages beside the script.
  cp "$here"/nag/{nag.mjs,exceptions.json,package.json} "$work/"
  ln -sfn "$modules/node_modules" "$work/node_modules"
  node "$work/nag.mjs" "$work"/templates/*.template.json
}

PARITY_FLAGS=()
[ "${1:-}" = --update ] && { PARITY_FLAGS=(-update); shift; } # write the golden lists of what roles may do
[ $# -gt 0 ] || set -- terraform cdk parity nag
for step in "$@"; do
  case $step in
    terraform | cdk | parity | nag) say "$step"; "step_$step" ;;
    *) die "unknown step $step: terraform, cdk, parity, nag" ;;
  esac
done
say "passed"
