# Needs python3 (3.11 or newer), make and git. Everything else goes into .venv.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
UV_VERSION := 0.13.8
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links --no-header
# Folder of your own four tables: make demo RAW=path/to/folder
RAW ?=
# One part of the comparison: make quality ONLY='80 stores'
ONLY ?=
# Of the UI of Airflow: make airflow PORT=8081
PORT ?= 8080
# Of the dashboard: make dashboard DASHBOARD_PORT=8502
DASHBOARD_PORT ?= 8501
# Of the docs site: make docs-serve DOCS_PORT=8082
DOCS_PORT ?= 8081
# What test-quick runs.
QUICK := tests/core tests/ml tests/queries tests/sample tests/cli/test_show.py \
	tests/dbt/test_settings.py
# Of the random numbers of make faults.
SEED ?=
# make audit OFFLINE=1, where no advisory database can be reached.
OFFLINE ?=
# Of the containers; podman-compose does as well.
COMPOSE ?= docker compose

.DEFAULT_GOAL := help
.PHONY: help demo dashboard airflow up down logs test test-long test-quick coverage test-bi test-compose test-spark lint type-check audit faults format lock bench quality spark docs docs-serve clean

help:  ## List the targets.
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1 \t/' | expand -t 14

demo: .venv/run  ## Build clusters from sample input, or from RAW=folder, and print them.
ifeq ($(RAW),)
	@test -n "$$INTERNAL_DATA_DIR$$EXTERNAL_DATA_DIR" || $(BIN)/clustering generate --if-empty
	@$(BIN)/clustering run
else
	@$(BIN)/clustering run --raw '$(RAW)'
endif

dashboard: .venv/dashboard  ## Show the published clusters in the browser, at DASHBOARD_PORT.
	@$(BIN)/clustering dashboard --port $(DASHBOARD_PORT)

airflow: .venv/airflow  ## Start Airflow: runs on a schedule and for new files, with a UI on PORT.
	@$(BIN)/python -m clustering.airflow.local --port $(PORT)

up: .env .env.airflow  ## Start the containers, with the settings and secrets of .env.
	@$(COMPOSE) up --build --detach
	@echo 'In a minute: Airflow at http://localhost:8080, dbt docs at http://localhost:8081, the'
	@echo 'dashboard at http://localhost:8082,'
	@echo 'or at the ports that .env has; the password is in .env, the user is admin.'

down:  ## Stop the containers; volumes stay.
	@$(COMPOSE) down

logs:  ## Follow the logs of the containers.
	@$(COMPOSE) logs --follow --tail 100

test: .venv/dev  ## Run all tests, except those of test-long.
	@$(BIN)/pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

test-long: .venv/dev test-bi test-compose test-spark  ## Run campaigns: kills by the dozen, Superset, containers, Spark.
	@$(BIN)/pytest -m long

test-quick: .venv/dev  ## Run unit tests and one small build, in about three minutes.
	@$(BIN)/pytest --numprocesses 2 --dist loadscope $(QUICK)

coverage: .venv/dev  ## Show which lines the unit tests run.
	@$(BIN)/pytest --numprocesses 2 --dist loadscope --cov clustering --cov ml $(QUICK)

test-bi: .venv/dev  ## Install Apache Superset, and test it on published clusters.
	@$(BIN)/pytest tests/bi

test-compose: .venv/dev  ## Build the containers from a clean clone, and test them.
	@COMPOSE='$(COMPOSE)' $(BIN)/pytest tests/compose

test-spark: .venv/dev spark  ## Compare what Apache Spark builds with what DuckDB does.
	@$(BIN)/pytest tests/spark

