from __future__ import annotations

import subprocess
import sys

import pytest

CHECK = """
import os
names = ("PROJ_LIB", "GDAL_DATA", "ICU_DATA")
os.environ.update({names[0]: "/elsewhere"} if KEEP else {})
before = [os.environ.get(name) for name in names]
from socioseg.build.map.mapnik_env import mapnik
assert [os.environ.get(name) for name in names] == before, before
if not KEEP:
    from rasterio.crs import CRS
    assert CRS.from_epsg(26913).to_wkt()
"""


@pytest.mark.parametrize("keep", [False, True])
def test_the_environment_is_as_it_was_before(keep: bool) -> None:  # noqa: FBT001 - a parameter
    code = CHECK.replace("KEEP", str(keep))
    environment = {"PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 0, done.stderr
