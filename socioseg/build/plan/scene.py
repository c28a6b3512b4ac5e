"""Scenes: the AOIs that a window shows, and how much of it they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from socioseg.sample import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from socioseg.build.plan.aois import Aoi
    from socioseg.sample import Window


class Scene(NamedTuple):
    """The AOIs that a window shows: their positions, ascending, and what is seen of each."""

    aois: NDArray[np.int64]
    clipped: NDArray[np.object_]

    def seen(self, aoi: int) -> float:
        """Area of the AOI at position `aoi` that the window shows, in EPSG:3857 units."""
        return float(shapely.area(self.clipped[self.aois == aoi]).sum())


class AoiIndex:
    """Finds the AOIs of windows."""

    def __init__(self, aois: Sequence[Aoi]) -> None:
        self._geometries = np.array([aoi.geometry for aoi in aois], dtype=object)
        self._tree = shapely.STRtree(self._geometries)
        self._bounds = shapely.bounds(self._geometries).reshape(-1, 4)
        self._words = {
            Level.NAME: np.array([aoi.name for aoi in aois], dtype=object),
            Level.CLASS: np.array([aoi.socio_class for aoi in aois], dtype=object),
            Level.FUNCTION: np.array([aoi.function for aoi in aois], dtype=object),
        }

    def scene(self, window: Window) -> Scene:
        """What `window` shows."""
        frame = shapely.box(*window.bounds)
        found = np.sort(self._tree.query(frame))
        clipped = self._geometries[found]
        west, south, east, north = self._bounds[found].T
        xmin, ymin, xmax, ymax = window.bounds
        crossing = (west < xmin) | (south < ymin) | (east > xmax) | (north > ymax)
        clipped[crossing] = shapely.intersection(clipped[crossing], frame)
        shown = shapely.area(clipped) > 0
        return Scene(found[shown], clipped[shown])

    def matching(self, scene: Scene, level: Level, query: str) -> NDArray[np.bool_]:
        """Which AOIs of `scene` the query at `level` means: (n,) bool."""
        return np.asarray(self._words[level][scene.aois] == query, dtype=bool)

    def inside(self, scene: Scene, aoi: int, others: NDArray[np.bool_]) -> bool:
        """Whether the AOIs `others` of `scene` lie in the one at `aoi`, but for slivers."""
        parts = self._geometries[scene.aois[others]]
        common = shapely.area(shapely.intersection(parts, self._geometries[aoi]))
        return bool(np.all(common >= 0.9 * shapely.area(parts)))


def covered_share(polygons: NDArray[np.object_], window: Window, low: float, high: float) -> float:
    """Share of `window` that `polygons`, clipped to it, cover together.

    The sum of their areas stands for that of their union, which takes long, where either lies on
    the same side of both `low` and `high`.
    """
    side = window.size * window.resolution
    areas = shapely.area(polygons) / side**2
    total = float(areas.sum())
    if len(areas) < 2 or total < low or (areas.max() >= low and total <= high):
        return total
    return float(shapely.area(shapely.union_all(polygons))) / side**2
