"""What baselines/README.md says about a model of one's own, done as it says."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bench.benchset import run

if TYPE_CHECKING:
    import pytest

GUIDE = Path(__file__).parents[2] / "baselines" / "README.md"


def test_the_model_of_the_guide_runs(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = re.search(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert code is not None
    assert len(code[1].splitlines()) < 30
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    (tmp_path / "brightness.py").write_text(code[1])
    found = run(data, tmp_path / "run", "brightness:Brightness", level="class")
    assert set(found["status"]) == {"ok"}
