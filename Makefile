# make setup | run | test | soak | lint | bench
PYTHON ?= python3
BIN := .venv/bin
# test databases in memory where there is such a folder: thousands of small commits wait for a disk otherwise
IN_MEMORY := PYTEST_DEBUG_TEMPROOT=$(shell test -w /dev/shm && echo /dev/shm || echo /tmp)

.PHONY: setup setup-dev run test soak lint bench
.DEFAULT_GOAL := run

setup: .venv/runs  ## .venv with exactly the pinned packages; a second call is instant

.venv/runs: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit("Cần Python 3.11 trở lên / Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Cài thư viện / installing packages …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

setup-dev: .venv/tests

.venv/tests: .venv/runs requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

run: setup  ## bot + simulator on one port; prints the addresses
	@exec $(BIN)/python -m bot run

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m knowledge check

test: lint  ## every check and test, as CI runs them
	$(IN_MEMORY) $(BIN)/pytest -n 3 --dist loadgroup -m "not soak"

soak: setup-dev  ## the long fault runs
	$(BIN)/pytest -m soak

bench: setup-dev  ## figures as ratios in one run; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks
