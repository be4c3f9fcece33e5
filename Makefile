# What you can do here. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PROFILE ?= dev
BIN := target/$(if $(filter release,$(PROFILE)),release,debug)
CARGO ?= cargo
# Fault points and a clock that can be stepped: in what is tested, never in what is released.
FAULTS := --features e2e/faults
YEARS := 2015-01-01 2030-12-31

.PHONY: help build demo up test check format lint docs tests spec spec-check calendar-check bench chaos image clean

help: ## List the targets.
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

build: tools ## Build every binary.
	$(CARGO) build --workspace --profile $(PROFILE)

demo: build ## Run one analysis of the sample, live, in a temporary folder; DAYS=N: one a weekday. KEEP=DIR, SVG=FILE.
	$(BIN)/analyze demo $(if $(KEEP),--keep "$(KEEP)") $(if $(DAYS),--days "$(DAYS)") $(if $(SVG),--svg "$(SVG)")

up: build ## Start server and worker on 127.0.0.1:8000 with ./data, until Ctrl-C.
	$(BIN)/analyze up

test: check tests ## Everything that CI checks: format, lints, docs, tests, the API document.

check: tools format lint docs

format:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --workspace --all-targets $(FAULTS) -- -D warnings

docs:
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" $(CARGO) doc --workspace $(FAULTS) --no-deps --document-private-items --quiet

tests: tools
	$(CARGO) build --workspace $(FAULTS)
	$(CARGO) test --workspace $(FAULTS)
	@! $(CARGO) tree --workspace -e features -i shared | grep 'feature "faults"' || { echo "fault points are in every build"; exit 1; }
	$(MAKE) --no-print-directory spec-check calendar-check

# Every session of sixteen years against an independent calendar.
calendar-check:
	@.ci/oracle
	@diff <(.venv/bin/python e2e/oracle/sessions.py $(YEARS)) \
	  <(target/debug/analyze-worker calendar --from $(word 1,$(YEARS)) --to $(word 2,$(YEARS))) \
	  && echo "calendar: the sessions of $(YEARS) agree"

spec: tools ## Write openapi.yaml anew from the code.
	$(CARGO) run --quiet -p server -- openapi > openapi.yaml.new && mv openapi.yaml.new openapi.yaml

spec-check:
	@target/debug/analyze-server openapi | diff -u openapi.yaml - > /dev/null \
	  || { echo "openapi.yaml is stale: run 'make spec' and commit it"; exit 1; }

bench: tools ## Measure the figures of the README (release build) and print them as a table. ONLY="http day", see e2e/src/bin/bench.
	$(CARGO) build --release --workspace
	target/release/bench $(ONLY)

chaos: tools ## Kill, stop, starve and lock real processes and judge what is left. N=trials, STRESS=seconds, SEED=, ONLY="kills zombies".
	$(CARGO) build --workspace $(FAULTS)
	$(BIN)/chaos $(if $(N),--trials $(N)) $(if $(STRESS),--stress $(STRESS)) $(if $(SEED),--seed $(SEED)) $(ONLY)

image: ## Build the container image.
	docker compose build

clean: ## Remove what was built.
	$(CARGO) clean

.PHONY: tools
tools:
	@.ci/tools
