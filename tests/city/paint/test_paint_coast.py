"""The sea of the painter: on the right of coasts, the same in every window, near and far."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from socioseg.build.osm.files import read_osm_file
from socioseg.city.paint import MARGIN, Painter
from socioseg.city.paint.canvas import View
from socioseg.city.paint.coast import REACH, Coast
from socioseg.features import Feature, FeatureIndex, OsmData
from socioseg.sample import ORIGIN, TILE_SIZE, Window, ground_resolution
from socioseg.sea import sea_within

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

X, Y = -8_527_000.0, 4_762_000.0
RES = ground_resolution(17)


def coast(points: list[tuple[float, float]], number: int = 1) -> Feature:
    line = shapely.LineString([(X + x, Y + y) for x, y in points])
    return Feature(f"way/{number}", {"natural": "coastline"}, line)


WAVES = coast([(60 * math.sin(y / 90), y) for y in range(-9000, 9001, 30)])  # sea in the east
PAINTER = Painter(OsmData(lines=[WAVES]))


def window(east: float, size: int = 256, zoom: int = 17) -> Window:
    res = ground_resolution(zoom)
    x, y = (X + east + ORIGIN) / res, (ORIGIN - Y) / res
    return Window(zoom, int(x) - size // 2, int(y) - size // 2, size)


def wet(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a picture of water and open ground is blue."""
    blue: NDArray[np.bool_] = picture[..., 2].astype(int) > picture[..., 0]
    return blue


@pytest.mark.parametrize("zoom", [15, 16, 17, 18])
def test_the_sea_lies_on_the_right_of_a_coast(zoom: int) -> None:
    picture = PAINTER.paint(window(0, 512, zoom))
    side = round(70 / ground_resolution(zoom)) + 6
    assert wet(picture)[:, 256 + side :].mean() > 0.99
    assert wet(picture)[:, : 256 - side].mean() < 0.01


@pytest.mark.parametrize(("east", "share"), [(-4000, 0), (-900, 0), (900, 1), (4000, 1)])
def test_the_nearest_coast_tells_the_side_of_a_window_without_one(
    east: float, share: float
) -> None:
    assert abs(wet(PAINTER.paint(window(east))).mean() - share) < 0.01


def test_a_coast_too_far_away_tells_nothing() -> None:
    away = window(REACH + 2 * TILE_SIZE * RES)
    assert np.array_equal(PAINTER.paint(away), Painter(OsmData()).paint(away))


def test_an_island_is_land() -> None:
    ring = coast([(-90, -90), (90, -90), (90, 90), (-90, 90), (-90, -90)])
    picture = wet(Painter(OsmData(lines=[ring])).paint(window(0)))
    assert not picture[100:156, 100:156].any()
    assert picture[:40].all()


@settings(max_examples=10, deadline=None)
@given(st.integers(-400, 400), st.integers(-400, 400))
def test_windows_at_a_coast_agree_where_they_overlap(dx: int, dy: int) -> None:
    one = window(0, 200)
    other = one._replace(x=one.x + dx % 150, y=one.y + dy % 150)
    a = Painter(OsmData(lines=[WAVES])).paint(one)[dy % 150 :, dx % 150 :]
    b = PAINTER.paint(other)[: 200 - dy % 150, : 200 - dx % 150]
    assert np.array_equal(a, b)


def test_neighbouring_tiles_agree_on_the_sea() -> None:
    sides = Coast([WAVES])
    for i, j in itertools.product(range(-6, 6), range(-3, 3)):
        view = View(17, *window(0)[1:3], TILE_SIZE, TILE_SIZE).grown(
            -256 * i, -256 * j, 256 * i, 256 * j
        )
        _, south, east, north = view.bounds
        border = shapely.LineString([(east, south), (east, north)]).buffer(0.5)
        both = [shapely.union_all(sides.sea(one)) for one in (view, view.grown(-256, 0, 256, 0))]
        here, there = (one.intersects(border) for one in both)
        overlap = [one.intersection(border).area for one in both]
        assert here == there
        assert abs(overlap[0] - overlap[1]) < 1.0


def test_a_slice_is_enough_for_a_window_with_a_coast() -> None:
    pieces = [coast([(0, y), (0, y + 100)], 10_000 + y) for y in range(-5000, 5000, 100)]
    at = window(250, 512)
    west, south, east, north = at.bounds
    data = OsmData(lines=pieces)
    near = FeatureIndex(data).within((west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN))
    assert len(near.lines) < len(pieces) / 4
    assert np.array_equal(Painter(near).paint(at), Painter(data).paint(at))


def test_without_a_coast_nothing_is_flooded() -> None:
    assert Coast([]).sea(View(17, *window(0)[1:3], TILE_SIZE, TILE_SIZE)) == []


def test_a_harbour_is_as_wet_as_on_the_map(shared_data: Path) -> None:
    data = read_osm_file(shared_data / "osm" / "baltimore.osm.pbf")
    lines = [one for one in data.lines if one.tags.get("natural") == "coastline"]
    at = Window(17, 9637707 - 100, 12789363 + 400, 768)
    drawn = shapely.union_all(sea_within([one.geometry for one in lines], at.bounds))
    share = drawn.area / shapely.box(*at.bounds).area
    painted = wet(Painter(OsmData(lines=lines)).paint(at)).mean()
    assert 0.1 < share < 0.95
    assert abs(painted - share) < 0.02
