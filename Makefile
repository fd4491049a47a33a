# make demo   the story, on this machine, with nothing to set up
# make test   everything that is tested
# make check  what CI runs: lint, types, docs, tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PLUGINS := $(sort $(wildcard plugins/*))

.PHONY: demo test hunt simulate simulate-mutants kill-test lint types docs docs-check bench check constraints clean

$(STAMP): constraints.txt pyproject.toml $(wildcard plugins/*/pyproject.toml)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . $(addprefix -e ,$(PLUGINS))
	@touch $@

demo: $(STAMP)
	@$(BIN)/hub demo

test: $(STAMP)
	$(BIN)/pytest -n 3 --dist worksteal

# The laws on many new examples, and many new worlds; what they find becomes a test of its own.
hunt: $(STAMP)
	HUB_LAWS=hunt $(BIN)/pytest -n 2 tests/laws plugins -k "law or laws"
	$(BIN)/python -m tests.simulation --worlds $(WORLDS) --first $$(date +%s) --jobs $(JOBS)

# Simulated worlds, each of which follows from its seed; of what goes wrong in one, the shortest story is told.
# WORLDS=20000, of all kinds together, from FIRST=0 on; or KIND=plain, families, undone, guarded or reconfigured, the last three also as
# undone-families and so on; or SEED=17 alone, or ONLY=3,8 of its parts.
WORLDS ?= 2000
FIRST ?= 0
JOBS ?= 2
simulate: $(STAMP)
	@$(BIN)/python -m tests.simulation --worlds $(WORLDS) --first $(FIRST) --jobs $(JOBS) \
		$(if $(KIND),--kind $(KIND)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

# How soon the simulation finds each bug that is planted for it.
simulate-mutants: $(STAMP)
	@$(BIN)/python -m tests.simulation --mutants --jobs $(JOBS)

# `kill -9` at every moment of a sync, so many times with healthy services and as many with faulty ones.
KILLS ?= 200
kill-test: $(STAMP)
	HUB_KILLS=$(KILLS) $(BIN)/pytest -n 2 --dist worksteal tests/e2e/test_kills.py

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy hub $(wildcard plugins/*/hub_*)

docs: $(STAMP)
	$(BIN)/python -m docs.generate

# The reference is what the code says, and every command and setting that a page shows is understood.
docs-check: $(STAMP)
	$(BIN)/python -m docs.generate --check
	$(BIN)/pytest -q tests/test_docs.py

# Some minutes; `make bench BENCH=--quick` takes less than one. What the figures mean: docs/performance.md
bench: $(STAMP)
	$(BIN)/python -m bench $(BENCH)

check: lint types docs-check test

# Needs pip-tools, which is installed into a throw-away environment.
constraints:
	rm -rf $(VENV)-pins && $(PYTHON) -m venv $(VENV)-pins && $(VENV)-pins/bin/pip install --quiet pip-tools
	$(VENV)-pins/bin/pip-compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-trusted-host \
		--no-header --no-annotate --strip-extras --allow-unsafe --output-file constraints.txt constraints.in
	rm -rf $(VENV)-pins

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis
