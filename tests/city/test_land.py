from __future__ import annotations

import numpy as np
import pytest
import shapely
from shapely import LineString, Point, box

from socioseg.city.land import ROOM, SPARE, Land
from socioseg.city.places import Kind

ANYWHERE = Kind(tags={}, where=(0, 1))
SQUARE = box(-1000, -1000, 1000, 1000)
RIVER = LineString([(900, -1000), (900, 1000)])


def land(seed: int = 0) -> Land:
    rng = np.random.default_rng(seed)
    return Land([SQUARE], Point(0, 0), 2000, {"water": RIVER}, rng)


@pytest.mark.parametrize("area", [3e3, 4e4, 5e5])
def test_ground_of_the_wanted_size_is_taken(area: float) -> None:
    free = land()
    ground = free.take(ANYWHERE, area)
    assert ground is not None
    assert ROOM * area * 0.9 <= ground.area <= SPARE * area
    rest = shapely.union_all([piece.ground for piece in free.pieces])
    assert rest.intersection(ground).area < 1
    assert rest.area + ground.area == pytest.approx(SQUARE.area)


def test_nothing_is_taken_where_there_is_no_room() -> None:
    free = land()
    assert free.take(ANYWHERE, 1e7) is None
    assert len(free.pieces) == 1


def test_places_by_the_water_lie_there() -> None:
    free = land()
    free.subdivide()
    harbour = ANYWHERE.model_copy(update={"by": "water"})
    ground = free.take(harbour, 8000)
    assert ground is not None
    assert ground.distance(RIVER) < 300


def test_a_place_of_two_parts_is_cut_by_a_street() -> None:
    free = land()
    campus = ANYWHERE.model_copy(update={"outers": 2})
    ground = free.take(campus, 60_000)
    street = free.cuts[-1].line
    assert ground is not None
    assert len(shapely.get_parts(ground.difference(street.buffer(7)))) == 2


def test_blocks_are_smaller_in_the_centre() -> None:
    free = land()
    free.subdivide()
    inner = [p.area for p in free.pieces if p.reach < 0.12]
    outer = [p.area for p in free.pieces if p.reach > 0.45]
    assert np.median(inner) < 0.5 * np.median(outer)
    assert sum(p.area for p in free.pieces) == pytest.approx(SQUARE.area)
