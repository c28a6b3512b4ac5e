"""The coloured dataset, built once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from train.colours import make_colours

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not to be changed."""
    root: Path = tmp_path_factory.mktemp("train") / "colours"
    make_colours(root)
    return root


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
