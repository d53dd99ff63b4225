# make serve · make test · make check · make install; see README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
BUILT := server/static/built/manifest.json
ASSETS := hatch_build.py $(wildcard server/assets/*.* server/assets/css/* server/assets/js/*)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help install assets serve build test test-long check format bench lighthouse lock clean

help:
	@echo "make serve     build the graph and serve it on http://127.0.0.1:8000"
	@echo "make install   make .venv with the command kg in it, and what the pages look like"
	@echo "make build     build and publish the graph without serving"
	@echo "make test      install what the tests need and run all of them"
	@echo "make test-long the tests that take minutes, too"
	@echo "make check     lint, formatting and types"
	@echo "make format    put the code into the project's format"
	@echo "make bench     measure against other servers, side by side"
	@echo "make lighthouse  measure three pages with Lighthouse"
	@echo "make lock      make the lock files anew from pyproject.toml and server/assets/package.json"

install: $(VENV)/.installed assets

# A machine that cannot reach npm still gets a server: its pages are plain.
assets: $(VENV)/.installed
	@$(MAKE) --silent --no-print-directory $(BUILT) || echo "The pages will be plain, without style sheets and scripts." >&2

$(BUILT): $(ASSETS)
	@echo "Bundling style sheets, fonts and scripts …"
	@$(BIN)/python hatch_build.py

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; name one with make PYTHON=python3.12 …" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) \
		|| { echo "No virtual environment could be made: apt install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@echo "Installing the locked packages into $(VENV) …"
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@HATCH_BUILD_NO_HOOKS=1 $(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tested: $(VENV)/.installed requirements-test.lock
	@$(BIN)/pip install --quiet --require-hashes -r requirements-test.lock
	@touch $@

$(VENV)/.clients: $(VENV)/.tested tests/clients/package-lock.json
	@cd tests/clients && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

serve: install
	@$(BIN)/kg serve

build: install
	@$(BIN)/kg build

test: $(VENV)/.clients assets
	@tests/needs.sh
	$(BIN)/pytest -m "not long" -n 2 --dist loadgroup

test-long: $(VENV)/.clients assets
	@tests/needs.sh
	$(BIN)/pytest -n 2 --dist loadgroup

check: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/kg check

format: $(VENV)/.tested
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.venv-bench/.installed: bench/requirements.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install --quiet -r bench/requirements.txt
	@touch $@

bench: $(VENV)/.installed .venv-bench/.installed
	@command -v wrk >/dev/null || { echo "wrk is missing: apt install wrk" >&2; exit 1; }
	$(BIN)/python bench/pages.py
	$(BIN)/python bench/run.py --peers .venv-bench/bin

$(VENV)/.lighthouse: $(VENV)/.tested bench/lighthouse/package-lock.json
	@cd bench/lighthouse && PATH="$(CURDIR)/$(BIN):$$PATH" npm ci --silent --no-audit --no-fund
	@touch $@

lighthouse: $(VENV)/.lighthouse assets
	@tests/needs.sh
	$(BIN)/python bench/lighthouse/run.py

lock: $(VENV)/.tested
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header pyproject.toml requirements-build.in -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header --group test --group check -c requirements.lock pyproject.toml \
		-o requirements-test.lock
	cd server/assets && PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --ignore-scripts --package-lock-only

clean:
	rm -rf $(VENV) .venv-bench dist .praksisgrafen server/static/built server/assets/node_modules
