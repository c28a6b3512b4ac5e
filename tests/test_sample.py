"""Windows against mercantile, which numbers the same grid."""

from __future__ import annotations

import math

import mercantile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.sample import Level, Window, ground_resolution

windows = st.builds(
    Window,
    zoom=st.just(17),
    x=st.integers(768, 2**25 - 2000),
    y=st.integers(768, 2**25 - 2000),
    size=st.integers(1, 1024),
)


@given(st.integers(0, 2**17 - 1), st.integers(0, 2**17 - 1))
def test_a_tile_sized_window_has_the_tile_s_bounds(x: int, y: int) -> None:
    window = Window(17, x * 256, y * 256, 256)
    assert window.bounds == pytest.approx(mercantile.xy_bounds(x, y, 17), abs=1e-6)
    assert list(window.tiles()) == [(x, y)]


@given(windows)
def test_tiles_cover_every_corner_and_no_more(window: Window) -> None:
    tiles = set(window.tiles())
    last_x, last_y = window.x + window.size - 1, window.y + window.size - 1
    corners = {(x // 256, y // 256) for x in (window.x, last_x) for y in (window.y, last_y)}
    assert corners <= tiles
    assert len(tiles) == len({x for x, _ in tiles}) * len({y for _, y in tiles})
    assert {x for x, _ in corners} >= {min(x for x, _ in tiles), max(x for x, _ in tiles)}


@given(windows, st.integers(-900, 900), st.integers(-900, 900))
def test_overlap_is_shared_pixels(window: Window, dx: int, dy: int) -> None:
    other = window._replace(x=window.x + dx, y=window.y + dy)
    shares = abs(dx) < window.size and abs(dy) < window.size
    assert window.overlaps(other) is other.overlaps(window) is shares


def test_gsd_shrinks_with_latitude() -> None:
    tile = mercantile.tile(4.9, 60.0, 17)
    window = Window(17, tile.x * 256, tile.y * 256, 256)
    assert window.gsd == pytest.approx(ground_resolution(17) * math.cos(math.radians(60)), rel=1e-3)
    assert window.transform[1] == -window.transform[5] == ground_resolution(17)


def test_a_level_names_its_config() -> None:
    assert [level.config for level in Level] == ["socio_name", "socio_class", "socio_function"]
