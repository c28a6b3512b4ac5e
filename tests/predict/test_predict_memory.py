"""Memory does not grow with the area of a raster, but for what is found in it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from affine import Affine
from reds import picture

PROGRAM = """
import json, sys
sys.path[:0] = sys.argv[3:]
from pathlib import Path
from reds import found_in
result = found_in(Path(sys.argv[1]), Path(sys.argv[2]), window=768)
status = Path("/proc/self/status").read_text().split()
peak = int(status[status.index("VmHWM:") + 1]) / 1024
print(json.dumps({"polygons": result["polygons"], "questions": result["questions"], "peak": peak}))
"""


def large(path: Path, side: int) -> Path:
    """A raster of `side` pixels a side, with a block in each 500, written strip by strip."""
    tile = picture(500, 500, (100, 150, 260, 290))
    strip = np.tile(tile, (1, 1, side // 500))
    profile = {"driver": "GTiff", "width": side, "height": side, "count": 3, "dtype": "uint8"}
    place = Affine(0.5, 0, 355_000, 0, -0.5, 3_057_000)
    layout = {"tiled": True, "blockxsize": 512, "blockysize": 512, "compress": "deflate"}
    with rasterio.open(path, "w", crs="EPSG:32645", transform=place, **profile, **layout) as file:
        for row in range(0, side, 500):
            file.write(strip, window=rasterio.windows.Window(0, row, side, 500))
    return path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for its peak memory")
def test_a_raster_of_twenty_thousand_pixels_a_side(tmp_path: Path) -> None:
    peaks = {}
    for side in (4_000, 20_000):
        sat = large(tmp_path / f"{side}.tif", side)
        folders = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
        words = [sys.executable, "-c", PROGRAM, str(sat), str(tmp_path / "f.gpkg"), *folders]
        said = json.loads(subprocess.run(words, capture_output=True, check=True, text=True).stdout)
        assert said["polygons"] == (side // 500) ** 2
        peaks[side] = said["peak"]
    # 25 times the pixels: 1.2 GB of them, and 0.4 GB of mask, of which nothing is held whole.
    assert peaks[20_000] - peaks[4_000] < 300, peaks
