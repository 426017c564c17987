# Two commands from a fresh clone: `make demo` and `make test`. They need Python 3.11 or newer, make and the package index.
# README.md names the plain commands beneath each target, for Windows too.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Versions that were tested together; how the file is made stands at its head.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint docs bench mutate soak clean

help:
	@echo "make demo   fill the forms of inputs/lzmvc-2020 (drafts) and inputs/demo-2020 into outputs/"
	@echo "make test   run the tests and measure what they cover"
	@echo "make lint   format, lint, types, who imports whom"
	@echo "make docs   write the generated pages again: docs/rules, docs/forms, docs/commands.md"
	@echo "make bench  measure speed and memory, into docs/benchmarks.md"
	@echo "make mutate change the rules and count what their cases notice, into docs/mutation.md"
	@echo "make soak   kill a batch at 200 random moments, read 8000 damaged files, into docs/soak.md"
	@echo "make clean  remove .venv, caches and build results"

# The seed's dossier has real defects: its drafts are written, the findings are printed and the exit code is 1.
# Any other code is a failure, 0 included: it would mean that the defects were not found.
demo: $(VENV)/installed
	@echo '$$ formgen generate inputs/lzmvc-2020 --draft -o outputs'
	@$(BIN)/formgen generate inputs/lzmvc-2020 --draft -o outputs; code=$$?; \
	if [ $$code -ne 1 ]; then echo "make demo: expected exit code 1 (findings), got $$code" >&2; exit 1; fi
	@echo
	@echo '$$ formgen generate inputs/demo-2020 -o outputs'
	@$(BIN)/formgen generate inputs/demo-2020 -o outputs
	@echo
	@echo 'outputs:'
	@find outputs -type f ! -name .gitkeep | LC_ALL=C sort | sed 's/^/  /'

test: $(VENV)/installed-test
	$(BIN)/python -m pytest --cov -n auto

lint: $(VENV)/installed-lint
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/installed-test
	$(BIN)/python -m formgen.rules.page docs/rules tests/cases
	$(BIN)/python docs/pages.py

# These two take some ten minutes each and are no part of the tests.
bench: $(VENV)/installed
	@for script in rules reading filling signing sign_off batch; do $(BIN)/python benchmarks/$$script.py $$(date -u +%F) || failed=1; done; exit $${failed:-0}

mutate: $(VENV)/installed-test
	PYTHONPATH=tests $(BIN)/python tests/mutating.py docs/mutation.md $$(date -u +%F)

soak: $(VENV)/installed-test
	PYTHONPATH=tests $(BIN)/python tests/soaking.py docs/soak.md $$(date -u +%F)
	PYTHONPATH=tests $(BIN)/python tests/soaking_files.py docs/soak.md $$(date -u +%F) --keep build/soak

clean:
	rm -rf $(VENV) build dist .coverage .coverage.* .hypothesis .mypy_cache .ruff_cache .pytest_cache .import_linter_cache

# The stamps lie inside .venv, so they go with it. A venv's own pip may be older than 25.1, which knows no --group.
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	echo "formgen needs Python 3.11 or newer; '$(PYTHON)' is not that. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) --upgrade pip
	$(INSTALL) --editable .
	@touch $@

$(VENV)/installed-%: $(VENV)/installed
	$(INSTALL) --group $*
	@touch $@
