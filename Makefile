# The commands of the house: `make run`, `make test`, and the rest by `make help`.
# Needs Go 1.26, Node 20 and make; what else the tests need, `make test` installs or names.

LISTEN ?= 127.0.0.1:8080
DATA   ?= var/vakhta.db
KILLS  ?= 200

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
COMMIT  ?= $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)

GOLANGCI = go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOTEST   = CGO_ENABLED=1 go test -race -timeout 20m
NPM      = npm --prefix frontend
# Modules of their own, so that their heavy helpers stay out of go.mod: cmd/composecheck and the like.
NESTED   = $(patsubst %/go.mod,%,$(wildcard cmd/*/go.mod))

# Version and commit are put in by -ldflags, whatever the checkout looks like.
export GOFLAGS := $(strip $(GOFLAGS) -buildvcs=false)
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD = 1

.NOTPARALLEL: # the order is meant, and the tests use every core by themselves
.PHONY: help run build test test-go test-nested test-frontend test-browser lint fmt crash bench bench-token growth soak profile wire clean needs toolchain
.DEFAULT_GOAL := help

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build everything and serve the terminal with two demo clients at http://127.0.0.1:8080
	mkdir -p $(dir $(DATA))
	exec bin/vakhta serve --listen $(LISTEN) --database-url sqlite:$(DATA) --demo

build: frontend/dist/index.html ## build the terminal and the server into bin/vakhta
	CGO_ENABLED=0 go build -trimpath -ldflags '-X main.version=$(VERSION) -X main.commit=$(COMMIT)' -o bin/vakhta ./cmd/vakhta

test: needs build test-frontend test-go test-nested test-browser ## run everything: Go with -race, real PostgreSQL, terminal, real browser

test-go: frontend/dist/index.html ## vet and test the Go packages
	go vet ./...
	$(GOTEST) ./...

test-nested: ## vet and test the modules below cmd/ that have a go.mod of their own
	set -e; for module in $(NESTED); do echo "== $$module"; (cd $$module && go vet ./... && $(GOTEST) ./...); done

test-frontend: frontend/node_modules/.package-lock.json ## type-check, lint and test the terminal without a browser
	$(NPM) run check
	$(NPM) test

test-browser: build ## test the whole program through a real browser
	$(NPM) run e2e

lint: frontend/node_modules/.package-lock.json ## golangci-lint (its first install takes minutes), tsc and biome
	set -e; for module in . $(NESTED); do echo "== $$module"; (cd $$module && $(GOLANGCI) run ./...); done
	$(NPM) run check

fmt: frontend/node_modules/.package-lock.json ## format Go and the terminal
	set -e; for module in . $(NESTED); do (cd $$module && $(GOLANGCI) fmt ./...); done
	$(NPM) run format

crash: build ## kill the server at random points KILLS times (200) and look for what is lost
	VAKHTA_TEST_KILLS=$(KILLS) $(GOTEST) -timeout 2h -run Crash -count=1 -v ./cmd/vakhta

bench: build ## measure the product beside its anchors, with targets and verdicts; QUICK=1: under ten minutes; BENCH=… passes flags
	cd cmd/bench && go run . $(if $(QUICK),-quick) $(BENCH)

growth: build ## memory of a client and CPU of an order at 1,000, 5,000, 10,000 and 19,000 clients
	cd cmd/bench && go run . -growth 1000,5000,10000,19000

soak: build ## ten minutes of 9,000 terminals, one in a hundred hostile, a kill -9 in the middle; SOAK=… passes flags
	mkdir -p var
	bin/vakhta load soak --report var/soak.html --json var/soak.json $(SOAK)

profile: build ## where the time of an order goes: 64, then 1,000 terminals as fast as they can; PROFILE=… passes flags
	mkdir -p var
	bin/vakhta load flatout --profile var/profile.pprof $(PROFILE)
	go tool pprof -top -cum -nodecount 60 bin/vakhta var/profile.pprof

bench-token: ## measure what an opening by WEB-token costs the server, on both databases
	go test -run '^$$' -bench OpeningByWebToken -benchtime 600x ./cmd/vakhta

wire: ## write frontend/src/wire.ts from the catalogue of commands
	go generate ./wsapi

clean: ## remove what was built and installed here; data in var/ stays
	rm -rf bin frontend/node_modules frontend/test-results frontend/playwright-report
	find frontend/dist -mindepth 1 ! -name .gitkeep -delete

# Packages of the terminal: npm writes this file last, and again only when the lock file is newer.
frontend/node_modules/.package-lock.json: frontend/package.json frontend/package-lock.json | toolchain
	cd frontend && npm ci
	touch $@

frontend/dist/index.html: frontend/node_modules/.package-lock.json \
		$(shell find frontend -maxdepth 1 -type f) $(shell find frontend/src frontend/public -type f)
	$(NPM) run build
	touch $@

toolchain:
	@command -v go >/dev/null || { echo 'make: Go 1.26 is needed: https://go.dev/dl' >&2; exit 1; }
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || \
		{ echo 'make: Node 20 or newer with npm is needed: https://nodejs.org' >&2; exit 1; }

# What the tests need: a C compiler with headers (-race), a browser, PostgreSQL.
needs: toolchain
	@.ci/needs
