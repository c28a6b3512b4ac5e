"""What importing the training brings with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

BUILDING = {"rasterio", "osmium", "mapnik", "osmnx"}


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("socioseg.train.methods", BUILDING | {"torch", "transformers", "datasets", "pyarrow"}),
        ("socioseg.commands.train", BUILDING | {"torch", "transformers", "datasets", "pyarrow"}),
        ("socioseg.train.supervised", BUILDING | {"segment_anything", "socioseg.build"}),
    ],
)
def test_nothing_heavy_or_of_another_room(module: str, never: set[str]) -> None:
    code = f"import sys, {module}\nprint(sorted({never} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert found.stdout.strip() == b"[]"
