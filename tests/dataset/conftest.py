"""A sound tiny dataset, built once and copied for every test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tiny import make_dataset

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed."""
    root: Path = tmp_path_factory.mktemp("sound") / "town"
    make_dataset(root)
    return root


@pytest.fixture
def town(sound: Path, tmp_path: Path) -> Path:
    """To be changed at will."""
    return shutil.copytree(sound, tmp_path / "town")
