from __future__ import annotations

import subprocess
import sys
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely import affinity

from socioseg.build.map import draw as mapdraw
from socioseg.build.map.draw import BUFFER, STYLES, MapDrawer
from socioseg.build.map.labels import symbol_of
from socioseg.build.map.scene import MapOptions
from socioseg.build.osm.files import read_osm_file
from socioseg.build.recipe import Map
from socioseg.errors import UsageError
from socioseg.features import Feature, FeatureIndex, OsmData
from socioseg.sample import ORIGIN, Window, ground_resolution
from socioseg.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

X, Y = 1_000_000.0, 5_000_000.0
SCHOOL = {"amenity": "school", "name": "Hill School"}
BACKGROUND = {"standard": (244, 241, 236), "grey": (251, 251, 251), "night": (19, 26, 41)}


@pytest.fixture(autouse=True, scope="module")
def _only_the_fonts_of_mapnik() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOCIOSEG_FONTS", "")
        yield


def window(size: int = 256, zoom: int = 17, dx: float = 0, dy: float = 0) -> Window:
    """A window whose centre is at (X + dx, Y + dy)."""
    res = ground_resolution(zoom)
    return Window(
        zoom,
        int((X + dx + ORIGIN) / res) - size // 2,
        int((ORIGIN - Y - dy) / res) - size // 2,
        size,
    )


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    return shapely.box(X + x - width / 2, Y + y - height / 2, X + x + width / 2, Y + y + height / 2)


def area(tags: dict[str, str], shape: shapely.Geometry, number: int = 1) -> Feature:
    return Feature(f"way/{number}", tags, shape)


def point(tags: dict[str, str], x: float, y: float, number: int = 1) -> Feature:
    return Feature(f"node/{number}", tags, shapely.Point(X + x, Y + y))


def line(tags: dict[str, str], *points: tuple[float, float], number: int = 50) -> Feature:
    path = shapely.LineString([(X + x, Y + y) for x, y in points])
    return Feature(f"way/{number}", tags, path)


def draw(data: OsmData, style: str = "standard", at: Window | None = None) -> NDArray[np.uint8]:
    return MapDrawer(data, MapOptions(style=style)).draw(at or window())


def town() -> OsmData:
    street = {"highway": "residential", "name": "Mill Lane"}
    return OsmData(
        areas=[
            area(SCHOOL, box(-70, 60, 80, 60), 1),
            area({"building": "yes"}, box(60, 70, 50, 40), 2),
            area({"natural": "water"}, box(80, -80, 60, 60), 3),
        ],
        lines=[
            line(street, (-200, 0), (200, 0), number=10),
            line({"highway": "primary", "bridge": "yes"}, (0, -200), (0, 200), number=11),
            line({"railway": "rail"}, (-200, -200), (200, 180), number=12),
            line({"highway": "footway"}, (-150, -40), (20, -110), number=13),
            line({"waterway": "stream"}, (-200, -90), (200, -120), number=14),
        ],
        points=[point({"amenity": "cafe", "name": "Café Noir"}, -60, -60)],
    )


@pytest.mark.parametrize("style", STYLES)
def test_a_map_is_rgb_and_shows_something_on_its_ground(style: str) -> None:
    image = draw(town(), style)
    assert image.shape == (256, 256, 3)
    assert image.dtype == np.uint8
    ground = (image == BACKGROUND[style]).all(axis=2).mean()
    assert 0.2 < ground < 0.95


def test_an_unknown_style_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="standard, grey, night"):
        MapDrawer(OsmData(), MapOptions(style="watercolour"))


@pytest.mark.parametrize("style", STYLES)
def test_no_data_gives_the_bare_ground(style: str) -> None:
    assert (draw(OsmData(), style) == BACKGROUND[style]).all()


