# Everything runs in .venv, which the first target that needs it creates.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/installed

.DEFAULT_GOAL := help
.PHONY: help install demo test test-all lint bench clean

help:  ## list the targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 18

install: $(INSTALLED)  ## create .venv with the exact versions of constraints.txt

# torch comes first: whatever else asks for it then takes the build that is here.
$(INSTALLED): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "python3.11 or python3 was not found: install Python 3.11 or later, or give PYTHON=path"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(INSTALLED)  ## train two small leagues and report on them, in a few minutes
	$(BIN)/arena demo

test: $(INSTALLED)  ## run the tests that take no more than a few seconds each
	$(BIN)/pytest -m "not slow" -n 2

test-all: $(INSTALLED)  ## run all tests
	$(BIN)/pytest -n 2

lint: $(INSTALLED)  ## check format, style, types and the floors
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED)  ## list the benchmarks; one alone: make bench NAME=resource-throughput
	$(BIN)/python -m benchmarks $(NAME)

clean:  ## remove caches and build products; .venv and recorded runs stay
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -exec rm -rf {} +
