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


def _rounded(dots: NDArray[np.float64]) -> Any:  # noqa: ANN401 - Pillow reads the buffer of float32
    """Whole dots in the form that Pillow takes without a copy."""
    return np.rint(dots).astype(np.float32)


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

    def _holed(self, polygon: Polygon, ink: Ink | int) -> None:
        mask = Image.new("L", self.image.size)
        pen = ImageDraw.Draw(mask)
        for i, ring in enumerate([polygon.exterior, *polygon.interiors]):
            dots = self.dots(shapely.get_coordinates(ring))
            pen.polygon(_rounded(dots), fill=0 if i else 255)
        box = mask.getbbox()
        if box:
            self.image.paste(ink, box, mask.crop(box))

    def stroke(self, dots: NDArray[np.float64], metres: float, ink: Ink | int) -> None:
        """Draw a line through `dots`, `metres` wide on the ground, its bends rounded."""
        width = max(1, round(metres * self.metre))
        path = _rounded(dots)
        self.pen.line(path, fill=ink, width=width)
        if width > 3:
            radius = width / 2 - 0.5
            for x, y in path.tolist():
                self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)

    def thin(self, dots: NDArray[np.float64], metres: float, ink: Ink | int) -> None:
        """Draw a line through `dots`, `metres` wide and a dot at least, its bends as they are."""
        self.pen.line(_rounded(dots), fill=ink, width=max(1, round(metres * self.metre)))

    def strokes(self, ends: NDArray[np.float64], metres: float, ink: Ink | int) -> None:
        """Draw straight lines between `ends` (n, 2, 2; dots), `metres` wide; the unseen left out."""
        low, high = ends.min(axis=1), ends.max(axis=1)
        seen = np.all((high > -2) & (low < np.add(self.image.size, 2)), axis=1)
        width = max(1, round(metres * self.metre))
        for line in np.rint(ends[seen]).reshape(-1, 4).tolist():
            self.pen.line(line, fill=ink, width=width)

    def disc(self, dot: NDArray[np.float64], metres: float, ink: Ink | int) -> None:
        """Fill a circle of radius `metres` around a dot."""
        x, y, radius = float(dot[0]), float(dot[1]), max(0.5, metres * self.metre)
        self.pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=ink)

    @contextmanager
    def inside(self, geometry: BaseGeometry) -> Iterator[None]:
        """Keep what is drawn meanwhile within `geometry`."""
        before = self.image
        mask = Image.new("L", before.size)
        flat = Canvas.__new__(Canvas)
        flat.__dict__.update(self.__dict__, image=mask, pen=ImageDraw.Draw(mask))
        flat.fill(geometry, 255)
        box = mask.getbbox()
        kept = before.copy()
        yield
        if box:
            drawn = before.crop(box)
            before.paste(kept)
            before.paste(drawn, box, mask.crop(box))
