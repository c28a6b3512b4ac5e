"""Lines: how wide, how high, how hidden; and the cars beside them."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from socioseg.city.paint.canvas import Canvas, View
from socioseg.city.paint.cars import Kerb, car_park, kerbside
from socioseg.city.paint.ways import Line, hidden, line, number
from socioseg.features import Feature

VIEW = View(18, 131_000 * 256, 131_072 * 256, 300, 300, fine=2)


def look(**tags: str) -> Line | None:
    return line(Feature("way/1", tags, shapely.LineString([(0, 0), (9, 9)])), 0)


def width(**tags: str) -> float:
    found = look(**tags)
    assert found is not None
    return found.way.width


def test_width_is_tagged_or_follows_from_lanes_or_rank() -> None:
    assert width(highway="residential", width="11 m") == 11
    assert width(highway="primary", lanes="6") > width(highway="primary")
    assert width(highway="tertiary", oneway="yes") < width(highway="tertiary")
    assert width(highway="residential", width="0") == width(highway="residential")


def test_surface_changes_the_ground() -> None:
    found = look(highway="service", surface="gravel")
    assert found is not None
    assert found.way.ground == "gravel"


@pytest.mark.parametrize(
    "tags", [{"power": "line"}, {"highway": "residential", "tunnel": "yes"}, {"boundary": "x"}]
)
def test_what_is_not_seen_from_above_is_not_drawn(tags: dict[str, str]) -> None:
    assert look(**tags) is None


def test_bridges_lie_above() -> None:
    high, low = look(highway="primary", bridge="yes", layer="2"), look(highway="primary", layer="2")
    assert high is not None
    assert low is not None
    assert (high.layer, low.layer) == (2, 0)


def test_hidden_and_numbers() -> None:
    assert hidden({"highway": "footway", "layer": "-1"})
    assert not hidden({"waterway": "river", "layer": "-1"})
    assert [number(text) for text in ("3.5", "12 m", "7,5", "x", None)] == [
        3.5,
        12,
        7.5,
        None,
        None,
    ]


def test_cars_stand_on_both_sides_at_the_kerb() -> None:
    kerb = Kerb(np.array([[0.0, 0.0], [500.0, 0.0]]), 2.5, 0.6, (0.5,) * 16)
    places, angles, colours = kerbside([kerb], 2.0)
    assert 10 < len(places) < 80
    assert set(places[:, 1].tolist()) == {-5.0, 5.0}
    assert (angles == 0).all()
    assert len(np.unique(places, axis=0)) == len(places)
    assert colours.max() > 3


def test_cars_of_a_street_do_not_depend_on_the_others() -> None:
    one = Kerb(np.array([[0.0, 0.0], [500.0, 40.0]]), 2.5, 0.6, (0.4,) * 16)
    other = Kerb(np.array([[900.0, 0.0], [800.0, 400.0], [90.0, 9.0]]), 2.5, 0.6, (0.8,) * 16)
    alone, both = kerbside([one], 2.0)[0], kerbside([other, one], 2.0)[0]
    assert both[-len(alone) :] == pytest.approx(alone)


def test_parked_cars_stay_within_the_car_park() -> None:
    left, bottom, right, top = VIEW.bounds
    x, y = (left + right) / 2, (bottom + top) / 2
    park = shapely.box(x - 30, y - 25, x + 30, y + 25)
    canvas = Canvas(VIEW)
    car_park(canvas, park, 0, "way/1")
    rows, columns = np.nonzero(np.asarray(canvas.image)[..., :3].any(axis=2))
    corners = canvas.dots(np.array([[x - 31, y + 26], [x + 31, y - 26]]))
    assert len(rows) > 500
    assert columns.min() >= corners[0, 0]
    assert rows.max() <= corners[1, 1]
