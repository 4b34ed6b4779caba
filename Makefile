# make help lists the targets. Tools are installed into .cache/tools, at the versions below.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo devel)
CONFIG ?= rollcall.yaml
FUZZTIME ?= 30s
SEEDS ?= 100
MUTANT_SEEDS ?= 100
START ?= 1

GOLANGCI_VERSION := v2.15.0
TOOLS := $(CURDIR)/.cache/tools
GOLANGCI := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
export GOLANGCI_LINT_CACHE := $(CURDIR)/.cache/golangci-lint

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

.PHONY: build
build: ## build the command line tool into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '-X rollcall/internal/version.number=$(VERSION)' -o bin/rollcall ./cmd/rollcall

.PHONY: demo
demo: ## walk through everything, on this machine, without AWS or Okta
	@go run ./cmd/rollcall demo

.PHONY: test
test: ## run the tests, with the race detector where there is a C compiler
	@cc=$$(go env CC); if command -v "$${cc%% *}" >/dev/null; then \
		CGO_ENABLED=1 go test -race -timeout 15m ./...; \
	else \
		echo "there is no C compiler ($$cc): the tests run without the race detector" >&2; \
		go test -timeout 15m ./...; \
	fi

.PHONY: check
check: format vet lint law test ## everything that must hold before a commit

.PHONY: format
format: ## fail if a file is not as gofmt wants it
	@files=$$(git ls-files -co --exclude-standard '*.go' | xargs -r ls -d 2>/dev/null | xargs -r gofmt -l); \
	if [ -n "$$files" ]; then echo "not formatted:" >&2; echo "$$files" >&2; exit 1; fi

.PHONY: vet
vet: ## go vet
	go vet -tags e2e ./...

.PHONY: lint
lint: $(GOLANGCI) ## golangci-lint, with the reasons in .golangci.yml
	$(GOLANGCI) run ./...

$(GOLANGCI):
	@echo "installing golangci-lint $(GOLANGCI_VERSION), which takes some minutes once"
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS)/install go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/install/golangci-lint $@

.PHONY: law
law: ## who may import whom, and what the functions may link
	go test ./internal/law

MEASURE := ^[a-z_]+_(ratio|mb)(/[a-z-]+)?=

.PHONY: bench
bench: ## the benchmarks, their ratios to the usual way of doing it, and peak memory; fails where a bound is missed
	@mkdir -p .cache
	@ROLLCALL_BENCH=1 go test -p 1 -count=1 -run '(Ratio|PeakRSS)$$' -bench . -benchmem ./... | tee .cache/bench.txt | grep -vE 'no test files|^(PASS|ok)'
	@grep -E '$(MEASURE)' .cache/bench.txt

.PHONY: bounds
bounds: ## the bounds alone, within a minute: the handler's ratio and peak memory
	@ROLLCALL_BENCH=1 go test -v -p 1 -count=1 -run '^Test(HandlerRatio|FillRatio|PeakRSS)$$' ./stream-handler ./batcher | grep -E '$(MEASURE)|^ +[a-z_]+\.go:|^(FAIL|panic)'

.PHONY: fuzz
fuzz: ## run each fuzz target for FUZZTIME (30s)
	@git grep -hoE --untracked '^func Fuzz[A-Za-z0-9]+' -- '*_test.go' | sort -u | grep -q . || { echo "no fuzz targets" >&2; exit 1; }
	@git grep -oE --untracked '^func Fuzz[A-Za-z0-9]+' -- '*_test.go' | sed -E 's,/[^/]+_test\.go:func , ,' | while read -r folder target; do \
		echo "$$folder $$target"; \
		go test "./$$folder" -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) </dev/null; \
	done

.PHONY: sim
sim: ## play the house by seeds: SEEDS=100 START=1, or one with its trace: SEED=7 (THEME=ward; KEEP=name keeps its failure)
	go test ./internal/sim -run '^TestSim$$' -count=1 -v -timeout 0 $(if $(SEED),-seed $(SEED) $(if $(THEME),-theme $(THEME)) $(if $(KEEP),-keep $(KEEP)),-seeds $(SEEDS) -start $(START))

.PHONY: sim-mutants
sim-mutants: ## which mistakes the simulation finds: MUTANT_SEEDS=100 of each, or of those in ONLY=a,b; FIRST=1 stops at the first; ONLY=a SEED=7 shows one
	go test ./internal/sim -run '$(if $(SEED),^TestMutantSeed$$,^TestMutants$$)' -count=1 -v -timeout 0 $(if $(SEED),-seed $(SEED) $(if $(KEEP),-keep $(KEEP)),-mutants $(MUTANT_SEEDS) $(if $(FIRST),-first)) $(if $(ONLY),-only $(ONLY))

.PHONY: sim-ci
sim-ci: ## every seed and kept plan that ever failed, and 300 seeds that the commit's hash chooses
	go test ./internal/sim -run '^Test(Sim|KeptPlans)$$' -count=1 -v -timeout 30m -seeds 300 -commit $$(git rev-parse HEAD)

.PHONY: e2e
e2e: ## run against DynamoDB Local, ElasticMQ and MiniStack, which it installs
	go test -tags e2e -count=1 -v -timeout 15m -skip '^TestDeploy$$' ./e2e

.PHONY: e2e-long
e2e-long: ## e2e with its long cases
	go test -tags e2e -count=1 -v -timeout 60m -skip '^TestDeploy$$' ./e2e -long

.PHONY: e2e-deploy
e2e-deploy: ## deploy the CDK's stack onto MiniStack, drive it, update it, delete it
	go test -tags e2e -count=1 -v -timeout 20m -run '^TestDeploy$$' ./e2e

.PHONY: e2e-terraform
e2e-terraform: ## apply the Terraform module where a provider and an endpoint or account exist
	e2e/terraform.sh

.PHONY: infra-check
infra-check: ## check what infra declares: Terraform, CDK, their parity, cdk-nag
	infra/check.sh

.PHONY: dist
dist: ## build the functions' zips for arm64 and amd64, with CONFIG (rollcall.yaml) inside, and their manifest
	go run ./internal/dist/pack -version '$(VERSION)' -config '$(CONFIG)' -out dist

.PHONY: clean
clean: ## remove what was built; the tools in .cache stay
	rm -rf bin dist
