"""A canvas on the global pixel grid: polygons, lines and discs in EPSG:3857 become pixels."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import shapely
from PIL import Image, ImageDraw

from socioseg.sample import EARTH_RADIUS, ORIGIN, Bounds, ground_resolution

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray
    from shapely import Polygon
    from shapely.geometry.base import BaseGeometry

    from socioseg.city.paint.palette import Ink

MANY = 120
"""Vertices from which a polygon is cut to the canvas before it is drawn."""


def stretch(y: float) -> float:
    """EPSG:3857 units of one metre on the ground at northing `y`: 1 / cos(latitude)."""
    return math.cosh(y / EARTH_RADIUS)


class View(NamedTuple):
    """A rectangle of the global pixel grid of `zoom`, drawn with `fine` x `fine` dots a pixel."""

    zoom: int
    left: int
    top: int
    width: int
    height: int
    fine: int = 1

    @property
    def bounds(self) -> Bounds:
        """(xmin, ymin, xmax, ymax) in EPSG:3857."""
        res = ground_resolution(self.zoom)
        west, north = self.left * res - ORIGIN, ORIGIN - self.top * res
        return (west, north - self.height * res, west + self.width * res, north)

    @property
    def metre(self) -> float:
        """Dots of one metre on the ground, at the view's centre."""
        _, south, _, north = self.bounds
        return self.fine * stretch((south + north) / 2) / ground_resolution(self.zoom)

    def grown(self, west: int, north: int, east: int, south: int) -> View:
        """Return the view with so many pixels more on each side."""
        return self._replace(
            left=self.left - west,
            top=self.top - north,
            width=self.width + west + east,
            height=self.height + north + south,
        )


def _rounded(dots: NDArray[np.float64]) -> Any:  # noqa: ANN401 - Pillow's stubs lack buffers
    """Whole dots as float32, which Pillow reads without a copy."""
    return np.rint(dots).astype(np.float32)


