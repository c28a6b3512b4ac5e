# Two commands for a newcomer: `make demo` and `make test`. Each sets itself up.
PYTHON ?= $(shell command -v python3.12 >/dev/null 2>&1 && python3.12 -c '' 2>/dev/null && echo python3.12 || echo python3)
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

clean:
	rm -rf .venv out
