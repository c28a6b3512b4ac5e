"""Projection, repair and growth of geometry, against pyproj and by their own laws."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from socioseg.build.osm.geometry import (
    grown,
    meeting,
    polygonal_part,
    repair_polygons,
    to_degrees,
    to_mercator,
)

PLACES = st.tuples(st.floats(-180, 180), st.floats(-85, 85))
PROJ = pyproj.Transformer.from_crs("EPSG:4326", "EPSG:3857", always_xy=True)
BOW_TIE = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
FLAT = shapely.Polygon([(0, 0), (1, 1), (2, 2)])


@given(PLACES)
def test_projection_is_that_of_proj(place: tuple[float, float]) -> None:
    point = to_mercator(shapely.Point(place))
    assert (point.x, point.y) == pytest.approx(PROJ.transform(*place), abs=1e-6)
    back = to_degrees(point)
    assert (back.x, back.y) == pytest.approx(place, abs=1e-9)


def test_repair_keeps_good_polygons_and_mends_slips() -> None:
    counts: Counter[str] = Counter()
    box = shapely.box(0, 0, 1, 1)
    slip = shapely.Polygon([(0, 0), (1, 0), (1, 1), (-0.1, 1), (0, 1.05)])
    good, mended = repair_polygons(np.array([box, slip]), counts)
    assert good.equals(box)
    assert mended.is_valid
    assert mended.symmetric_difference(box).area < 0.01
    assert +counts == {"repaired_geometry": 1}


TWICE_ROUND = shapely.Polygon([(0, 0), (3, 0), (3, 3), (0, 3), (0, 1), (2, 1), (2, 2), (-1, 2)])


@pytest.mark.parametrize("unclear", [BOW_TIE, FLAT, TWICE_ROUND], ids=["bow tie", "flat", "twice"])
def test_what_cannot_be_told_is_left_out(unclear: shapely.Polygon) -> None:
    counts: Counter[str] = Counter()
    assert repair_polygons(np.array([unclear]), counts).tolist() == [None]
    assert +counts == {"bad_geometry": 1}


def test_the_only_part_stands_alone() -> None:
    single = shapely.multipolygons([shapely.box(0, 0, 1, 1)])
    assert repair_polygons(np.array([single]), Counter())[0].geom_type == "Polygon"


def test_the_polygons_of_a_mixture_are_found() -> None:
    mixture = shapely.GeometryCollection([shapely.Point(9, 9), shapely.box(0, 0, 1, 1)])
    assert polygonal_part(mixture).equals(shapely.box(0, 0, 1, 1))
    assert polygonal_part(shapely.LineString([(0, 0), (1, 1)])) is None


def test_meeting_looks_at_the_shape_and_not_at_its_box() -> None:
    corner = shapely.Polygon([(0, 0), (4, 0), (0, 4)])
    assert meeting(np.array([corner]), (3, 3, 5, 5)).tolist() == [False]
    assert meeting(np.array([corner]), (1, 1, 5, 5)).tolist() == [True]


@given(PLACES, st.floats(1, 5000))
def test_grown_polygons_hold_the_old_one_and_the_margin(
    place: tuple[float, float], margin: float
) -> None:
    old = to_degrees(shapely.box(0, 0, 100, 100))
    wide = to_mercator(grown(old, margin))
    assert wide.contains(shapely.box(0, 0, 100, 100))
    assert wide.contains(shapely.box(-0.8 * margin, 1, 100 + 0.8 * margin, 99))
    assert grown(shapely.Point(place).buffer(0.001), 0).equals(shapely.Point(place).buffer(0.001))
