# Everything a developer and CI needs. `make` alone tells what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

VENV := .venv
STAMP := $(VENV)/.installed
RUN_STAMP := $(VENV)/.installed-to-run
RUN := $(VENV)/bin/python
# One more than the two cores that are promised: a worker that waits for its browser or server leaves its core free.
PYTEST_WORKERS ?= 3
PYTEST_ARGS ?=
BENCH_ARGS ?=
# The longest first, so that no worker begins it last.
DRILLS := tests/jobs/test_kills.py tests/registration/test_constraints_tries.py tests/drill
DRILLED := $(VENV)/drills.xml
AUDITED := $(VENV)/audit.xml $(VENV)/pa11y.xml
# Where the results are kept: not in the repository when some are left out.
KEPT = $(if $(PYTEST_ARGS),$(VENV),docs)

# The checks load the settings; their data folder is not ./var.
CHECK_ENV := env -u DATABASE_URL -u REDIS_URL -u CELERY_BROKER_URL -u FINSAM_MODE FINSAM_VAR=$(CURDIR)/$(VENV)/var
PRODUCTION_ENV = FINSAM_MODE=production \
	DATABASE_URL=postgres://finsam:made-up@localhost/finsam \
	REDIS_URL=redis://localhost/0 \
	FINSAM_ALLOWED_HOSTS=finsam.example \
	FINSAM_SECRET_KEY="$$(head -c 48 /dev/urandom | base64)" \
	FINSAM_ENCRYPTION_KEYS="check-1:$$(head -c 32 /dev/urandom | base64)" \
	FINSAM_INDEX_KEY="$$(head -c 32 /dev/urandom | base64)" \
	FINSAM_PROXIES=1 \
	FINSAM_FORBUND_EMPLOYEE_REGISTERS=no \
	FINSAM_FORBUND_EMPLOYEE_DECISION=made-up-1 \
	FINSAM_SAMTYCKE_DECISION=made-up-2 \
	FINSAM_DATA_PROTECTION_CONTACT=made-up-1

COMPILE = uv pip compile --quiet --generate-hashes --python-version 3.11.0 --no-emit-index-url --no-emit-find-links \
	--no-header --custom-compile-command 'make requirements'

