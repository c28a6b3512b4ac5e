"""A tiny random Qwen2.5-VL, and engines on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from models.tinymodels import tiny_qwen

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a tiny random Qwen2.5-VL."""
    pytest.importorskip("transformers")
    return tiny_qwen(tmp_path_factory.mktemp("qwen"))
