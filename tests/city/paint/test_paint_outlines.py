"""Frames around roofs, and what is cut off a roof."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from socioseg.city.paint.canvas import Canvas, View
from socioseg.city.paint.outlines import band, clip, outlines

CANVAS = Canvas(View(18, 40_000, 50_000, 200, 200, fine=2))


def house(long: float, wide: float, angle: float) -> shapely.Polygon:
    """A rectangle of so many dots in the middle of the canvas, as a polygon on the ground."""
    box = shapely.affinity.rotate(shapely.box(-long / 2, -wide / 2, long / 2, wide / 2), angle)
    return shapely.Polygon(CANVAS.ground(shapely.get_coordinates(box) + 200))


@given(st.floats(20, 90), st.floats(5, 19), st.floats(-89, 89))
def test_frame_of_a_rectangle_is_the_rectangle(long: float, wide: float, angle: float) -> None:
    roof = outlines(CANVAS, [house(long, wide, angle)])[0]
    assert (roof.length, roof.width) == pytest.approx((long, wide), rel=0.02, abs=0.2)
    assert roof.centre == pytest.approx([200, 200], abs=0.1)


def test_frames_of_many_are_the_frames_of_each() -> None:
    houses = [house(40, 10, 20), house(12, 50, -30), house(30, 30, 5)]
    for roof, one in zip(outlines(CANVAS, houses), houses, strict=True):
        alone = outlines(CANVAS, [one])[0]
        assert np.array_equal(roof.points, alone.points)
        assert roof.centre == pytest.approx(alone.centre)
        assert (roof.length, roof.angle) == pytest.approx((alone.length, alone.angle))


def test_no_roofs_no_frames() -> None:
    assert outlines(CANVAS, []) == []


@given(st.floats(-30, 30))
def test_clip_keeps_what_shapely_keeps(least: float) -> None:
    roof = outlines(CANVAS, [house(60, 20, 25)])[0]
    part = clip(roof.points, roof.centre, roof.ahead, least)
    area = shapely.Polygon(part).area if len(part) else 0.0
    assert area == pytest.approx((30 - least) * 20, rel=0.02, abs=2)


def test_clip_beyond_the_roof_leaves_nothing() -> None:
    roof = outlines(CANVAS, [house(60, 20, 25)])[0]
    assert len(clip(roof.points, roof.centre, roof.ahead, 40.0)) == 0
    assert len(band(roof, roof.across, 20.0, 30.0)) == 0


def test_bands_cover_the_roof() -> None:
    roof = outlines(CANVAS, [house(60, 20, 25)])[0]
    areas = [shapely.Polygon(band(roof, roof.across, y, y + 5)).area for y in (-10, -5, 0, 5)]
    assert sum(areas) == pytest.approx(1200, rel=0.02)
