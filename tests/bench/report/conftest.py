"""Runs on a hostile dataset, and their report, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.benchset import run
from bench.report.reportset import MODEL, make_hostile

from socioseg.bench.report.write import write_report

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with `data` and the runs `chatty`, `empty` and `oracle-fill`."""
    root: Path = tmp_path_factory.mktemp("hostile")
    make_hostile(root / "data")
    chatty = root / f"{MODEL}.yaml"
    chatty.write_text("model: bench.report.reportset:Chatty\n", encoding="utf-8")
    for name, model in (
        ("chatty", str(chatty)),
        ("empty", "empty"),
        ("oracle-fill", "oracle-fill"),
    ):
        run(root / "data", root / name, model)
    return root


@pytest.fixture(scope="session")
def reported(hostile: Path) -> Path:
    """Give the report of the three runs, not to be changed."""
    runs = [hostile / name for name in ("chatty", "empty", "oracle-fill")]
    write_report(runs, hostile / "report")
    return hostile / "report"
