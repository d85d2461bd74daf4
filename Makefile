# `make` lists the targets. Everything is installed into .venv, once, and again only after
# pyproject.toml or constraints.txt has changed.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check -qq
STUDY  ?= examples/loan-documents

# Stamps: what .venv holds, and since when.
USE := $(VENV)/.installed-to-use
DEV := $(VENV)/.installed-to-develop

.DEFAULT_GOAL := help
.PHONY: help demo test check format docs bench clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(USE) ## install, decide the example study, write its report
	@$(BIN)/breakeven decide $(STUDY)
	@echo
	@echo "Change $(STUDY)/breakeven.yaml, then:  $(BIN)/breakeven decide $(STUDY)"

test: check ## all that continuous integration runs
	@tools/install_test_programs.sh
	@$(BIN)/python -m pytest -n 2

check: $(DEV) ## the quick part: style, types, one-way imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV) ## let ruff put the code in order
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

docs: $(DEV) ## run the documentation and rewrite the outputs that changed
	@$(BIN)/python -m tools.refresh_docs

bench: $(DEV) ## run the benchmarks in bench/: minutes
	$(BIN)/python -m bench.decide
	$(BIN)/python -m bench.startup
	$(BIN)/python -m bench.profile

clean: ## remove caches, builds and written reports (keeps .venv)
	@rm -rf build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find bench examples src tests tools -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	@rm -f $(wildcard examples/*/report.html)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Breakeven needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>/dev/null || echo missing)."; \
		echo "Name another one:  make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; } >&2
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "$(PYTHON) can not make virtual environments; on Debian or Ubuntu: apt install python3-venv"; \
		exit 1; } >&2
	@$(PYTHON) -m venv $(VENV)

$(USE): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Breakeven into $(VENV) (once) …"
	@$(PIP) install -c constraints.txt -e .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Breakeven and its development tools into $(VENV) (once) …"
	@$(PIP) install -c constraints.txt -e '.[dev]'
	@touch $(USE) $@
