"""The painter: windows agree, far things do not matter, and things look like what they are."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from socioseg.city.paint import MARGIN, Painter
from socioseg.features import Feature, FeatureIndex, OsmData
from socioseg.sample import ORIGIN, Window, ground_resolution

if TYPE_CHECKING:
    from numpy.typing import NDArray

X, Y = -8_527_000.0, 4_762_000.0
UNIT = math.cosh(Y / 6378137.0)  # EPSG:3857 units of a metre here


def area(number: int, box: tuple[float, float, float, float], **tags: str) -> Feature:
    """A rectangle in metres east and north of (X, Y)."""
    west, south, east, north = (value * UNIT for value in box)
    return Feature(f"way/{number}", tags, shapely.box(X + west, Y + south, X + east, Y + north))


def road(number: int, points: list[tuple[float, float]], **tags: str) -> Feature:
    """A line through points in metres east and north of (X, Y)."""
    line = shapely.LineString([(X + x * UNIT, Y + y * UNIT) for x, y in points])
    return Feature(f"way/{number}", tags, line)


def town() -> OsmData:
    """A few of everything, slanted and straight."""
    rng = np.random.default_rng(5)
    houses = []
    for i in range(60):
        x, y = rng.uniform(-300, 300, 2)
        house = shapely.box(X + x, Y + y, X + x + 14, Y + y + 9)
        turned = shapely.affinity.rotate(house, float(rng.uniform(0, 90)))
        houses.append(Feature(f"way/{100 + i}", {"building": "yes"}, turned))
    areas = [
        area(1, (-300, -300, 300, 300), landuse="residential"),
        area(2, (-250, -200, -120, -110), leisure="pitch", sport="soccer"),
        area(3, (0, -200, 90, -120), amenity="parking"),
        area(4, (100, 50, 250, 200), natural="wood"),
        area(5, (-200, 50, -60, 170), natural="water"),
        area(6, (20, 60, 60, 110), building="office", height="60"),
    ]
    lines = [
        road(7, [(-400, -37), (40, 12), (400, 31)], highway="primary"),
        road(8, [(-50, -400), (-20, 400)], highway="residential"),
        road(9, [(-400, 220), (400, 260)], railway="rail"),
    ]
    return OsmData(areas=areas + houses, lines=lines, points=[])


def window(zoom: int = 17, east: float = 0.0, north: float = 0.0, size: int = 300) -> Window:
    """The window whose centre lies so many metres from (X, Y)."""
    res = ground_resolution(zoom)
    x, y = (X + east * UNIT + ORIGIN) / res, (ORIGIN - Y - north * UNIT) / res
    return Window(zoom, int(x) - size // 2, int(y) - size // 2, size)


def spot(
    picture: NDArray[np.uint8], east: float, north: float, half: int = 3
) -> NDArray[np.float64]:
    """Mean colour around a point in metres from the centre of a picture painted at zoom 17."""
    metre = UNIT / ground_resolution(17)
    x = picture.shape[1] // 2 + round(east * metre)
    y = picture.shape[0] // 2 - round(north * metre)
    mean: NDArray[np.float64] = picture[y - half : y + half + 1, x - half : x + half + 1].mean(
        (0, 1)
    )
    return mean


def painted(*areas: Feature, lines: tuple[Feature, ...] = ()) -> NDArray[np.uint8]:
    return Painter(OsmData(areas=list(areas), lines=list(lines))).paint(window())


PAINTER = Painter(town())


@settings(max_examples=15, deadline=None)
@given(dx=st.integers(-180, 180), dy=st.integers(-180, 180), zoom=st.sampled_from([16, 17, 18]))
def test_windows_agree_where_they_overlap(dx: int, dy: int, zoom: int) -> None:
    one = window(zoom, size=200)
    other = one._replace(x=one.x + dx, y=one.y + dy)
    a, b = Painter(town()).paint(one), PAINTER.paint(other)
    left, top = max(0, dx), max(0, dy)
    shared = a[top : 200 + min(0, dy), left : 200 + min(0, dx)]
    again = b[top - dy :, left - dx :][: shared.shape[0], : shared.shape[1]]
    assert np.array_equal(shared, again)


@pytest.mark.parametrize("zoom", [16, 17, 19])
def test_only_features_within_the_margin_matter(zoom: int) -> None:
    one = window(zoom, 20, 60, 96)
    west, south, east, north = one.bounds
    near = FeatureIndex(town()).within(
        (west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN)
    )
    assert np.array_equal(Painter(near).paint(one), PAINTER.paint(one))


def test_a_building_just_outside_the_window_casts_its_shadow_into_it() -> None:
    one = window(17, -20, 130, 76)
    without = OsmData(areas=[f for f in town().areas if f.osm_id != "way/6"], lines=town().lines)
    assert not np.array_equal(Painter(without).paint(one), PAINTER.paint(one))


def test_order_of_features_does_not_matter() -> None:
    data = town()
    back = OsmData(areas=data.areas[::-1], lines=data.lines[::-1])
    assert np.array_equal(Painter(back).paint(window()), PAINTER.paint(window()))


def test_seed_changes_the_picture() -> None:
    assert not np.array_equal(Painter(town(), 1).paint(window()), PAINTER.paint(window()))


@pytest.mark.parametrize("zoom", [14, 15, 18, 20])
def test_paints_every_zoom(zoom: int) -> None:
    picture = PAINTER.paint(window(zoom))
    assert picture.shape == (300, 300, 3)
    assert picture.dtype == np.uint8
    assert picture.std() > 5


def test_paints_no_data_at_all() -> None:
    picture = Painter(OsmData()).paint(window())
    assert 60 < picture.mean() < 180


def test_water_is_bluer_and_darker_than_grass() -> None:
    lake = spot(painted(area(1, (-60, -60, 60, 60), natural="water")), 0, 0)
    lawn = spot(painted(area(1, (-60, -60, 60, 60), landuse="grass")), 0, 0)
    assert lake[2] > lake[0]
    assert lawn[1] > lawn[2] + 15
    assert lake.sum() < lawn.sum()


def test_pitch_has_the_colour_of_its_sport() -> None:
    box = (-60.0, -40.0, 60.0, 40.0)
    soccer = spot(painted(area(1, box, leisure="pitch", sport="soccer")), 22, 12)
    running = spot(painted(area(1, box, leisure="track", sport="running")), 57, 0, 1)
    assert soccer[1] == max(soccer)
    assert running[0] > running[1] + 25


def test_lines_of_a_soccer_field_are_lighter_than_its_grass() -> None:
    picture = painted(area(1, (-60, -40, 60, 40), leisure="pitch", sport="soccer")).astype(float)
    row = picture[140:145, 100:200].mean((0, 2))  # across the halfway line
    assert row[45:55].max() > np.median(row) + 10


def test_shadow_falls_to_the_north_west() -> None:
    tower = area(1, (-15, -15, 15, 15), building="office", height="40")
    picture = painted(area(2, (-200, -200, 200, 200), landuse="commercial"), tower)
    assert spot(picture, -22, 24).sum() < 0.75 * spot(picture, 24, -22).sum()


def test_higher_building_casts_a_longer_shadow() -> None:
    def beyond(height: str) -> float:
        ground = area(2, (-200, -200, 200, 200), landuse="commercial")
        picture = painted(ground, area(1, (-15, -15, 15, 15), building="office", height=height))
        return float(spot(picture, -27, 30).sum())

    assert beyond("40") < 0.75 * beyond("12")


def test_courtyard_of_a_building_is_no_roof() -> None:
    ring = area(1, (-40, -40, 40, 40), building="retail", height="1")
    hole = ring.geometry.difference(shapely.box(X - 25, Y - 25, X + 25, Y + 25))
    ground = area(2, (-100, -100, 100, 100), natural="sand")
    open_, full = painted(ground, ring._replace(geometry=hole)), painted(ground, ring)
    assert spot(open_, 0, 0)[0] > spot(open_, 0, 0)[2] + 25  # sand
    assert abs(spot(full, 0, 0)[0] - spot(full, 0, 0)[2]) < 20


def test_wider_road_covers_more_ground() -> None:
    def asphalt(kind: str) -> float:
        ground = area(2, (-200, -200, 200, 200), natural="sand")
        line = road(1, [(-200, 0), (200, 0)], highway=kind)
        column = painted(ground, lines=(line,))[:, 100:200].astype(float).mean(1)
        return float((column[:, 0] - column[:, 2] < 25).sum())

    assert asphalt("motorway") > asphalt("service") > asphalt("path")


def test_underground_and_invisible_things_change_nothing() -> None:
    unseen = [
        area(1, (-60, -60, 60, 60), boundary="administrative", name="Ward 5"),
        area(2, (-60, -60, 60, 60), amenity="parking", location="underground"),
        area(3, (-60, -60, 60, 60), building="no"),
    ]
    tunnel = road(4, [(-200, 0), (200, 0)], highway="primary", tunnel="yes", layer="-1")
    assert np.array_equal(painted(*unseen, lines=(tunnel,)), painted())


def test_odd_tags_and_shapes_are_painted() -> None:
    odd = [
        area(0, (10, 10, 50, 50), building="industrial", height="-3", **{"roof:shape": "flat"}),
        area(1, (-60, -60, 60, 60), building="yes", height="about 3", **{"building:levels": "x"}),
        area(2, (0, 0, 0.01, 0.01), building="house"),
        area(3, (-60, -60, 60, -59.9), leisure="pitch", sport="tennis;soccer"),
        area(4, (-60, 0, 0, 60), amenity="parking", name="\u0645\u0648\u0642\u0641"),
        Feature("relation/5", {"building": "yes", "roof:colour": "#zzz"}, shapely.MultiPolygon()),
        Feature("way/6", {"landuse": "farmland"}, shapely.Polygon()),
    ]
    line = road(7, [(0, 0), (0, 0)], highway="residential", width="5;6", lanes="0", layer="a")
    assert painted(*odd, lines=(line,)).std() > 5


@pytest.mark.parametrize("sport", ["tennis", "basketball", "baseball", "american_football", "golf"])
def test_every_sport_looks_different_from_bare_turf(sport: str) -> None:
    box = (-40.0, -30.0, 40.0, 30.0)
    bare = painted(area(1, box, landuse="grass"))
    assert not np.array_equal(painted(area(1, box, leisure="pitch", sport=sport)), bare)


def test_parked_cars_depend_on_the_car_park_alone() -> None:
    park = area(1, (-40, -40, 40, 40), amenity="parking")
    far = area(2, (130, -40, 140, 40), building="yes")
    metre = UNIT / ground_resolution(17)
    half = int(40 * metre)
    a, b = (
        one[150 - half : 150 + half, 150 - half : 150 + half]
        for one in (painted(park), painted(park, far))
    )
    assert np.array_equal(a, b)
    assert a.max() > 200  # a white car
