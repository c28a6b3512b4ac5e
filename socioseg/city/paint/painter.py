"""A painter that turns any OSM data into a synthetic orthophoto."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import numpy as np
import shapely

from socioseg.city.paint import light, plots, roofs, shadows, trees, ways
from socioseg.city.paint.buildings import Building, building, is_building
from socioseg.city.paint.canvas import Canvas, View, stretch
from socioseg.city.paint.coast import Coast
from socioseg.city.paint.palette import load
from socioseg.city.paint.plots import Plot, plot
from socioseg.city.paint.urban import Density
from socioseg.features import Feature, OsmData, sort_key
from socioseg.sample import TILE_SIZE, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from socioseg.sample import Bounds

MARGIN = 200.0
"""EPSG:3857 units around a window from which OSM features can change its pixels.

Where no coast is so near, the nearest one (up to `coast.REACH`) tells whether there is sea.
"""
KEPT = 192
"""Tiles that a painter remembers (0.2 MB each)."""
FINE = 2
"""Dots that are drawn per pixel, in x and in y."""


WIDEST = 80.0
"""EPSG:3857 units that half of the widest line may take."""


class Painter:
    """Paints windows of a synthetic orthophoto of OSM data.

    Pixels depend on the ground they show, the features within `MARGIN`, and `seed`: the picture
    is made in tiles of the global pixel grid, so that windows agree where they overlap. The last
    `KEPT` tiles are remembered: windows that are painted in the order of their place are cheap.

    Parameters
    ----------
    data
        Areas, lines and points in EPSG:3857, in any order; at least those within `MARGIN` of every
        window that will be painted.
    seed
        Changes all that the data leaves open: colours, trees, cars, noise.
    """

    def __init__(self, data: OsmData, seed: int = 0) -> None:
        self.seed = seed
        areas = _bare(sorted(data.areas, key=sort_key))
        built = [one for one in areas if is_building(one.tags)]
        self._plots = Layer(_plots([one for one in areas if not is_building(one.tags)], seed))
        self._buildings = Layer(_buildings(built, self._plots.items, seed))
        lines = (ways.line(one, seed) for one in sorted(data.lines, key=sort_key))
        self._lines = Layer([one for one in lines if one is not None])
        streets = [one.feature for one in self._lines.items if one.way.rank >= 11]
        self._density = Density(built, streets)
        self._trees = trees.trees(data)
        self._coast = Coast(sorted(data.lines, key=sort_key))
        self.tile = lru_cache(maxsize=KEPT)(self._tile)

    def paint(self, window: Window) -> NDArray[np.uint8]:
        """Pixels of `window`: (size, size, 3), RGB, north up."""
        picture = np.empty((window.size, window.size, 3), np.uint8)
        for x, y in window.tiles():
            left, top = x * TILE_SIZE - window.x, y * TILE_SIZE - window.y
            rows = slice(max(0, top), min(window.size, top + TILE_SIZE))
            columns = slice(max(0, left), min(window.size, left + TILE_SIZE))
            tile = self.tile(window.zoom, x, y)
            picture[rows, columns] = tile[
                rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
            ]
        return picture

    def _tile(self, zoom: int, x: int, y: int) -> NDArray[np.uint8]:
        view = View(zoom, x * TILE_SIZE, y * TILE_SIZE, TILE_SIZE, TILE_SIZE, FINE)
        pad = _pad(view)
        view = view.grown(pad, pad, pad, pad)
        urban = self._density.over(view)
        canvas = Canvas(view, "RGBX", load().grounds["open"].ink())
        lines = self._lines.near(_wider(view.bounds, WIDEST))
        self._flood(canvas)
        plots.draw(canvas, self._plots.near(view.bounds))
        ways.draw(canvas, lines, urban)
        roofs.draw(canvas, self._buildings.near(view.bounds))
        trees.draw(canvas, self._trees.near(view.bounds))
        pixels = light.expose(canvas.image, view, urban, self._shade(view), self.seed)
        cut = slice(pad - 1, pad - 1 + TILE_SIZE)
        return pixels[cut, cut]

    def _flood(self, canvas: Canvas) -> None:
        water = load().grounds["water"].ink()
        for part in self._coast.sea(canvas.view):
            canvas.fill(part, water)

    def _shade(self, view: View) -> NDArray[np.float32]:
        west, south, east, north = view.bounds
        sunward = (west, south - shadows.REACH, east + shadows.REACH, north)
        bridges = [one for one in self._lines.near(_wider(sunward, WIDEST)) if one.layer]
        return shadows.cast(view, self._buildings.near(sunward), bridges, self._trees.near(sunward))


class _Item(Protocol):
    @property
    def feature(self) -> Feature: ...
    @property
    def order(self) -> tuple[Any, ...]: ...


T = TypeVar("T", bound=_Item)


class Layer(Generic[T]):
    """Things to draw, the lowest first, found by place."""

    def __init__(self, items: Iterable[T]) -> None:
        self.items = sorted(items, key=lambda item: item.order)
        self.tree = shapely.STRtree([item.feature.geometry for item in self.items])

    def near(self, bounds: Bounds) -> list[T]:
        """Those whose envelope meets `bounds` (EPSG:3857)."""
        return [self.items[i] for i in np.sort(self.tree.query(shapely.box(*bounds)))]


def _wider(bounds: Bounds, by: float) -> Bounds:
    west, south, east, north = bounds
    return (west - by, south - by, east + by, north + by)


def _pad(view: View) -> int:
    """Pixels around a tile from which crowns and their shadows reach into it; a multiple of 4."""
    metre = view.metre / view.fine
    return -(-int(8.5 * metre + 5) // 4) * 4


def _bare(features: Sequence[Feature]) -> list[Feature]:
    """Areas of one polygon as that polygon, which is drawn faster than a collection of one."""
    shapes = np.array([one.geometry for one in features], dtype=object)
    first = np.where(
        shapely.get_num_geometries(shapes) == 1, shapely.get_geometry(shapes, 0), shapes
    )
    return [one._replace(geometry=shape) for one, shape in zip(features, first, strict=True)]


def _sizes(features: Sequence[Feature]) -> NDArray[np.float64]:
    """Square metres on the ground of areas."""
    shapes = np.array([one.geometry for one in features], dtype=object)
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    middle = (bounds[:, 1] + bounds[:, 3]) / 2
    return np.array(
        [size / stretch(y) ** 2 for size, y in zip(shapely.area(shapes), middle, strict=True)]
    )


def _plots(features: Sequence[Feature], seed: int) -> list[Plot]:
    sizes = _sizes(features).tolist()
    found = (plot(one, size, seed) for one, size in zip(features, sizes, strict=True))
    return [one for one in found if one is not None]


def _buildings(features: Sequence[Feature], plots: Sequence[Plot], seed: int) -> list[Building]:
    """Tell what each building is, from its tags or from the smallest plot that it stands within."""
    shapes = np.array([one.geometry for one in features], dtype=object)
    tree = shapely.STRtree([one.feature.geometry for one in plots])
    inner, outer = tree.query(shapes, predicate="within")
    order = np.lexsort((outer, inner))  # the plots are sorted, the smallest last
    around = {int(i): plots[j].ground for i, j in zip(inner[order], outer[order], strict=True)}
    sizes = _sizes(features).tolist()
    return [
        building(one, size, around.get(i), seed)
        for i, (one, size) in enumerate(zip(features, sizes, strict=True))
    ]
