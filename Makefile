# Bare `make` lists the targets. Tools are pinned in tools/go.mod.
LINT = go tool -modfile=tools/go.mod golangci-lint
FUZZTIME ?= 1m
BENCH ?= .
ROWS ?= 2000000
PLATFORMS = linux/amd64 linux/arm64 darwin/arm64 windows/amd64

.DEFAULT_GOAL := help
.PHONY: help deps check fmt lint stats test race fuzz bench torture generate screenshots build build-all clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-11s %s\n", $$1, $$2 }' Makefile

deps: ## install what the tests run against, where it is missing
	@scripts/deps.sh

check: fmt lint stats ## what to run before a commit: format, lint, sizes, short tests
	go test -short -shuffle=on ./...

fmt: ## fail on files that are not formatted
	$(LINT) fmt --diff

lint: ## vet and the linters of .golangci.yml
	go vet ./...
	$(LINT) run

stats: ## sizes and import levels; fails over the limits
	go test -count=1 -v -run '^Test(Stats|Sizes|ImportLevels|Borders|Habits)$$' .

test: deps ## everything, both engines included, never skipped
	go test -timeout 25m ./...

race: deps ## everything under the race detector
	go test -race -timeout 30m ./...

fuzz: ## every fuzz target for FUZZTIME (1m)
	@scripts/fuzz.sh $(FUZZTIME)

bench: deps ## benchmarks, each beside its own limit; BENCH=pattern picks some, ROWS=2000000 work orders
	go test -run '^$$' -bench '$(BENCH)' -benchtime 1x -timeout 60m ./bench
	go test -run '^$$' -bench '$(BENCH)' -benchtime 20x -timeout 120m ./internal/store/tasks -tasks.rows=$(ROWS)
	go test -run '^$$' -bench '$(BENCH)' -benchmem -timeout 60m $$(go list ./... | grep -v -e /bench$$ -e /store/tasks$$)

torture: deps ## the whole crash suite: hundreds of kills, syscall sweep, power cuts
	go test -tags torture -count=1 -v -run '^TestTorture' -timeout 3h ./...

generate: ## write docs/configuration.yaml and the documents of the explorer's tests anew
	go run ./cmd/propusk config describe > docs/configuration.yaml.new
	mv docs/configuration.yaml.new docs/configuration.yaml
	go test ./internal/explorer -run '^Test(OpenAPI|Postman)$$' -update

screenshots: deps ## take the pictures of the README anew: docs/images
	go test -tags screenshots -count=1 -run '^TestScreenshots$$' ./test/browser

build: ## bin/propusk, without cgo
	CGO_ENABLED=0 go build -buildvcs=auto -trimpath -ldflags=-s -o bin/ ./cmd/propusk

build-all: ## dist/propusk-OS-ARCH for linux, darwin and windows
	@for p in $(PLATFORMS); do echo "build $$p"; \
	CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} go build -buildvcs=auto -trimpath -ldflags=-s \
	-o dist/propusk-$${p%/*}-$${p#*/} ./cmd/propusk || exit 1; done

clean: ## remove what was built
	rm -rf bin dist
