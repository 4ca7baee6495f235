# Two commands do everything: `make chat` sets up and runs, `make test` sets up and tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: chat test check evals judge bench setup setup-dev format clean

chat: setup
	$(BIN)/mentor serve

test: setup-dev
	$(BIN)/pytest

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/mentor corpus check --no-run

evals: setup-dev
	$(BIN)/mentor eval --limit 10

judge: setup-dev
	$(PIP) --editable '.[train]'
	$(BIN)/python -m mentor_evals.training.train --data $(DATA)

bench: setup-dev
	$(BIN)/python -m mentor_evals.bench
	$(BIN)/python -m mentor_evals.load

setup: .venv/.installed

setup-dev: .venv/.installed-dev

.venv/.installed: pyproject.toml constraints.txt
	@echo "Setting up .venv (llama.cpp is compiled the first time: about 6 minutes on two cores) …"
	$(PYTHON) -m venv .venv
	$(PIP) --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed
	$(PIP) --editable '.[dev]'
	@touch $@

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache
