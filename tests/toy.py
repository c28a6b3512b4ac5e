"""A toy region: squares on the ground near 0, 0 as OSM data, for tests of the planning."""

from __future__ import annotations

import shapely

from socioseg.build.plan.aois import Aoi
from socioseg.build.plan.samples import Planned
from socioseg.build.recipe import BuildRecipe
from socioseg.features import Feature
from socioseg.sample import Level, Window, ground_resolution

ZOOM, SIZE = 17, 256
SIDE = SIZE * ground_resolution(ZOOM)
"""Side of a window on the ground, EPSG:3857 units."""


def recipe(**changes: object) -> BuildRecipe:
    """A recipe of small windows."""
    return BuildRecipe.model_validate({"zoom": ZOOM, "size": SIZE, **changes})


def square(x: float, y: float, side: float) -> shapely.Polygon:
    """A square around x, y; all in units of a window's side."""
    half = side / 2
    return shapely.box(*(v * SIDE for v in (x - half, y - half, x + half, y + half)))


def aoi(
    number: int, x: float, y: float, side: float = 0.3, name: str = "", kind: str = "school"
) -> Aoi:
    """An AOI of a class whose function is called after it."""
    return Aoi((f"way/{number}",), name, kind, f"{kind} function", square(x, y, side))


def area(number: int, x: float, y: float, side: float, **tags: str) -> Feature:
    """An OSM area."""
    return Feature(f"way/{number}", tags, square(x, y, side))


def point(number: int, x: float, y: float, **tags: str) -> Feature:
    """An OSM node."""
    return Feature(f"node/{number}", tags, shapely.Point(x * SIDE, y * SIDE))


def planned(
    number: int, x: int, y: int, osm_ids: tuple[str, ...] = (), name: str = "", kind: str = "school"
) -> Planned:
    """A planned sample whose window starts at pixel x, y."""
    level = Level.NAME if name else Level.CLASS
    return Planned(
        id=f"{level}_{number:016x}",
        level=level,
        problem=name or kind,
        socio_name=name,
        socio_class=kind,
        socio_function="educational",
        window=Window(ZOOM, x, y, SIZE),
        aois=(),
        osm_ids=osm_ids or (f"way/{number}",),
    )
