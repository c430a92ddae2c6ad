# Frontdesk: every task that a developer has. `make help` lists them.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header --no-emit-index-url \
	--python-version 3.11 --exclude-newer "7 days"

.PHONY: help run test check bench bench-search bench-chat bench-guard bench-cache bench-route bench-evals pictures manage logs pins

help: ## List these tasks
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 16

run: ## Start everything on this machine; PORT=8000 chooses the port
	@$(PYTHON) app/preflight.py
	@$(MAKE) --silent .venv/installed-local
	@exec $(BIN)/python -m app.run

test: check ## Run every check and test; ARGS="-k word" chooses
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -rs $(ARGS)

check: ## Run the checks that start nothing
	@$(PYTHON) app/preflight.py
	@$(MAKE) --silent .venv/installed-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/djade --check --target-version 5.2 $$(find templates -name '*.html')
	$(BIN)/lint-imports
	$(BIN)/python -m mypy
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m django check --deploy --fail-level WARNING
	DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m django makemigrations --check --dry-run

bench: bench-search bench-chat bench-guard bench-cache bench-route bench-evals ## Run every benchmark; figures also go to var/bench

bench-search: .venv/installed-dev ## Measure search; DATA=file.json chooses the questions
	@$(BIN)/python -m tests.benchmarks.search $(if $(DATA),"$(DATA)")

bench-chat: .venv/installed-dev ## Measure chats that stream at the same time
	@$(BIN)/python -m tests.benchmarks.chat

bench-guard: .venv/installed-dev ## Measure what the checks stop; DATA=file.json adds personal data
	@$(BIN)/python -m tests.benchmarks.guard $(if $(DATA),"$(DATA)")

bench-cache: .venv/installed-dev ## Measure saved answers; DATA=file.json is a stream of questions
	@$(BIN)/python -m tests.benchmarks.answer_cache $(if $(DATA),"$(DATA)")

bench-route: .venv/installed-dev ## Simulate the choice of a model over a day; DATA=file.json, SEED=7
	@SEED="$(SEED)" $(BIN)/python -m tests.benchmarks.route $(if $(DATA),"$(DATA)")

bench-evals: .venv/installed-dev ## Measure what the runner of the evals adds, and its pages; CASES=48 chooses the load
	@$(BIN)/python -m tests.benchmarks.evals

pictures: .venv/installed-dev ## Take the docs' pictures from a `make run` on PORT
	@$(BIN)/python docs/take_pictures.py

manage: .venv/installed-local ## Run one of Django's commands: ARGS="search 'due date'"
	@$(BIN)/python manage.py $(ARGS)

logs: ## Follow the logs of a `make run` that is under way
	@tail -n 20 -F var/log/*.log

pins: .venv/bin/uv ## Pin the latest versions that are at least seven days old
	@for name in requirements-uv requirements requirements-local requirements-dev; do \
		$(COMPILE) --upgrade $$name.in --output-file $$name.txt || exit 1; \
	done

# pip knows more ways to a package index than uv: settings of the machine that uv does not read.
INSTALL = echo "Installing what $(1) names …"; \
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement $(1) || \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement $(1)

.venv/bin/uv: requirements-uv.txt
	@echo "Making .venv …"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

.venv/installed-local: requirements-local.txt .venv/bin/uv
	@$(call INSTALL,$<)
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/bin/uv
	@$(call INSTALL,$<)
	@touch $@ .venv/installed-local