AOI_TAGS = [
    SCHOOL,
    {"leisure": "park", "name": "West Park"},
    {"landuse": "residential", "name": "The Glebe"},
    {"landuse": "industrial", "name": "Dock Works"},
    {"leisure": "track", "highway": "footway", "name": "Old Track"},
    {"amenity": "school", "barrier": "fence", "name": "Fenced School"},
    {"amenity": "hospital", "building": "no", "name": "Field Hospital"},
    {"leisure": "swimming_pool", "natural": "water", "name": "Lido"},
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("tags", AOI_TAGS, ids=lambda tags: tags["name"])
def test_moving_an_aois_boundary_leaves_the_map(style: str, tags: dict[str, str]) -> None:
    def map_with(shape: shapely.Polygon) -> NDArray[np.uint8]:
        outline = Feature("way/1", tags, shape.exterior)
        data = town()
        return draw(OsmData([area(tags, shape)], [outline, *data.lines], data.points), style)

    first, second = map_with(box(0, 40, 90, 70)), map_with(box(0, 40, 20, 150))
    assert first.tobytes() == second.tobytes()
    assert not np.array_equal(first, draw(OsmData([], town().lines, town().points), style))


@settings(max_examples=15, deadline=None)
@given(
    st.sampled_from(AOI_TAGS),
    st.floats(0.1, 3),
    st.floats(0.1, 3),
    st.integers(0, 359),
    st.sampled_from(STYLES),
)
def test_no_boundary_of_an_aoi_can_be_seen(
    tags: dict[str, str], xfact: float, yfact: float, angle: int, style: str
) -> None:
    shape = box(0, 40, 80, 50)
    other = affinity.rotate(affinity.scale(shape, xfact, yfact), angle)
    first, second = (draw(OsmData([area(tags, s)]), style) for s in (shape, other))
    assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize("style", STYLES)
def test_a_building_that_is_an_aoi_looks_like_any_other(style: str) -> None:
    plain = area({"building": "yes"}, box(0, 0, 90, 60))
    school = area({"building": "school", "amenity": "school"}, box(0, 0, 90, 60))
    first, second = draw(OsmData([plain]), style), draw(OsmData([school]), style)
    assert first.tobytes() == second.tobytes()
    assert len(np.unique(first.reshape(-1, 3), axis=0)) > 1


def test_buildings_can_be_left_out_and_names_stay() -> None:
    tags = {**SCHOOL, "building": "school"}
    options = MapOptions(buildings=False)
    bare = MapDrawer(OsmData([area(tags, box(0, 0, 90, 60))]), options).draw(window())
    plot = draw(OsmData([area(SCHOOL, box(0, 0, 90, 60))]))
    assert bare.tobytes() == plot.tobytes()
    assert bare.tobytes() != draw(OsmData([area(tags, box(0, 0, 90, 60))])).tobytes()


@pytest.mark.parametrize("tags", [{"barrier": "wall"}, {"boundary": "administrative"}])
def test_barriers_and_boundaries_are_not_drawn(tags: dict[str, str]) -> None:
    data = OsmData(lines=[line(tags, (-80, 0), (80, 0))])
    assert draw(data).tobytes() == draw(OsmData()).tobytes()


def far_away() -> OsmData:
    """More data, beyond the buffer of the window: among it names that also stand inside."""
    beyond = (128 + BUFFER + 2) * ground_resolution(17)
    street = {"highway": "residential", "name": "Mill Lane"}
    return OsmData(
        areas=[area(SCHOOL, box(-beyond - 30, 60, 40, 40), 4)],
        lines=[line(street, (beyond, 0), (beyond + 500, 100), number=9)],
        points=[point({"amenity": "cafe", "name": "Café Noir"}, -60, -beyond, 7)],
    )


@pytest.mark.parametrize("style", STYLES)
def test_far_features_do_not_change_a_byte(style: str) -> None:
    near, far = town(), far_away()
    both = OsmData(far.areas + near.areas, far.lines + near.lines, far.points + near.points)
    assert draw(near, style).tobytes() == draw(both, style).tobytes()


@pytest.mark.parametrize("style", STYLES)
def test_what_was_drawn_before_does_not_change_a_byte(style: str) -> None:
    windows = [window(), window(dx=70), window(zoom=16), window(size=300, dy=-40)]
    drawer = MapDrawer(town(), MapOptions(style=style))
    forth = [drawer.draw(w).tobytes() for w in windows]
    back = [drawer.draw(w).tobytes() for w in reversed(windows)]
    assert forth == back[::-1]
    assert len(set(forth)) == len(windows)


def test_a_window_is_drawn_where_it_lies() -> None:
    data = OsmData([area({"building": "yes"}, box(0, 0, 60, 60))])
    here, aside = draw(data), draw(data, at=window()._replace(x=window().x + 20))
    assert np.array_equal(here[:, 20:], aside[:, :-20])
    rows, columns = np.nonzero((here != BACKGROUND["standard"]).any(axis=2))
    assert abs(rows.mean() - 128) < 1.5
    assert abs(columns.mean() - 128) < 1.5


@pytest.mark.parametrize(("one", "other"), list(combinations(STYLES, 2)))
def test_styles_differ_in_more_than_colour(one: str, other: str) -> None:
    ink = [(draw(town(), style) != BACKGROUND[style]).any(axis=2) for style in (one, other)]
    assert (ink[0] != ink[1]).sum() > 0.2 * (ink[0] | ink[1]).sum()


@pytest.mark.parametrize("zoom", [13, 14, 15, 16, 17, 18, 19, 20])
def test_streets_grow_with_the_zoom(zoom: int) -> None:
    data = OsmData(lines=[line({"highway": "primary"}, (-9999, 0), (9999, 0))])
    widths = [
        (draw(data, at=window(64, z)) != BACKGROUND["standard"]).any(axis=2)[:, 32].sum()
        for z in (zoom, zoom + 1)
    ]
    assert 1 < widths[0] < widths[1]


@pytest.mark.parametrize("zoom", [17, 20, 22])
@pytest.mark.parametrize("style", STYLES)
def test_a_road_just_outside_the_window_shows_its_edge(style: str, zoom: int) -> None:
    above = (128 + 2) * ground_resolution(zoom)
    data = OsmData(lines=[line({"highway": "motorway"}, (-999, above), (999, above))])
    image = draw(data, style, window(zoom=zoom))
    assert (image[0] != BACKGROUND[style]).any()
    assert (image[-1] == BACKGROUND[style]).all()


def test_names_are_drawn_in_the_language_asked_for() -> None:
    tags = {**SCHOOL, "name:en": "Other Name"}
    street = {"highway": "residential", "name": "Rue", "name:en": "Road"}

    def data(tags: dict[str, str], street: dict[str, str]) -> OsmData:
        return OsmData([area(tags, box(0, 40, 9, 9))], [line(street, (-99, 0), (99, 0))])

    english = MapDrawer(data(tags, street), MapOptions(language="en")).draw(window())
    expected = draw(data({**SCHOOL, "name": "Other Name"}, {**street, "name": "Road"}))
    assert english.tobytes() == expected.tobytes()
    assert english.tobytes() != draw(data(tags, street)).tobytes()


def test_a_place_mapped_as_area_and_as_point_is_shown_once() -> None:
    school = area(SCHOOL, box(0, 0, 50, 50))
    twice = OsmData([school], points=[point(SCHOOL, 30, -30)])
    assert draw(twice).tobytes() == draw(OsmData([school])).tobytes()


def test_names_are_not_cut_at_the_border() -> None:
    tags = {"amenity": "cafe", "name": "A café with quite a long name"}
    image = draw(OsmData(points=[point(tags, -100, 0), point(tags, 100, -100)]))
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    assert (edge == BACKGROUND["standard"]).all()


def test_the_texts_of_a_drawer_are_those_that_it_may_show() -> None:
    assert MapDrawer(town(), MapOptions()).texts == {"Hill School", "Mill Lane", "Café Noir"}


@pytest.mark.parametrize("function", load_taxonomy().functions)
def test_every_function_has_a_symbol_and_its_colours(function: str) -> None:
    styles = Path(mapdraw.__file__).parent / "styles"
    assert (styles / "symbols" / f"{symbol_of(function)}.svg").is_file()
    for style in ("standard", "night"):
        assert f'<Parameter name="{symbol_of(function)}">' in (styles / f"{style}.xml").read_text()


def named(text: str) -> OsmData:
    return OsmData(
        [area({"leisure": "park", "name": text}, box(-60, 60, 30, 30))],
        [line({"highway": "residential", "name": text}, (-200, 0), (200, 10))],
        [
            point({"amenity": "cafe", "name": text}, 50, 60, 1),
            point({"place": "suburb", "name": text}, 0, -60, 2),
        ],
    )


HOSTILE = [
    "[kind]",
    "'][text]",
    '"quoted" \\ back\\slash',
    "<TextSymbolizer>&amp;</Map>",
    "]]> ${x} %s {0} @k",
    "\u202edesrever \u200f\u200e",
    "two\nlines\x00\t\x1b[0m",
    "😀 \ufe0f \ue000 \U000e0041",
    "x" * 500,
    "a " * 250,
    "\u0301" * 40,
    "漢" * 500,
    "lone \ud800 surrogate",
]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_only_text(text: str, style: str) -> None:
    assert draw(named(text), style).shape == (256, 256, 3)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=60), st.sampled_from(STYLES))
