# Everything goes through .venv, which requirements/install.py makes from pinned hashes.
# A sub-command's own words follow in ARGS: make run ARGS="--port 8001 --no-demo"
PYTHON ?= python3
ARGS ?=
PY := .venv/bin/python
SOURCES := aeghash organization wallets mining risk withdrawals bonus partners tests bench manage.py requirements
export PYTHONUTF8 := 1

.PHONY: help run test prove bench lint format types floors openapi lock translations browser tour \
	db-init db-migrate db-upgrade db-downgrade db-history install install-dev

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-14s %s\n", $$1, $$2}' Makefile

install:
	@$(PYTHON) requirements/install.py base

install-dev:
	@$(PYTHON) requirements/install.py dev

run: install  ## set everything up and run the product on http://127.0.0.1:8000
	@exec $(PY) manage.py up --follow-parent $(ARGS)

test: install-dev  ## set everything up and pass the whole test-suite (small sizes of each proof)
	@$(PY) -m pytest -n 2 $(ARGS)

prove: install-dev  ## the same with the full sizes
	@$(PY) -m pytest -n 2 --prove $(ARGS)

browser: install-dev  ## the browser tests, in the Chromium on the PATH
	@$(PY) -m pytest tests/e2e --browser-tests $(ARGS)

tour: install-dev  ## take the pictures of docs/tour anew, of the demo in a browser
	@$(PY) -m pytest tests/e2e/test_tour.py --browser-tests --tour $(ARGS)

bench: install-dev  ## every yardstick, side by side, as one table
	@$(PY) -m bench $(ARGS)

lint: install-dev  ## ruff (rules, format), Django templates, dependencies, fresh locks
	@$(PY) -m ruff check $(SOURCES)
	@$(PY) -m ruff format --check $(SOURCES)
	@$(PY) -m deptry . --no-ansi
	@$(PY) requirements/lock.py --check

format: install-dev  ## mend what ruff can mend
	@$(PY) -m ruff check --fix $(SOURCES)
	@$(PY) -m ruff format $(SOURCES)

types: install-dev  ## mypy, strict
	@$(PY) -m mypy $(SOURCES)

floors: install-dev  ## who may import whom
	@$(PY) -c "from importlinter.cli import lint_imports_command; lint_imports_command()" --no-cache

openapi: install-dev  ## the API's description is valid and made without a warning
	@$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null

lock: install-dev  ## pin requirements/*.in anew (needs the network)
	@PATH="$(CURDIR)/.venv/bin:$$PATH" $(PY) requirements/lock.py

translations: install-dev  ## collect the sentences and compile the catalogues
	@$(PY) manage.py collect_translations

db-init: install  ## make the database and bring it up to date
	@$(PY) manage.py migrate

db-migrate: install  ## write migrations for changed models: make db-migrate m=add_rank
	@$(PY) manage.py makemigrations $(if $(m),--name $(m)) $(ARGS)

db-upgrade: install  ## apply what is pending
	@$(PY) manage.py migrate $(ARGS)

db-downgrade: install  ## undo the newest migration, or: make db-downgrade ARGS="core 0001"
	@$(PY) manage.py db_downgrade $(ARGS)

db-history: install  ## which migrations are applied
	@$(PY) manage.py showmigrations $(ARGS)
