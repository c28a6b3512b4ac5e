"""Fixtures for models: tiny ones, written once a session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tinymodels import tiny_qwen, tiny_sam, tiny_sam2

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a tiny random Qwen2.5-VL."""
    pytest.importorskip("transformers")
    return tiny_qwen(tmp_path_factory.mktemp("qwen"))


@pytest.fixture(scope="session")
def sam2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a tiny random SAM 2."""
    pytest.importorskip("transformers")
    return tiny_sam2(tmp_path_factory.mktemp("sam2"))


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of a tiny random SAM."""
    pytest.importorskip("segment_anything")
    return tiny_sam(tmp_path_factory.mktemp("sam") / "tiny.pth")