def test_no_text_stops_the_drawing(text: str, style: str) -> None:
    first, second = draw(named(text), style), draw(named(text), style)
    assert first.tobytes() == second.tobytes()


def test_a_name_is_never_read_as_an_expression() -> None:
    colour = {name: draw(named(name)).tobytes() for name in ("[colour]", "#2d8a4e", "park")}
    assert len(set(colour.values())) == 3


def test_a_slice_that_reaches_over_the_buffer_draws_as_all_the_data(shared_data: Path) -> None:
    data = read_osm_file(shared_data / "osm" / "baltimore.osm.pbf")
    at = Window(17, 9637707, 12789363, 768)
    reach = BUFFER * at.resolution
    west, south, east, north = at.bounds
    bounds = (west - reach, south - reach, east + reach, north + reach)
    part = FeatureIndex(data).within(bounds)
    assert len(part.lines) < len(data.lines) / 4
    assert draw(part, at=at).tobytes() == draw(data, at=at).tobytes()


def test_long_names_are_wrapped_and_nothing_is_logged() -> None:
    code = """
import os
os.environ["SOCIOSEG_FONTS"] = ""
import shapely
from socioseg.build.map.draw import MapDrawer
from socioseg.build.map.scene import MapOptions
from socioseg.features import Feature, OsmData
from socioseg.sample import Window
cafe = Feature("node/1", {"amenity": "cafe", "name": "A name of so many words " * 3},
               shapely.Point(100, -100))
image = MapDrawer(OsmData(points=[cafe]), MapOptions()).draw(Window(17, 2**24 - 128, 2**24, 300))
rows = (image != image[0, 0]).any(axis=2).any(axis=1)
print(rows.sum())
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert int(done.stdout) > 50


def test_a_recipe_may_name_every_style() -> None:
    assert get_args(Map.model_fields["style"].annotation) == STYLES
