# What CI runs is what you run: these targets are the steps of .ci/run, which needs nothing but Go and a network.

.DEFAULT_GOAL := help

# How long `make fuzz-long` stays with each target, and `make prop` with each property.
FUZZTIME ?= 30s
CHECKS ?= 10000

# How long `make soak` runs, and how many records `make chaos` puts.
MINUTES ?= 1
RECORDS ?= 10000000

# Whom `make measure` compares with.
RIVALS ?= sdk

.PHONY: help test parity race prop vet lint format tidy fuzz fuzz-long bench measure cover quickstart soak chaos mutants interop interop-full vulnerabilities ci

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

test: ## run every test and example
	.ci/run test

parity: ## run the tests, and write docs/parity.md: what the originals offer, what does it here, which test shows it
	PARITY=-write .ci/run parity

race: ## the same under the race detector
	.ci/run race

prop: ## run the properties of proptest/ with CHECKS=10000 cases each
	go test ./proptest/... -rapid.checks=$(CHECKS)

vet: ## run go vet
	.ci/run vet

lint: ## run golangci-lint with .golangci.yml (the first run builds it: two minutes)
	.ci/run lint

format: ## gofmt everything
	gofmt -w .

tidy: ## bring go.mod and go.sum in line with the imports
	go mod tidy

fuzz: ## run the fuzz targets on their seeds
	.ci/run fuzz

fuzz-long: ## look for new inputs, FUZZTIME=30s for each fuzz target
	.ci/fuzz $(FUZZTIME)

bench: ## run every benchmark once, to see that it still runs
	.ci/run bench

measure: ## measure what docs/performance.md tells, and write its tables and plots (ten minutes; RIVALS=all with the KPL)
	go run ./bench -rivals $(RIVALS) -page docs/performance.md -plots docs/img

cover: ## write cover.out, and fail where what decides about records is covered below 95 %
	.ci/cover

quickstart: ## run the quickstart, and hold its figures against what it promises
	.ci/run quickstart

soak: ## simulate new seeds, and drive the state machine of proptest/ beside it, for MINUTES=1; prints what happened how often
	KINECAST_SOAK=$(MINUTES) go test -count 1 -timeout 0 -v -run '^TestSoak$$' ./proptest ./proptest/simulation

chaos: ## put RECORDS=10000000 through crashes and faults over real sockets, in order, and account for each
	go run ./proptest/chaos -records $(RECORDS) -ordered

mutants: ## break each promise on purpose, and see that the tests notice
	go run ./proptest/mutants

interop: ## have foreign servers and readers judge what we write (installs them from npm and Debian)
	.ci/interop

interop-full: ## the same with Python, the KCL and the KPL (from PyPI and Maven Central)
	.ci/interop full

vulnerabilities: ## look for known vulnerabilities in what we depend on
	.ci/run vulnerabilities

ci: ## everything above that CI runs, with the time of each step
	.ci/run
