"""Runs of arrays and of COCO's codes, against numpy and pycocotools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from maskpairs import masks, pairs
from pycocotools import mask as coco

from socioseg.errors import UsageError
from socioseg.metrics.runs import Runs, decode, overlaps, runs_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]


def code(mask: Mask) -> Any:  # noqa: ANN401 - pycocotools' own type is private
    return coco.encode(np.asfortranarray(mask, dtype=np.uint8))


def painted(runs: Runs) -> Mask:
    height, width = runs.shape
    flat = np.zeros(width * runs.line, dtype=bool)
    for start, stop in zip(runs.start, runs.stop, strict=True):
        flat[start:stop] = True
    return flat.reshape(width, runs.line)[:, :height].T


@given(masks)
def test_runs_paint_the_mask_they_come_from(mask: Mask) -> None:
    assert np.array_equal(painted(runs_of(mask)), mask)


@given(masks)
def test_runs_of_a_code_are_runs_of_its_mask(mask: Mask) -> None:
    from_code, from_array = runs_of(code(mask)), runs_of(mask)
    assert from_code.start.tolist() == from_array.start.tolist()
    assert from_code.stop.tolist() == from_array.stop.tolist()


@given(masks)
def test_a_code_is_decoded_as_pycocotools_does(mask: Mask) -> None:
    assert np.array_equal(decode(code(mask)), mask)


def test_a_code_may_be_text_or_numbers() -> None:
    mask = np.zeros((6, 5), dtype=bool)
    mask[2:5, 1:3] = True
    text = code(mask)
    text["counts"] = text["counts"].decode()
    assert np.array_equal(decode(text), mask)
    assert np.array_equal(decode({"size": (6, 5), "counts": [8, 3, 3, 3, 13]}), mask)


@given(masks)
def test_area_and_box_are_pycocotools(mask: Mask) -> None:
    runs, rle = runs_of(mask), code(mask)
    x, y, width, height = coco.toBbox(rle).astype(int).tolist()
    assert runs.area == coco.area(rle)
    assert runs.box == ((x, y, x + width, y + height) if mask.any() else (0, 0, 0, 0))


@given(pairs)
def test_overlaps_hold_the_pixels_of_both(pair: tuple[Mask, Mask]) -> None:
    shared = overlaps(*map(runs_of, pair))
    assert shared.pixels.sum() == np.count_nonzero(pair[0] & pair[1])
    assert (shared.pixels > 0).all()


@pytest.mark.parametrize("counts", [b"", b"41", b"P", "0" * 9, [3, 4], [20, -1, 1], []])
def test_a_damaged_code_is_refused(counts: bytes | str | list[int]) -> None:
    with pytest.raises(UsageError, match="in place of 4 x 5"):
        runs_of({"size": [4, 5], "counts": counts})


@pytest.mark.parametrize("mask", [np.zeros((4, 5)), np.zeros((4, 5, 1), dtype=bool)])
def test_an_array_of_another_kind_is_refused(mask: Mask) -> None:
    with pytest.raises(UsageError, match=r"pass a boolean array of shape \(H, W\)"):
        runs_of(mask)
