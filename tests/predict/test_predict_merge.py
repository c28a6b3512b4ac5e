"""Windows that overlap become one mask, and say what they agree on."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from affine import Affine
from hypothesis import given
from hypothesis import strategies as st
from reds import found_in, picture, place_of, save

from socioseg.errors import UsageError
from socioseg.predict.grid import Grid, Square, lay_squares, square_around, weights
from socioseg.predict.merge import Finding, merged_strips

if TYPE_CHECKING:
    from pathlib import Path

SIDES = st.integers(1, 900)


def plain(width: int, height: int) -> Grid:
    return Grid(None, Affine.identity(), width, height)


@given(SIDES, SIDES, st.integers(20, 300), st.floats(0, 0.75))
def test_squares_show_every_pixel_and_overlap(
    width: int, height: int, size: int, overlap: float
) -> None:
    squares = lay_squares(plain(width, height), size, overlap)
    seen = np.zeros((height, width), np.bool_)
    for column, row, side in squares:
        assert side == size
        assert column + size <= width or width < size
        seen[max(0, row) : row + side, max(0, column) : column + side] = True
    assert seen.all()
    assert len(set(squares)) == len(squares)
    starts = sorted({square.column for square in squares})
    assert all(b - a <= size * (1 - overlap) for a, b in pairwise(starts))


@given(SIDES, SIDES, st.integers(1, 300), st.floats(0, 1), st.floats(0, 1))
def test_the_square_around_a_point_shows_it(
    width: int, height: int, size: int, x: float, y: float
) -> None:
    x, y = x * (width - 1), y * (height - 1)
    column, row, side = square_around(plain(width, height), x, y, size)
    assert column <= x <= column + side
    assert row <= y <= row + side
    assert 0 <= column <= width - size or width < size


@given(st.integers(1, 900))
def test_weights_grow_towards_the_middle(size: int) -> None:
    found = weights(size)
    assert found.min() == found[0, 0] == 1
    assert found.max() == found[size // 2, size // 2] <= 66
    assert np.array_equal(found, found.T)
    assert np.array_equal(found, found[::-1])


@given(st.integers(20, 120), st.integers(20, 700), st.integers(10, 90), st.integers(0, 10**6))
def test_merging_is_the_weighted_majority(width: int, height: int, size: int, seed: int) -> None:
    dice, grid = np.random.default_rng(seed), plain(width, height)
    yes, all_ = np.zeros((2, height + 2 * size, width + 2 * size))
    findings = []
    for square in lay_squares(grid, size, 0.3):
        mask = dice.random((size, size)) < dice.random()
        findings.append(Finding.of(square, mask))
        place = np.s_[
            square.row + size : square.row + 2 * size,
            square.column + size : square.column + 2 * size,
        ]
        all_[place] += weights(size)
        yes[place] += weights(size) * mask
    expected = ((yes > 0) & (yes >= all_ / 2))[size:-size, size:-size]
    found = np.zeros((height, width), np.bool_)
    for top, strip in merged_strips(grid, findings):
        found[top : top + len(strip)] = strip
    assert np.array_equal(found, expected)


def test_who_fails_has_no_say() -> None:
    grid = plain(10, 10)
    whole = Finding.of(Square(0, 0, 10), np.ones((10, 10), np.bool_))
    assert next(merged_strips(grid, [whole]))[1].all()
    none = Finding.of(Square(0, 0, 10), np.zeros((10, 10), np.bool_))
    assert not list(merged_strips(grid, [none]))
    assert not list(merged_strips(grid, [whole, none, none]))


def rows_of(path: Path) -> list[dict[str, object]]:
    return [feature["properties"] for feature in json.loads(path.read_bytes())["features"]]


def test_what_a_border_cuts_is_one_polygon(tmp_path: Path) -> None:
    """A model that sees no cut object is heard in the window that shows the whole one."""
    blocks = [(50, 50, 90, 90), (150, 10, 170, 40)]
    sat = save(tmp_path / "s.tif", picture(240, 160, *blocks), "EPSG:32645", place_of("EPSG:32645"))
    for model, agreement in (("reds:Red", 1), ("reds:BlindAtBorders", 0.9)):
        out = tmp_path / "f.geojson"
        result = found_in(sat, out, model=model, window=96, overlap=0.6)
        assert result["polygons"] == len(rows_of(out)) == 2
        assert 1500 < max(row["pixels"] for row in rows_of(out)) <= 1600
        assert (max(row["pixels"] for row in rows_of(out)) == 1600) == (model == "reds:Red")
        assert min(row["agreement"] for row in rows_of(out)) <= agreement
        assert {row["confidence"] for row in rows_of(out)} == {0.75}
        assert all(len(str(row["windows"]).split()) > 1 for row in rows_of(out))


@pytest.mark.parametrize("wish", [{"overlap": 0.8}, {"overlap": -0.1}, {"window": 0}])
def test_windows_that_cannot_be(tmp_path: Path, wish: dict[str, float]) -> None:
    sat = save(tmp_path / "s.tif", picture(50, 50), "EPSG:32645", place_of("EPSG:32645"))
    with pytest.raises(UsageError, match=r"--(overlap|window)"):
        found_in(sat, tmp_path / "f.geojson", **wish)
