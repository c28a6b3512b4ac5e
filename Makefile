# Two commands for a newcomer: `make demo` and `make test`. Each sets itself up.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do $$p -c '' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
WORKERS ?= 2
DEMO := out/demo

.PHONY: demo test lint types bench clean

.venv/ready: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "socioseg needs Python 3.11 or newer: make PYTHON=python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	touch $@

# One thread: a network this small gains little from more, and threads that wait for each other on a
# busy machine take ten times as long.
demo: export OMP_NUM_THREADS ?= 1
demo: .venv/ready
	$(BIN)/socioseg build --region demo --out $(DEMO)/socioseg --workers $(WORKERS)
	$(BIN)/socioseg verify $(DEMO)/socioseg
	$(BIN)/socioseg train --model unet-small --dataset $(DEMO)/socioseg --out $(DEMO)/unet
	for model in empty centre oracle-box $(DEMO)/unet; do $(BIN)/socioseg bench --model $$model \
	  --dataset $(DEMO)/socioseg --out $(DEMO)/runs/$$(basename $$model) || exit; done
	$(BIN)/socioseg compare $(DEMO)/runs/unet $(DEMO)/runs/centre
	$(BIN)/socioseg report $(foreach run,unet centre oracle-box empty,$(DEMO)/runs/$(run)) --out $(DEMO)/report
	@echo "Look at $(DEMO)/report/index.html, and at the dataset's card, $(DEMO)/socioseg/README.md."
	@if [ -t 1 ] && [ "$$DISPLAY$$WAYLAND_DISPLAY" -o "$$(uname)" = Darwin ]; then \
	  $(BIN)/python -m webbrowser "file://$(CURDIR)/$(DEMO)/report/index.html"; fi

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
	$(BIN)/python benchmarks/speed/startup.py
	$(BIN)/python benchmarks/speed/inference.py
	$(BIN)/python benchmarks/speed/train.py --device cpu

clean:
	rm -rf .venv out
