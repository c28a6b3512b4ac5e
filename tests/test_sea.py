from __future__ import annotations

import shapely
from hypothesis import given
from hypothesis import strategies as st

from socioseg.sea import sea_within

BOUNDS = (0.0, 0.0, 100.0, 100.0)


def sea(*coasts: list[tuple[float, float]]) -> shapely.Geometry:
    return shapely.union_all(sea_within([shapely.LineString(c) for c in coasts], BOUNDS))


@given(st.floats(10, 90), st.floats(10, 90))
def test_the_sea_lies_to_the_right_of_a_coast(start: float, end: float) -> None:
    northward = sea([(start, -50), (start, 40), (end, 60), (end, 150)])
    southward = sea([(end, 150), (end, 60), (start, 40), (start, -50)])
    assert northward.contains(shapely.Point(99, 50))
    assert southward.contains(shapely.Point(1, 50))
    assert abs(northward.area + southward.area - 100 * 100) < 1e-6


def test_an_island_is_not_in_the_sea() -> None:
    island = sea([(20, 20), (60, 20), (60, 70), (20, 70), (20, 20)])
    assert island.area == 100 * 100 - 40 * 50


def test_a_lagoon_is() -> None:
    assert sea([(20, 20), (20, 70), (60, 70), (60, 20), (20, 20)]).area == 40 * 50


def test_pieces_of_a_coast_make_one() -> None:
    whole = sea([(50, -9), (50, 30), (50, 109)])
    assert sea([(50, 30), (50, 109)], [(50, -9), (50, 30)]).equals(whole)


def test_a_coast_that_ends_inside_makes_no_sea() -> None:
    assert sea([(50, -9), (50, 30)]).is_empty


def test_without_a_coast_in_the_window_there_is_no_sea() -> None:
    assert sea_within([], BOUNDS) == []
    assert sea([(500, 0), (500, 100)]).is_empty
    assert sea([(-5, 0), (0, 0), (-5, -5)]).is_empty
