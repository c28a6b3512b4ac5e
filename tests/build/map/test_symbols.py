"""Symbols and names of AOIs and POIs: which are drawn where there is little room."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import shapely

from socioseg.build.map import draw as mapdraw
from socioseg.build.map.draw import STYLES, MapDrawer
from socioseg.build.map.scene import MapOptions
from socioseg.features import Feature, OsmData
from socioseg.sample import Window

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

WINDOW = Window(17, 2**24, 2**24, 384)  # its upper left corner is at (0, 0)
STYLE_FOLDER = Path(mapdraw.__file__).parent / "styles"


@pytest.fixture(autouse=True, scope="module")
def _only_the_fonts_of_mapnik() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOCIOSEG_FONTS", "")
        yield


def aoi(number: int, column: float, row: float, name: str, half: float = 9) -> Feature:
    """A park around a pixel of the window."""
    x, y = column * WINDOW.resolution, -row * WINDOW.resolution
    shape = shapely.box(x - half, y - half, x + half, y + half)
    return Feature(f"way/{number}", {"leisure": "park", "name": name}, shape)


def poi(number: int, column: float, row: float, name: str) -> Feature:
    spot = shapely.Point(column * WINDOW.resolution, -row * WINDOW.resolution)
    return Feature(f"node/{number}", {"amenity": "cafe", "name": name}, spot)


def drawn(data: OsmData, style: str = "standard") -> NDArray[np.uint8]:
    return MapDrawer(data, MapOptions(style=style)).draw(WINDOW)


def crowd() -> tuple[list[Feature], list[Feature]]:
    """Eighteen AOIs and forty POIs, some on top of each other; 40 pixels clear of the edge."""
    rng = np.random.default_rng(3)
    spots = rng.uniform(42, 342, (58, 2)).tolist()
    spots[1] = spots[0]
    aois = [aoi(i, x, y, f"Park of Peace {10 + i}") for i, (x, y) in enumerate(spots[:18])]
    return aois, [poi(i, x, y, f"Café {i}") for i, (x, y) in enumerate(spots[18:])]


@pytest.mark.parametrize("style", STYLES)
def test_every_named_aoi_is_there_with_its_name_near_it(style: str) -> None:
    aois, pois = crowd()
    whole = drawn(OsmData(aois, points=pois), style)
    for i, one in enumerate(aois):
        renamed = one._replace(tags={**one.tags, "name": f"Park of Peace {50 + i}"})
        other = drawn(OsmData([*aois[:i], renamed, *aois[i + 1 :]], points=pois), style)
        row, column = np.argwhere((whole != other).any(axis=2)).mean(axis=0)
        x, y = one.geometry.centroid.coords[0]
        assert abs(column - x / WINDOW.resolution) < 110
        assert abs(row + y / WINDOW.resolution) < 60


@pytest.mark.parametrize("style", STYLES)
def test_a_poi_never_changes_what_is_drawn_of_an_aoi(style: str) -> None:
    aois, pois = crowd()
    ground = drawn(OsmData(), style)
    alone, crowded = drawn(OsmData(aois), style), drawn(OsmData(aois, points=pois), style)
    changed = (alone != crowded).any(axis=2)
    assert changed.any()
    assert (alone != ground).any(axis=2)[changed].mean() < 0.05  # where halos meet


@pytest.mark.parametrize("style", STYLES)
def test_a_poi_without_room_for_its_symbol_leaves_no_name(style: str) -> None:
    park = aoi(1, 190, 190, "West Park")
    crowded = OsmData([park], points=[poi(2, 191, 190, "Kiosk")])
    assert np.array_equal(drawn(crowded, style), drawn(OsmData([park]), style))


@pytest.mark.parametrize("style", STYLES)
def test_a_poi_without_room_for_its_name_leaves_no_symbol(style: str) -> None:
    wider_than_the_window = poi(1, 190, 190, "x" * 80)
    assert np.array_equal(
        drawn(OsmData(points=[wider_than_the_window]), style), drawn(OsmData(), style)
    )
    assert not np.array_equal(
        drawn(OsmData(points=[poi(1, 190, 190, "x")]), style), drawn(OsmData(), style)
    )


@pytest.mark.parametrize("style", STYLES)
def test_room_does_not_go_by_the_size_of_an_aoi(style: str) -> None:
    aois, pois = crowd()
    grown = [aoi(i, one.geometry.centroid.x / WINDOW.resolution,
                 -one.geometry.centroid.y / WINDOW.resolution, one.tags["name"], 9 + i)
             for i, one in enumerate(aois)]  # fmt: skip
    one, other = drawn(OsmData(aois, points=pois), style), drawn(OsmData(grown, points=pois), style)
    assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("style", ["standard", "night"])
def test_the_symbols_of_a_style_are_the_common_ones_in_its_colours(style: str) -> None:
    xml = (STYLE_FOLDER / f"{style}.xml").read_text()
    colours = dict(re.findall(r'<Parameter name="(\w+)">(#\w+)<', xml))
    for path in sorted((STYLE_FOLDER / "symbols").glob("*.svg")):
        colour = colours[path.stem]
        fill, stroke = (colour, "#ffffff") if style == "standard" else ("#131a29", colour)
        expected = path.read_text().replace("#555555", fill).replace("#ffffff", stroke)
        assert (path.parent / style / path.name).read_text() == expected
