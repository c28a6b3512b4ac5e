"""Specs: imagery as plain values that a worker opens."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from socioseg.build.imagery.raster import RasterImagery, RasterInfo
from socioseg.build.imagery.source import ImagerySource
from socioseg.build.imagery.tiles import TileImagery
from socioseg.city.paint import Painter

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from socioseg.build.imagery.source import Imagery
    from socioseg.build.imagery.tilesource import TileSource
    from socioseg.features import OsmData
    from socioseg.sample import Bounds, Window

SYNTHETIC = "synthetic"
SYNTHETIC_SOURCE = ImagerySource(
    id=SYNTHETIC,
    license="ODbL-1.0",
    license_url="https://opendatacommons.org/licenses/odbl/1-0/",
    attribution="Synthetic picture painted by SocioSeg from OpenStreetMap data",
    redistribute="yes",
)


class Synthetic(NamedTuple):
    """Pictures painted from the OSM data itself."""

    seed: int
    source: ImagerySource = SYNTHETIC_SOURCE


@dataclass(frozen=True)
class Tiles:
    """XYZ tiles that were fetched into a cache; `failures` gives the reason of the others."""

    tiles: TileSource
    cache: Path
    max_invalid: float
    failures: dict[tuple[int, int, int], str] = field(default_factory=dict)

    @property
    def source(self) -> ImagerySource:
        """Where the pixels come from."""
        return self.tiles.source


ImagerySpec = Synthetic | Tiles | RasterInfo
"""Plain values that a worker opens."""


class SyntheticImagery:
    """Imagery painted from `data`."""

    def __init__(self, spec: Synthetic, data: OsmData) -> None:
        self.source = spec.source
        self._painter = Painter(data, spec.seed)

    @property
    def coverage(self) -> Bounds | None:
        """Endless."""
        return None

    def read(self, window: Window) -> NDArray[np.uint8]:
        """Paint `window`: (size, size, 3), RGB."""
        return self._painter.paint(window)


def open_imagery(spec: ImagerySpec, data: OsmData) -> Imagery:
    """Open what `spec` says, in this process; synthetic pictures are painted from `data`."""
    if isinstance(spec, Synthetic):
        return SyntheticImagery(spec, data)
    if isinstance(spec, Tiles):
        return TileImagery(spec.tiles, spec.cache, spec.failures, max_invalid=spec.max_invalid)
    return RasterImagery(spec)


def coverage(spec: ImagerySpec) -> Bounds | None:
    """Extent of `spec` in EPSG:3857; None where it is not known or endless."""
    return spec.coverage if isinstance(spec, RasterInfo) else None


def imagery_identity(spec: ImagerySpec) -> str:
    """What tells one state of a source from another: files by size and time, services by name."""
    if isinstance(spec, RasterInfo):
        return " ".join(f"{Path(f.path).name} {f.size} {_stamp(f.path)}" for f in spec.files)
    return spec.source.id


def _stamp(path: str) -> str:
    """Size and time of a local file; nothing for an address."""
    if not Path(path).exists():
        return ""
    status = Path(path).stat()
    return f"{status.st_size} {status.st_mtime_ns}"
