"""check_row finds every kind of wrong row."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny import SIZE, ZOOM, encode, make_row, square_mask

from socioseg.dataset.check_row import check_row, window_of
from socioseg.sample import Level, Window

CREDITS = {("test-photo", "CC-BY-4.0", "Test Survey")}
GREY = np.full((SIZE, SIZE, 3), 90, dtype=np.uint8)
SPECK = np.zeros((SIZE, SIZE), dtype=np.uint8)
SPECK[5, 5:15] = 255
EMPTY = np.zeros((SIZE, SIZE), dtype=np.uint8)


def as_stored(row: dict[str, Any]) -> dict[str, Any]:
    """A row as Parquet gives it back."""
    return row | {"boxes": [list(box) for box in row["boxes"]]}


def at(x: int, y: int = 12_000_000) -> dict[str, Any]:
    window = Window(ZOOM, x, y, SIZE)
    return {"transform": window.transform, "gsd": window.gsd}


def moved(column: int, value: float) -> tuple[float, ...]:
    transform = list(at(9_002_000)["transform"])
    transform[column] = value
    return tuple(transform)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"id": "zoo_1"}, "id is not class_"),
        ({"id": "class_a/b"}, "id is not class_"),
        ({"id": "name_12"}, "id is not class_"),
        ({"level": "class "}, "level is 'class '"),
        ({"problem": ""}, "problem is empty"),
        ({"problem": "park"}, "problem is 'park' but socio_class is 'zoo'"),
        ({"socio_function": ""}, "socio_function is empty"),
        ({"socio_name": "City Zoo"}, "must be empty at level class"),
        ({"region": " "}, "region is empty"),
        ({"map_style": ""}, "map_style is empty"),
        ({"image_license": ""}, "image_license is empty"),
        ({"image_attribution": ""}, "image_attribution is empty"),
        ({"image_source": ""}, "image_source is empty"),
        ({"image_license": "MIT"}, "not among those of report.json"),
        ({"osm_ids": ["123"]}, "osm_ids holds '123'"),
        ({"osm_ids": []}, "osm_ids is empty where the mask is not"),
        ({"map_image": encode(GREY, "JPEG")}, "map_image is a JPEG file"),
        ({"map_image": encode(GREY[:, :, 0])}, "map_image has mode L"),
        ({"mask_label": encode(GREY)}, "mask_label has mode RGB"),
        ({"mask_label": encode(square_mask() // 255)}, "values other than 0 and 255"),
        ({"mask_label": b"no image"}, "mask_label is not a sound image"),
        ({"sat_image": encode(GREY)[:80]}, "sat_image is not a sound image"),
        ({"sat_image": encode(GREY[:60, :60])}, "images differ in size"),
        ({"mask_label": encode(square_mask()[:, :60])}, "not square: 60 x 64"),
        ({"mask_label": encode(SPECK)}, "not empty but has no instance"),
        ({"mask_label": encode(EMPTY)}, "boxes are [[4, 8, 30, 28]]; the mask gives []"),
        ({"boxes": [(4, 8, 29, 28)]}, "boxes are [[4, 8, 29, 28]]; the mask gives"),
        ({"instances": 2}, "instances is 2; the mask holds 1"),
        ({"crs": "EPSG:4326"}, "crs is 'EPSG:4326'; it must be EPSG:3857"),
        ({"zoom": -1}, "zoom is -1"),
        ({"zoom": 99}, "zoom is 99"),
        ({"zoom": ZOOM + 1}, "transform does not lie on the pixel grid of zoom 18"),
        ({"transform": moved(0, 100.3)}, "does not lie on the pixel grid"),
        ({"transform": moved(2, 0.5)}, "does not lie on the pixel grid"),
        ({"transform": moved(5, 1.19)}, "does not lie on the pixel grid"),
        ({"transform": moved(3, math.nan)}, "holds what is not a number"),
        ({"transform": moved(0, math.inf)}, "holds what is not a number"),
        (at(-70), "lies outside the world"),
        (at(0, 256 * 2**ZOOM), "lies outside the world"),
        ({"gsd": 1.19}, "gsd is 1.19; the window's is"),
    ],
)
def test_wrong_rows_are_found(changes: dict[str, Any], what: str) -> None:
    row = as_stored(make_row(Level.CLASS, "test") | changes)
    assert what in "; ".join(check_row(row, Level.CLASS, CREDITS))


@pytest.mark.parametrize("level", Level)
def test_sound_rows_have_no_fault(level: Level) -> None:
    assert list(check_row(as_stored(make_row(level, "train")), level, CREDITS)) == []


def test_negative_rows_have_no_fault() -> None:
    row = make_row(Level.CLASS, "train", mask=EMPTY)
    assert list(check_row(row, Level.CLASS, CREDITS)) == []


@pytest.mark.parametrize("changes", [{"gsd": None}, {"boxes": [[1, None, 2, 3]]}])
def test_nulls_are_found(changes: dict[str, Any]) -> None:
    row = make_row(Level.CLASS, "train") | changes
    assert list(check_row(row, Level.CLASS, CREDITS)) == [f"null in {next(iter(changes))}"]


windows = st.integers(0, 24).flatmap(
    lambda zoom: st.tuples(
        st.just(zoom), st.integers(0, 256 << zoom), st.integers(0, 256 << zoom), st.just(768)
    )
)


@given(windows)
def test_windows_come_back_from_transforms(numbers: tuple[int, int, int, int]) -> None:
    window = Window(*numbers)
    row = {"zoom": window.zoom, "transform": list(window.transform)}
    assert window_of(row, window.size) == window
