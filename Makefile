# Commands for contributors. CONTRIBUTING.md says when to use each command.
PYTHON ?= .venv/bin/python

.PHONY: help fast test lint docs chaos bench

help:  ## List the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

fast:  ## Tests that need no database
	$(PYTHON) -m pytest -q -n 3 --dist worksteal -m fast

test:  ## All tests that CI runs on each push
	$(PYTHON) -m pytest -q -n 6 --dist worksteal

lint:  ## Lint, format, types, prose
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	git ls-files -z '*.md' ':!rfqflow/prompts' ':!tests' ':!docs/reference' | xargs -0 $(dir $(PYTHON))proselint --config .proselintrc.json check

docs:  ## Write the generated files again, build the site
	$(PYTHON) -c "from rfqflow.database import migrate; print(migrate.script(inline=False), end='')" > build-install.sql
	mv build-install.sql sql/install.sql
	$(PYTHON) docs/generate.py
	$(PYTHON) docs/generate_picture.py
	$(PYTHON) -m mkdocs build --strict --quiet

chaos:  ## Faults and load against real servers
	$(PYTHON) -m tests.chaos --tier push

bench:  ## Benchmarks; `python -m tests.bench --help` lists the parts
	$(PYTHON) -m tests.bench
