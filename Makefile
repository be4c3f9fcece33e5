# What you can do here. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PROFILE ?= dev
BIN := target/$(if $(filter release,$(PROFILE)),release,debug)
CARGO ?= cargo
# Fault points and a clock that can be stepped: in what is tested, never in what is released.
FAULTS := --features e2e/faults
YEARS := 2015-01-01 2030-12-31

.PHONY: help build demo up test check format lint docs tests spec spec-check contract clients browser calendar-check conformance conformance-check bench chaos lexicon image clean

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

tests: tools contract clients browser
	$(CARGO) build --workspace $(FAULTS)
	$(CARGO) test --workspace $(FAULTS)
	@features="$$($(CARGO) tree --workspace -e features -i shared)" || exit 1; \
	  ! grep 'feature "faults"' <<< "$$features" || { echo "fault points are in every build"; exit 1; }
	$(MAKE) --no-print-directory spec-check calendar-check conformance-check

# Every session of sixteen years against an independent calendar.
calendar-check:
	@.ci/python e2e/oracle
	@diff <(e2e/oracle/.venv/bin/python e2e/oracle/sessions.py $(YEARS)) \
	  <(target/debug/analyze-worker calendar --from $(word 1,$(YEARS)) --to $(word 2,$(YEARS))) \
	  && echo "calendar: the sessions of $(YEARS) agree"

spec: tools ## Write openapi.yaml anew from the code.
	$(CARGO) run --quiet -p server -- openapi > openapi.yaml.new && mv openapi.yaml.new openapi.yaml

spec-check:
	@target/debug/analyze-server openapi | diff -u openapi.yaml - > /dev/null \
	  || { echo "openapi.yaml is stale: run 'make spec' and commit it"; exit 1; }

contract: ## Lint openapi.yaml, and refuse what breaks clients without a higher version and a line in CHANGELOG.md.
	@.ci/contract

clients: ## Generate the clients in clients/ from openapi.yaml; the tests use them.
	@.ci/clients

# The browser that the tests open the page at /docs with.
browser:
	@.ci/node e2e/browser
	@node e2e/browser/browser.mjs

# A short run over the binaries that the tests have built; `make conformance` is the long one.
conformance-check:
	@.ci/conformance target/debug --examples 5

conformance: build ## Hold the running server against openapi.yaml with more than 3,000 examples. SEED=N for another choice.
	@.ci/conformance $(BIN) --examples 100 --least 3000 --seed $(or $(SEED),1)

bench: tools ## Measure the figures of the README (release build) and print them as a table. ONLY="http day", see e2e/src/bin/bench.
	$(CARGO) build --release --workspace
	target/release/bench $(ONLY)

chaos: tools ## Kill, stop, starve and lock real processes and judge what is left. N=trials, STRESS=seconds, SEED=, ONLY="kills zombies".
	$(CARGO) build --workspace $(FAULTS)
	$(BIN)/chaos $(if $(N),--trials $(N)) $(if $(STRESS),--stress $(STRESS)) $(if $(SEED),--seed $(SEED)) $(ONLY)

lexicon: ## Fit the annotator anew and judge it: TEXTS="FILE ..." of labelled texts and of those in e2e/lexicon/readings.tsv.
	$(CARGO) run --release --package e2e --bin fit -- --readings e2e/lexicon/readings.tsv --unused e2e/lexicon/unused.txt \
	  --write shared/src/sources/lexicon/weights.tsv $(TEXTS)

image: ## Build the container image.
	docker compose build

clean: ## Remove what was built.
	$(CARGO) clean

.PHONY: tools
tools:
	@.ci/tools
