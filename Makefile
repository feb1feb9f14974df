# What one does with Carnet. `make help` lists it.
#
# Needed: Go, Node.js 20 or newer, and a C compiler for the race detector. Whatever else is missing
# (PostgreSQL, a browser, npm packages) the targets bring themselves.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# npm writes node_modules/.package-lock.json last: it stands for the whole folder.
installed = $(1)/node_modules/.package-lock.json

# The sources of a front end: everything in its folder but what is installed or built.
sources = $(shell find $(1) \( -name node_modules -o -name dist \) -prune -o -type f ! -name '*.go' ! -name '*.test.ts' -print)

BUNDLES := widgets/dist/manifest.json demo/dist/demo.js admin/dist/index.html

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: bin/carnet ## build and start Carnet with a demo calendar; Ctrl-C ends it
	@scripts/postgres.sh
	@bin/carnet serve --demo

.PHONY: build
build: bin/carnet ## build the front ends and bin/carnet

.PHONY: test
test: tools bin/carnet bin/golangci-lint ## run everything: verify, lint, Go, front ends, browser (PARTS="go e2e" for some)
	@node scripts/test.mjs $(PARTS)

.PHONY: generate
generate: $(call installed,admin) $(call installed,widgets) ## write the generated code anew, after a change of schema.graphqls or of an operation
	go tool gqlgen generate
	cd admin && npm run --silent generate
	cd widgets && npm run --silent generate

.PHONY: verify
verify: $(call installed,admin) $(call installed,widgets) ## check that generated code, go.mod and lock files are as they should be
	@scripts/verify.sh

.PHONY: lint
lint: bin/golangci-lint $(BUNDLES) ## check the Go code; .golangci.yml says what for
	@scripts/lint.sh

.PHONY: bench
bench: tools bin/carnet ## measure Carnet on a million contacts, beside pgbench, and its widgets in a browser (CONTACTS=n, SEGMENTS=n, DURATION=10s); see docs/bench.md
	@scripts/postgres.sh
	go run ./bench -contacts $(or $(CONTACTS),1000000) -segments $(or $(SEGMENTS),0) -duration $(or $(DURATION),10s)
	cd e2e && npx playwright test -c bench.config.ts

.PHONY: microbench
microbench: $(BUNDLES) ## run the Go benchmarks (BENCH=regexp for some, COUNT=n for repeats)
	@scripts/postgres.sh
	go test -run '^$$' -bench '$(or $(BENCH),.)' -benchmem -count $(or $(COUNT),1) ./...

.PHONY: clean
clean: ## remove what was built and installed; data/ stays
	rm -rf bin node_modules */node_modules scripts/postgres/node_modules graph/transport/testdata/conformance/node_modules e2e/test-results e2e/playwright-report
	find admin/dist demo/dist widgets/dist -mindepth 1 ! -name .keep -delete

# ---------------------------------------------------------------- made of

# What tests need beside this repository: PostgreSQL, a C compiler, a browser.
.PHONY: tools
tools: $(call installed,e2e)
	@scripts/postgres.sh
	@scripts/tools.sh

# Front ends are built before Go, which embeds them.
# Go knows best whether something changed, embedded files included.
.PHONY: bin/carnet
bin/carnet: $(BUNDLES)
	go build -o $@ .

# Built from source in a module of its own, pinned there; the first time takes some minutes.
bin/golangci-lint: tool/go.mod tool/go.sum
	cd tool && go build -o ../$@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

%/node_modules/.package-lock.json: %/package.json %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

widgets/dist/manifest.json: $(call installed,widgets) schema.graphqls $(call sources,widgets)
	cd widgets && npm run --silent build

demo/dist/demo.js: $(call installed,demo) $(call sources,demo)
	cd demo && npm run --silent build

admin/dist/index.html: $(call installed,admin) $(call sources,admin)
	cd admin && npm run --silent build
