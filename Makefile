# Two commands for a newcomer: `make demo` and `make test`. Each sets itself up.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
WORKERS ?= 2

.PHONY: demo test lint types bench clean

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "socioseg needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

demo: .venv/ready
	$(BIN)/socioseg build --region demo --out out/demo/socioseg --workers $(WORKERS)
	$(BIN)/socioseg verify out/demo/socioseg
	@echo "Look at out/demo/socioseg/README.md and its pictures; load it from out/demo with datasets.load_dataset('socioseg')."

test: .venv/ready
	$(BIN)/python -m pytest -n $(WORKERS)

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/ready
	$(BIN)/mypy

bench: .venv/ready
	$(BIN)/python benchmarks/speed/osm.py
	$(BIN)/python benchmarks/speed/build.py
	$(BIN)/python benchmarks/speed/score.py

clean:
	rm -rf .venv out
