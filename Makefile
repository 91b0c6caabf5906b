# Two commands do it all: `make demo` runs the main job, `make test` runs every test. `make help` lists the rest.

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help demo test setup check static fast serve bench clean

help:  ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */  make \1\t/' | expand -t 18

demo:  ## the main job: deploy an application, run 500 orders through it, kill it in the middle, lose nothing
	@scripts/setup run
	@$(BIN)/fogline demo

# Files are begun in the order of their names: crash tests, which take longest, before the many of services.
test: setup  ## every test: checks, all suites on SQLite, the service suites on PostgreSQL too
	@$(MAKE) --no-print-directory static
	@echo "==> Every suite, on SQLite"
	@$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder tests
	@echo "==> The service suites, on PostgreSQL"
	@$(PYTEST) -n $(WORKERS) --dist loadfile --no-loadscope-reorder --store=postgres tests/services

setup:  ## from clone to ready: virtual environment, packages, what the distribution must give
	@scripts/setup develop

check: static fast  ## format, lint, types, layers and the fast tests

static: setup  ## format, lint, types, layers
	@echo "==> Format, lint, types, layers"
	@$(BIN)/ruff format --check --quiet src tests bench examples || (echo "run: $(BIN)/ruff format src tests bench examples" && false)
	@$(BIN)/ruff check --quiet src tests bench examples
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fast: setup  ## the tests that need no processes and no servers
	@echo "==> Fast tests"
	@$(PYTEST) -n $(WORKERS) -m "not slow" tests/rules tests/tidy tests/gateway

serve: setup  ## start Fogline here
	@$(BIN)/fogline up

bench: setup  ## measure, beside a raw echo server
	@$(BIN)/python bench/run.py

clean:  ## remove what the commands above created
	rm -rf .venv .fogline .fogline-demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
