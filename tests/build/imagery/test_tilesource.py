from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import mercantile
import pytest
from hypothesis import given
from hypothesis import strategies as st

from socioseg.build.imagery.source import ImagerySource
from socioseg.build.imagery.tilesource import TileSource, check_zoom
from socioseg.errors import ImageryError

RIGHTS = ImagerySource("test", "CC0-1.0", "", "nobody", "yes")
URL = "https://tiles.example.org/{z}/{x}/{y}.jpg"


@given(st.integers(1, 22).flatmap(lambda z: st.tuples(st.just(z), *[st.integers(0, 2**z - 1)] * 2)))
def test_rows_from_the_south_mirror_rows_from_the_north(tile: tuple[int, int, int]) -> None:
    z, x, y = tile
    south = TileSource("http://h/{z}/{x}/{-y}", RIGHTS).tile_url(tile, {})
    assert south == replace(TileSource(URL, RIGHTS), url="http://h/{zoom}/{x}/{y}").tile_url(
        (z, x, 2**z - 1 - y), {}
    )
    assert south == TileSource("http://h/{z}/{x}/{y}", RIGHTS, scheme="tms").tile_url(tile, {})
    north = mercantile.bounds(x, y, z).north
    assert mercantile.bounds(x, 2**z - 1 - y, z).south == pytest.approx(-north)


def test_sources_that_serve_other_tiles_have_other_cache_keys() -> None:
    source = TileSource(URL, RIGHTS)
    others = [replace(source, scheme="tms"), replace(source, url=URL + "?v=2")]
    assert len({s.cache_key for s in [source, *others]}) == 3
    assert replace(source, rate=1.0).cache_key == source.cache_key


@pytest.mark.parametrize(
    ("size", "zooms", "zoom", "expected"),
    [
        (256, (0, 20), 17, (17, 1)),
        (512, (0, 20), 17, (16, 1)),
        (1024, (0, 20), 17, (15, 1)),
        (512, (19, 19), 19, (19, 2)),
        (512, (19, 19), 20, (19, 1)),
        (256, (19, 19), 17, (19, 4)),
    ],
)
def test_tiles_of_the_window_s_own_resolution_come_first(
    size: int, zooms: tuple[int, int], zoom: int, expected: tuple[int, int]
) -> None:
    source = TileSource(URL, RIGHTS, *zooms, tile_size=size)
    assert check_zoom(source, zoom) == expected


@given(
    st.sampled_from([256, 512, 1024]), st.integers(0, 22), st.integers(0, 22), st.integers(8, 22)
)
def test_a_zoom_suits_exactly_when_the_message_says_so(
    size: int, low: int, high: int, zoom: int
) -> None:
    source = TileSource(URL, RIGHTS, min(low, high), max(low, high), tile_size=size)
    finer = {256: 0, 512: 1, 1024: 2}[size]
    suits = max(min(low, high) + finer - 2, 0) <= zoom <= max(low, high) + finer
    refused = nullcontext() if suits else pytest.raises(ImageryError, match=f"not {zoom}:")
    with refused:
        z, reduction = check_zoom(source, zoom)
        assert min(low, high) <= z <= max(low, high)
        assert size * 2**z == 256 * 2**zoom * reduction