lint: .venv/dev  ## Check style, imports and spelling, and the files of CI servers.
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/lint-imports
	@$(BIN)/codespell $$(git ls-files)
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project/models dbt_project/tests/*.sql
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

type-check: .venv/dev  ## Check the types of ml and clustering.
	@$(BIN)/ty check

audit: .venv/dev build/audit/.ready  ## Audit code, secrets, licences and packages; OFFLINE=1 without advisories.
	@$(BIN)/python .ci/audit.py $(if $(OFFLINE),--without advisories)

faults: .venv/dev  ## Break the pipeline on purpose, some 400 times, and count what is lost.
	@$(BIN)/python -m tests.faults.campaigns $(if $(SEED),--seed $(SEED))

format: .venv/dev  ## Format Python and SQL.
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format
	@$(BIN)/sqlfluff fix --disable-progress-bar dbt_project/models dbt_project/tests/*.sql

lock: $(UV)  ## Choose the newest versions that pyproject.toml allows.
	$(COMPILE) pyproject.toml --upgrade --all-extras -o locks/dev.txt
	$(COMPILE) pyproject.toml --constraint locks/dev.txt --extra airflow -o locks/airflow.txt
	$(COMPILE) pyproject.toml --constraint locks/dev.txt --extra dashboard -o locks/dashboard.txt
	$(COMPILE) pyproject.toml --constraint locks/dev.txt --extra docs -o locks/docs.txt
	$(COMPILE) pyproject.toml --constraint locks/dev.txt --extra mcp -o locks/mcp.txt
	$(COMPILE) pyproject.toml --constraint locks/dev.txt -o locks/run.txt
	$(COMPILE) locks/superset.in --upgrade -o locks/superset.txt
	$(COMPILE) locks/audit.in --upgrade -o locks/audit.txt
	$(COMPILE) locks/spark.in --upgrade -o locks/spark.txt

bench: .venv/run  ## Time each stage and its memory, on sample input or on RAW=folder.
	@$(BIN)/python -m benchmarks.stages $(if $(RAW),--raw '$(RAW)')
	@$(BIN)/python -m benchmarks.sales $(if $(RAW),--raw '$(RAW)')
	@$(BIN)/python -m benchmarks.search

quality: .venv/run  ## Measure the quality of clusters, on samples and on RAW=folder.
	@$(BIN)/python -m benchmarks.quality $(if $(RAW),--raw '$(RAW)') $(if $(ONLY),--only '$(ONLY)')

spark: build/spark/.ready  ## Install Apache Spark, for clustering seam --engine spark.

docs: .venv/docs  ## Build the docs site: guides, models, column lineage, Python API.
	@$(BIN)/python -m docs.build

docs-serve: build/docs/index.html  ## Show the docs site at http://127.0.0.1:DOCS_PORT.
	@echo 'http://127.0.0.1:$(DOCS_PORT), until Ctrl-C'
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/docs $(DOCS_PORT)

build/docs/index.html:
	@$(MAKE) docs

clean:  ## Remove everything built; input and published clusters stay.
	rm -rf .venv build *.egg-info data/warehouse/*.duckdb* data/logs dbt_project/target

.env:
	@echo 'making .env, with secrets of its own'
	@(umask 077 && $(PYTHON) -m clustering.airflow.env_file >$@.new) && mv $@.new $@

# Apache Spark, in an environment of its own.
build/spark/.ready: locks/spark.txt | $(UV)
	@$(UV) venv --quiet --clear --python $(BIN)/python build/spark
	@$(UV) pip install --quiet --python build/spark/bin/python --require-hashes -r locks/spark.txt
	@touch $@

# Tools of the audit, in an environment of their own.
build/audit/.ready: locks/audit.txt | $(UV)
	@$(UV) venv --quiet --clear --python $(BIN)/python build/audit
	@$(UV) pip install --quiet --python build/audit/bin/python --require-hashes -r locks/audit.txt
	@touch $@

.env.airflow:
	@(umask 077 && touch $@)

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed, $(PYTHON) is older: make demo PYTHON=python3.12'; exit 1; }
	@echo 'making .venv'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/run .venv/dev .venv/airflow .venv/dashboard .venv/docs .venv/mcp: .venv/%: locks/%.txt pyproject.toml | $(UV)
	@echo 'installing locks/$*.txt into .venv'
	@$(UV) pip install --python $(BIN)/python --compile-bytecode --require-hashes -r locks/$*.txt
	@$(UV) pip install --python $(BIN)/python --quiet --no-deps -e .
	@touch $@
