# Two commands do everything: `make chat` sets up and runs, `make test` sets up and tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt

WIDGET := ui/mentor_ui/static/widget/widget.js

.PHONY: chat portal test check evals judge bench setup setup-dev widget widget-with-npm format clean

chat: setup
	$(BIN)/mentor serve

portal: setup
	$(BIN)/python ui/portal-demo/run.py

test: setup-dev
	@if [ -f $(WIDGET) ]; then npm test --silent --prefix ui/widget; fi
	$(BIN)/pytest

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/codespell
	$(BIN)/mentor corpus check --no-run
	@if [ -f $(WIDGET) ]; then npm run --silent check --prefix ui/widget; fi

evals: setup-dev
	$(BIN)/mentor eval --limit 10

judge: setup-dev
	$(PIP) --editable '.[train]'
	$(BIN)/python -m mentor_evals.training.train --data $(DATA)

bench: setup-dev
	$(BIN)/python -m mentor_evals.bench

setup: .venv/.installed widget-with-npm

setup-dev: .venv/.installed-dev widget-with-npm

widget: $(WIDGET)

widget-with-npm:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory widget \
	|| echo "The widget could not be built; everything else works."; fi

$(WIDGET): $(wildcard ui/widget/src/*) ui/widget/build.mjs ui/widget/package-lock.json
	npm ci --prefix ui/widget --silent --no-audit --no-fund
	npm run --silent build --prefix ui/widget

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
	rm -rf .venv build dist ui/widget/node_modules ui/mentor_ui/static/widget .mypy_cache .ruff_cache .pytest_cache
