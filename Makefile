# `make help` lists the targets. Everything installs into .venv; nothing outside this folder is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DATA ?= ../shared/data

.DEFAULT_GOAL := help
.PHONY: help demo test check gate bench fit docs clean

help: ## this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	touch $@

demo: $(STAMP) ## install into .venv, clean samples/, show what went and what stayed
	$(BIN)/cleaner batch samples/site -o out/site
	$(BIN)/cleaner batch samples/xpert-scale-ai.txt samples/opentools-scale-ai.txt -o out
	@echo; echo "What goes from samples/xpert-scale-ai.txt, and why:"; echo
	$(BIN)/cleaner explain samples/xpert-scale-ai.txt --removed
	@echo; echo "What stays (out/xpert-scale-ai.txt), its first lines:"; echo
	@grep -v '^[[:space:]]*$$' out/xpert-scale-ai.txt | cut -c1-110 | sed -n 1,8p

test: $(STAMP) ## the tests, less the slow ones
	$(BIN)/python -m pytest -q -m "not slow"

check: $(STAMP) ## lint, types, imports, rule examples, pages about the rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cleaner rules test
	$(BIN)/cleaner rules docs docs/rules --check

gate: $(STAMP) ## quality floors on labelled data (skipped where the data is absent)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python bench/gate.py $(DATA)

bench: $(STAMP) ## quality figures on labelled data in DATA
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench]'
	$(BIN)/python bench/quality.py $(DATA)/wcxb-dev.html.jsonl.xz --folds bench/models
	$(BIN)/python bench/quality.py $(DATA)/wcxb-dev.html.jsonl.xz --folds bench/models --input html
	$(BIN)/python bench/snippets.py $(DATA)/multilingual-snippets.html.jsonl.xz --folds bench/models
	$(BIN)/python bench/scaling.py
	$(BIN)/python bench/rules.py $(DATA) --folds bench/models

fit: $(STAMP) ## fit the prose model anew on the data in DATA (three hours)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[bench,fit]'
	$(BIN)/python bench/fit.py $(DATA) --cache build/rows -o cleaner/models/prose.npz --folds bench/models
	$(BIN)/python bench/fit.py $(DATA) --cache build/rows --html full -o cleaner/models/prose.npz --folds bench/models
	$(BIN)/python bench/fit.py $(DATA) --cache build/rows --html fast -o cleaner/models/prose.npz --folds bench/models
	$(BIN)/python bench/fit.py $(DATA) --cache build/rows --kinds -o cleaner/models/prose.npz --folds bench/models

docs: $(STAMP) ## write docs/rules/ from the rules
	$(BIN)/cleaner rules docs docs/rules

clean: ## remove what the other targets made
	rm -rf $(VENV) out build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