def simple(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which of the geometries are polygons without holes."""
    polygons = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    whole: NDArray[np.bool_] = polygons & (shapely.get_num_interior_rings(shapes) == 0)
    return whole & ~shapely.is_empty(shapes)


class Canvas:
    """Draws in EPSG:3857 on a picture; `mode` "RGBX" takes `Ink`, "L" plain numbers."""

    def __init__(self, view: View, mode: str = "RGBX", ink: Ink | int = 0) -> None:
        self.view = view
        self.metre = view.metre
        self._west, _, _, self._north = view.bounds
        self._dots = view.fine / ground_resolution(view.zoom)
        self.image = Image.new(mode, (view.width * view.fine, view.height * view.fine), ink)
        self.pen = ImageDraw.Draw(self.image)

    def dots(self, coords: NDArray[np.float64]) -> NDArray[np.float64]:
        """Dots (n, 2), x right and y down, of points in EPSG:3857."""
        return (coords - (self._west, self._north)) * (self._dots, -self._dots)

    def ground(self, dots: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points in EPSG:3857 (n, 2) of dots."""
        return dots / (self._dots, -self._dots) + (self._west, self._north)

    def shape(self, dots: NDArray[np.float64], ink: Ink | int) -> None:
        """Fill the polygon through `dots`; nothing if there are none."""
        if len(dots) > 2:
            self.pen.polygon(_rounded(dots), fill=ink)

    def shapes(self, dots: NDArray[np.float64], inks: Sequence[Ink]) -> None:
        """Fill many polygons of as many corners each: `dots` (count, corners, 2)."""
        polygon: Any
        for polygon, ink in zip(_rounded(dots), inks, strict=True):
            self.pen.polygon(polygon, fill=ink)

    def fill(self, geometry: BaseGeometry, ink: Ink | int) -> None:
        """Fill a (multi)polygon, holes left out."""
        if shapely.get_num_coordinates(geometry) > MANY:
            geometry = shapely.clip_by_rect(geometry, *self.view.grown(2, 2, 2, 2).bounds)
        part: Any
        for part in getattr(geometry, "geoms", (geometry,)):
            if part.geom_type == "Polygon" and shapely.get_num_interior_rings(part):
                self._holed(part, ink)
            elif part.geom_type == "Polygon":
                self.shape(self.dots(shapely.get_coordinates(part)), ink)

    def fills(self, geometries: Sequence[BaseGeometry], inks: Sequence[Ink | int]) -> None:
        """Fill many (multi)polygons in their order, as `fill` does, plain ones in one go."""
        shapes = np.array(geometries, dtype=object)
        plain = simple(shapes) & (shapely.get_num_coordinates(shapes) <= MANY)
        coords, index = shapely.get_coordinates(shapes, return_index=True)
        ends = np.searchsorted(index, np.arange(len(shapes) + 1)).tolist()
        dots = _rounded(self.dots(coords))
        for i, (ink, easy) in enumerate(zip(inks, plain.tolist(), strict=True)):
            if easy:
                self.pen.polygon(dots[ends[i] : ends[i + 1]], fill=ink)
            else:
                self.fill(geometries[i], ink)

    def _holed(self, polygon: Polygon, ink: Ink | int) -> None:
        mask = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(mask)
        for i, ring in enumerate([polygon.exterior, *polygon.interiors]):
            dots = self.dots(shapely.get_coordinates(ring))
            pen.polygon(_rounded(dots), fill=0 if i else 255)
        box = mask.getbbox()
        if box:
            self.image.paste(ink, box, mask.crop(box))

    def stroke(
        self,
        dots: NDArray[np.float64],
        metres: float,
        ink: Ink | int,
        joints: NDArray[np.float64] | None = None,
    ) -> None:
        """Draw a line through `dots`, `metres` wide on the ground, rounded at its `joints`."""
        width = max(1, round(metres * self.metre))
        self.pen.line(_rounded(dots), fill=ink, width=width)
        if width > 3:
            joints = np.rint(dots if joints is None else joints)
            radius = width / 2 - 0.5
            for circle in np.hstack([joints - radius, joints + radius]).tolist():
                self.pen.ellipse(circle, fill=ink)

    def thin(self, dots: NDArray[np.float64], metres: float, ink: Ink | int) -> None:
        """Draw a line through `dots`, `metres` wide and a dot at least, its bends as they are."""
        self.pen.line(_rounded(dots), fill=ink, width=max(1, round(metres * self.metre)))

    def strokes(self, ends: NDArray[np.float64], metres: float, ink: Ink | int) -> None:
        """Draw straight lines between `ends` (n, 2, 2; dots), those that are seen."""
        low, high = ends.min(axis=1), ends.max(axis=1)
        seen = np.all((high > -2) & (low < np.add(self.image.size, 2)), axis=1)
        width = max(1, round(metres * self.metre))
        for line in np.rint(ends[seen]).reshape(-1, 4).tolist():
            self.pen.line(line, fill=ink, width=width)

    def disc(self, dot: NDArray[np.float64], metres: float, ink: Ink | int) -> None:
        """Fill a circle of radius `metres` around a dot."""
        self.discs(dot[None], np.array([metres]), [ink])

    def discs(
        self, dots: NDArray[np.float64], metres: NDArray[np.float64], inks: Sequence[Ink | int]
    ) -> None:
        """Fill circles around `dots` (n, 2), each of its own radius in metres and ink."""
        radii = np.maximum(0.5, metres * self.metre)[:, None]
        for circle, ink in zip(np.hstack([dots - radii, dots + radii]).tolist(), inks, strict=True):
            self.pen.ellipse(circle, fill=ink)

    @contextmanager
    def inside(self, geometry: BaseGeometry) -> Iterator[Canvas]:
        """Give a canvas over `geometry`; what is drawn on it is kept within `geometry`."""
        view, corner = self._over(geometry)
        part, mask = Canvas(view, self.image.mode), Canvas(view, "L")
        mask.fill(geometry, 255)
        box = (*corner, corner[0] + part.image.width, corner[1] + part.image.height)
        part.image.paste(self.image.crop(box))
        yield part
        self.image.paste(part.image, box, mask.image)

    def _over(self, geometry: BaseGeometry) -> tuple[View, tuple[int, int]]:
        """Part of the view that a geometry meets, one pixel at least, and its corner in dots."""
        low, high = self.dots(np.array(geometry.bounds).reshape(2, 2)) / self.view.fine
        west, east = (int(np.clip(x, 0, self.view.width - 1)) for x in (low[0], high[0]))
        north, south = (int(np.clip(y, 0, self.view.height - 1)) for y in (high[1], low[1]))
        view = self.view.grown(
            -west, -north, east + 1 - self.view.width, south + 1 - self.view.height
        )
        return view, (west * self.view.fine, north * self.view.fine)
