"""The tiny dataset, built once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.benchset import make_benchset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed."""
    root: Path = tmp_path_factory.mktemp("bench") / "town"
    make_benchset(root)
    return root
