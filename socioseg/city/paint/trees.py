"""Single trees and rows of trees that the data names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import shapely

from socioseg.city.paint.canvas import stretch
from socioseg.city.paint.machines import SUN
from socioseg.city.paint.palette import load, tint
from socioseg.city.paint.textures import GREENS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from socioseg.city.paint.canvas import Canvas
    from socioseg.city.paint.palette import Ink
    from socioseg.features import OsmData
    from socioseg.sample import Bounds

EVERY = 8.0
"""Metres between the trees of a row."""
WIDEST = 6.0
"""Metres of the greatest crown's radius."""


LAYERS = ((1.0, 0.0, 0.8), (0.8, 0.1, 1.0), (0.45, 0.28, 1.18))
"""Discs of a crown: share of its radius, how far toward the sun, brightness."""


class Trees(NamedTuple):
    """Trees by their place (n, 2; EPSG:3857), sorted from west to east."""

    places: NDArray[np.float64]

    def near(self, bounds: Bounds) -> Trees:
        """Those whose crowns may meet `bounds`."""
        west, south, east, north = bounds
        far = WIDEST * stretch(max(abs(south), abs(north)))
        first, last = np.searchsorted(self.places[:, 0], (west - far, east + far))
        column = self.places[first:last]
        return Trees(column[(column[:, 1] > south - far) & (column[:, 1] < north + far)])

    @property
    def radii(self) -> NDArray[np.float64]:
        """Metres of each crown's radius, which its place tells."""
        return 1.9 + 2.2 * self.rolls

    @property
    def rolls(self) -> NDArray[np.float64]:
        """A number in [0, 1) for each tree, which its place tells."""
        rolls: NDArray[np.float64] = (self.places @ (0.7548776662, 0.5698402909)) % 1
        return rolls


def trees(data: OsmData) -> Trees:
    """Find the trees of `data`."""
    single = [one.geometry for one in data.points if one.tags.get("natural") == "tree"]
    rows = [one.geometry for one in data.lines if one.tags.get("natural") == "tree_row"]
    places = [shapely.get_coordinates(np.array(single, dtype=object)), *_planted(rows)]
    found = np.concatenate(places)
    return Trees(found[np.lexsort((found[:, 1], found[:, 0]))])


def _planted(rows: Iterable[shapely.LineString]) -> Iterable[NDArray[np.float64]]:
    for row in rows:
        step = EVERY * stretch(row.bounds[1])
        at = np.arange(step / 4, max(row.length, step / 2), step)
        yield shapely.get_coordinates(shapely.line_interpolate_point(row, at))


@lru_cache(maxsize=1)
def _inks() -> list[list[Ink]]:
    """Ink of each layer of a crown, the lowest first, for each green."""
    code = load().grounds["crown"].code
    return [[tint(green, light, code) for green in GREENS] for _, _, light in LAYERS]


def draw(canvas: Canvas, stand: Trees) -> None:
    """Draw crowns, brighter toward the sun."""
    if canvas.metre < 0.6:
        return
    dots, radii = canvas.dots(stand.places), stand.radii
    kinds = ((stand.rolls * 97).astype(np.int64) % len(GREENS)).tolist()
    for (share, away, _), inks in zip(LAYERS, _inks(), strict=True):
        at = dots + SUN * (away * canvas.metre) * radii[:, None]
        canvas.discs(at, share * radii, [inks[kind] for kind in kinds])
