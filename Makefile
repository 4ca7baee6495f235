# Two commands do everything: `make chat` sets up and runs, `make test` sets up and tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet --constraint constraints.txt

WIDGET := ui/mentor_ui/static/widget/widget.js

.PHONY: chat portal test check evals judge points in-context bench sbom audit setup setup-dev widget widget-with-npm format clean

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

points: setup-dev
	$(PIP) --editable '.[train]'
	$(BIN)/python -m mentor_evals.training.points --data $(DATA)
	$(BIN)/python -m mentor_evals.training.grading

in-context: setup-dev
	$(PIP) --editable '.[train]'
	$(BIN)/python -m mentor_evals.training.in_context

bench: setup-dev
	$(BIN)/python -m mentor_evals.bench

sbom: setup .venv-audit/.installed
	@mkdir -p build
	.venv-audit/bin/cyclonedx-py environment --validate --output-reproducible \
	  --pyproject pyproject.toml --output-file build/sbom.json $(BIN)/python
	@if [ -f $(WIDGET) ]; then \
	  npm sbom --sbom-format cyclonedx --prefix ui/widget > build/sbom-widget.json; fi

audit: .venv-audit/.installed
	.venv-audit/bin/pip-audit --strict --no-deps --disable-pip --requirement constraints.txt
	npm audit --prefix ui/widget

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

.venv-audit/.installed: Makefile
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/pip --disable-pip-version-check install --quiet cyclonedx-bom==7.5.0 pip-audit==2.10.1
	@touch $@

format:
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv .venv-audit build dist ui/widget/node_modules ui/mentor_ui/static/widget .mypy_cache .ruff_cache .pytest_cache