PIP = $(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes

heading = @printf '\n==> %s\n' "$(1)"

.PHONY: help run test lint types check test-postgresql test-sqlite bench drill audit requirements install

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18
	@echo "PYTEST_ARGS='-k word' and BENCH_ARGS pass more arguments on."

run: $(RUN_STAMP) ## start it here: database, demo data, web server, worker, beat; stop with Ctrl-C
	@exec $(RUN) -m finsam_site.run

test: lint types check test-postgresql test-sqlite ## everything, with all set-up; what CI runs
	$(call heading,Everything passed)

lint: $(STAMP) ## ruff: rules and format
	$(call heading,ruff check)
	@$(VENV)/bin/ruff check --output-format concise .
	$(call heading,ruff format --check)
	@$(VENV)/bin/ruff format --check --output-format concise .

types: $(STAMP) ## mypy
	$(call heading,mypy)
	@$(CHECK_ENV) $(VENV)/bin/mypy

check: $(STAMP) ## migrations are complete; the deployment check, with made-up values
	$(call heading,makemigrations --check)
	@$(CHECK_ENV) $(RUN) -W error manage.py makemigrations --check --dry-run
	$(call heading,check --deploy in production mode)
	@$(CHECK_ENV) $(PRODUCTION_ENV) $(RUN) -W error manage.py check --deploy --fail-level WARNING
	$(call heading,collectstatic in production mode)
	@rm -rf $(VENV)/var/static
	@$(CHECK_ENV) $(PRODUCTION_ENV) $(RUN) manage.py collectstatic --no-input --verbosity 0

test-postgresql: $(STAMP) ## all tests, on a PostgreSQL and Redis of their own
	$(call heading,pytest on PostgreSQL: everything)
	@$(RUN) -m tests.services --still -- $(RUN) -m pytest -n $(PYTEST_WORKERS) $(PYTEST_ARGS)

test-sqlite: $(STAMP) ## the tests marked `both`, on SQLite
	$(call heading,pytest on SQLite: what is marked both)
	@env -u DATABASE_URL -u REDIS_URL -u CELERY_BROKER_URL $(RUN) -m pytest -n $(PYTEST_WORKERS) -m both $(PYTEST_ARGS)

bench: $(STAMP) ## measure, on a PostgreSQL and Redis of its own
	@$(RUN) -m tests.services -- $(RUN) -m tests.bench $(BENCH_ARGS)

drill: $(STAMP) ## try at full size what must hold however things fall, and write docs/drills.md
	$(call heading,drills on PostgreSQL)
	@rm -f $(DRILLED); result=0; \
	FINSAM_TEST_DRILL=full FINSAM_TEST_TRIES=10000 FINSAM_TEST_KILLS=100 $(RUN) -m tests.services -- \
		$(RUN) -m pytest -n $(PYTEST_WORKERS) --junitxml $(DRILLED) $(PYTEST_ARGS) $(DRILLS) || result=$$?; \
	$(RUN) -m tests.drill.report $(KEPT)/drills.md $(DRILLED) || result=$$?; \
	exit $$result

audit: $(STAMP) ## LibreOffice opens the workbook, pa11y looks at the pages (installed if missing and may be); writes docs/audit.md
	$(call heading,audit)
	@$(RUN) -m tests.programs libreoffice pa11y
	$(call heading,what LibreOffice says of the workbook; pa11y on every page that the browser tests check)
	@rm -f $(AUDITED); result=0; \
	$(RUN) -m tests.services --still -- \
		$(RUN) -m pytest -m audit --junitxml $(word 1,$(AUDITED)) $(PYTEST_ARGS) tests || result=$$?; \
	FINSAM_TEST_PA11Y=yes $(RUN) -m tests.services --still -- \
		$(RUN) -m pytest -n $(PYTEST_WORKERS) --junitxml $(word 2,$(AUDITED)) $(PYTEST_ARGS) tests/browser || result=$$?; \
	$(RUN) -m tests.drill.report $(KEPT)/audit.md $(AUDITED) || result=$$?; \
	exit $$result

requirements: ## remake both requirements files from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing: 'pip install uv' and run again."; exit 1; }
	@$(COMPILE) pyproject.toml --output-file requirements.txt
	@$(COMPILE) --group test --constraint requirements.txt --output-file tests/requirements.txt
	@for file in requirements.txt tests/requirements.txt; do \
		sed -i '1i # Made by "make requirements" from pyproject.toml, for the oldest Python 3.11. Do not edit.' $$file; \
	done

install: $(STAMP) ## only make .venv

# Remade when the requirements change; otherwise `make run` and `make test` start at once.
$(RUN_STAMP): requirements.txt
	$(call heading,setting up $(VENV))
	@find_python() { \
		for python in python3.11 python3.12 python3.13 python3; do \
			if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
				echo "$$python"; return; \
			fi; \
		done; \
	}; \
	python=$$(find_python); \
	missing=""; \
	if [ -z "$$python" ]; then missing="python3 python3-venv"; \
	elif ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then missing="python3-venv"; fi; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Missing: $$missing. Installing with apt-get."; \
			apt-get update -q; \
			DEBIAN_FRONTEND=noninteractive apt-get install -q -y $$missing; \
			python=$$(find_python); \
		fi; \
		if [ -z "$$python" ] || ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
			echo "Missing: Python 3.11 or newer with its venv module (on Debian and Ubuntu: $$missing)."; \
			echo "Install that and run again."; exit 2; \
		fi; \
	fi; \
	"$$python" --version; \
	"$$python" -m venv $(VENV)
	@$(PIP) -r requirements.txt
	@touch $@

$(STAMP): $(RUN_STAMP) tests/requirements.txt
	$(call heading,installing what the tests need)
	@$(PIP) -r requirements.txt -r tests/requirements.txt
	@touch $@
