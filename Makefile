# Copyright (c) 2026, the cloudflare.email_security contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Everything runs from .venv, which the first call makes. Needed: Python >= 3.11, git, make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp
# Every folder below tests/ lists what it needs beside it. Some have an environment of their own, made by nox, and some
# lists are for ansible-test.
ELSEWHERE := $(patsubst %,tests/%/requirements.txt,artifact awx eda integration official_client site unit)
REQUIREMENTS := tests/dev-requirements.txt $(filter-out $(ELSEWHERE),$(wildcard tests/*/requirements.txt))
INPUTS := requirements.txt $(wildcard tests/*requirements.txt) $(wildcard tests/*/requirements.txt)

# A caller's setting must not leave the environment without byte code: every process would start slower.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-all quick benchmark setup clean

help:
	@echo "make demo        the main job, on a simulated account: apply the sample policy, drift, converge"
	@echo "make test        the checks and tests that a change needs, in ten minutes"
	@echo "make test-all    every test and check, in forty minutes; what CI runs"
	@echo "make quick       ruff, mypy and the unit tests, in about a minute"
	@echo "make benchmark   speeds and sizes, in about half an hour on a quiet machine"
	@echo "make setup       only set up .venv"
	@echo "make clean       remove everything that was generated"

demo: $(STAMP)
	@$(BIN)/python tests/demo

test: $(STAMP)
	@$(BIN)/python tests/run_all.py

# With AFTER_TEST=yes, what `make test` has just run is counted and not run again.
test-all: $(STAMP)
	@$(BIN)/python tests/run_all.py --all $(if $(AFTER_TEST),--after-test)

quick: $(STAMP)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/python tools/generate --check
	@$(BIN)/pytest -q -n 2 -m 'not thorough' --hypothesis-profile quick tests/unit

benchmark: $(STAMP)
	@$(BIN)/python tests/benchmark

setup: $(STAMP)
	@echo "$(VENV) is ready. To use it in this shell: . $(BIN)/activate"

$(STAMP): $(INPUTS)
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --compile uv
	@echo "Installing ansible-core, requests and what the tests need, which takes a minute"
	@$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python $(REQUIREMENTS:%=-r %)
	@echo "Linking this checkout into it as the collection cloudflare.email_security"
	@$(BIN)/python tests/link_checkout.py
	@touch $@

clean:
	rm -rf $(VENV) .nox .mypy_cache .pytest_cache .hypothesis .ansible tests/output
	rm -f cloudflare-email_security-*.tar.gz
	find . \( -name __pycache__ -o -name .ruff_cache \) -type d -prune -exec rm -rf {} +
