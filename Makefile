# make help shows the targets.
SHELL := /bin/sh
GO ?= go
# Tests write small files and wait for the disk; memory is faster where there is, and
# where there is enough of it: a container's is often 64 MiB.
RAM := $(shell test -w /dev/shm && test "$$(df -Pk /dev/shm | awk 'END { print $$4 }')" -gt 1500000 && echo /dev/shm || echo "$${TMPDIR:-/tmp}")
TEST := $(GO) test -exec "env TMPDIR=$(RAM)"
VULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: help
help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

.PHONY: demo
demo: ## play a resident and duty staff in the browser
	$(GO) run ./cmd/tsunagu demo

.PHONY: build
build: ## build ./tsunagu
	CGO_ENABLED=0 $(GO) build -trimpath -o tsunagu ./cmd/tsunagu

.PHONY: learn
learn: ## learn the base's examples anew, after a change of its words or examples
	$(GO) run config/makelearned.go

.PHONY: parts
parts: ## install what the tests need (redis-server, chromium, prometheus, a Japanese font)
	@sh .ci/parts

.PHONY: test
test: parts ## run every test but chaos
	$(TEST) -timeout 20m -skip '^TestChaos$$' ./...

CHAOS ?= -chaos.conversations 2000 -chaos.time 100s
# A disk that can be filled up needs the right to mount one: unshare lends it.
UNSHARE := $(shell [ "$$(id -u)" = 0 ] || ! unshare -rm true 2>/dev/null || echo unshare -rm)

.PHONY: chaos
chaos: parts ## residents and staff at work while everything fails, about five minutes (CHAOS="-chaos.seed 7")
	$(UNSHARE) $(TEST) -timeout 20m -count 1 -parallel 3 -v ./cmd/tsunagu -run '^TestChaos$$' -args $(CHAOS)

.PHONY: race
race: parts ## run the tests under the race detector (not cmd/tsunagu, which starts processes, nor config, which learns for minutes then and shares nothing)
	CGO_ENABLED=1 $(TEST) -timeout 20m -race $$($(GO) list ./... | grep -v -e '/cmd/tsunagu$$' -e '/config$$')

.PHONY: lint
lint: ## gofmt, vet, staticcheck
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

.PHONY: plays
plays: ## run the plays of the five cities
	$(GO) run ./cmd/tsunagu rehearse --city all

.PHONY: bench
bench: ## benchmarks, each beside its reference
	$(GO) test -run '^$$' -bench . -benchtime 1s ./triage ./bot/...

.PHONY: load
load: build ## how fast it serves, beside a bare echo (under 4 minutes; FLAGS="-h" lists more)
	$(GO) run ./cmd/load $(FLAGS)

.PHONY: fuzz
fuzz: ## every fuzz target for ten seconds
	@sh .ci/fuzz

VULNDB ?= https://vuln.go.dev

.PHONY: vuln
vuln: ## known holes in what is used (asks vuln.go.dev; VULNDB=file:///mirror asks another)
	$(GO) run $(VULNCHECK) -db $(VULNDB) ./...
