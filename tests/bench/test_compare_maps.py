"""Two runs on the same samples under different maps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from bench.benchset import PER_LEVEL, run
from dataset.tiny import encode, make_dataset, make_row, square_mask

from socioseg.bench.compare import compare
from socioseg.errors import OutputError
from socioseg.sample import Level

if TYPE_CHECKING:
    from pathlib import Path

BLACK = encode(np.zeros((64, 64, 3), dtype=np.uint8))


def _redrawn(root: Path, wider: int = 0) -> Path:
    """The full samples of `benchset` under black maps, in another order; masks may be wider."""
    rows = [
        ("test", make_row(level, "test", number, square_mask(8 + number + wider),
                          map_image=BLACK, map_style="black"))
        for level in Level
        for number in reversed(range(PER_LEVEL - 1))
    ]  # fmt: skip
    make_dataset(root, rows)
    return root


def test_samples_are_paired_across_maps(data: Path, tmp_path: Path) -> None:
    other = _redrawn(tmp_path / "set")
    for number, where in enumerate((data, data, other)):
        model = "oracle-fill" if number else "bench.benchset:Bright"
        run(where, tmp_path / f"run{number}", model)
    result = compare(tmp_path / "run0", tmp_path / "run2")
    assert (result["shared"], result["only_first"], result["only_second"]) == (12, 3, 0)
    result = compare(tmp_path / "run1", tmp_path / "run2")
    assert result["levels"]["all"]["metrics"]["giou"]["value"] == 0
    assert result["levels"]["all"]["clusters"] == PER_LEVEL - 1


def test_other_truth_is_refused(data: Path, tmp_path: Path) -> None:
    other = _redrawn(tmp_path / "set", wider=1)
    run(data, tmp_path / "one", "empty")
    run(other, tmp_path / "two", "empty")
    with pytest.raises(OutputError, match="do not agree on what is true of name_"):
        compare(tmp_path / "one", tmp_path / "two")
